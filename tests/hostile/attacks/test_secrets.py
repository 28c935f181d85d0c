"""Secrets in the user's files: none may be in what an endpoint receives, and none may be lost.

Each test puts keys where they are found in real projects, does what a user does, and looks at every
byte that the endpoint got: no 8 code points of a secret may be among them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.hostile.attacks.conftest import StartEditor
from tests.support import replies
from tests.support.answers import Answer
from tests.support.clients import NEOVIM
from tests.support.fake_mistral import FakeMistral, Received
from tests.support.secrets_samples import Drawn, samples
from tests.support.workbench import EVERYTHING, Workbench

D = Drawn(11)
LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
TOKEN = "gh" + "p_" + D.of(LETTERS, 36)
PASSWORD = D.of("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 16)
ROWS = [
    D.of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 64) for _ in range(5)
]
KEY_FILE = "\n".join(
    ["-----BEGIN OPENSSH PRIVATE KEY-----", *ROWS, "-----END OPENSSH PRIVATE KEY-----", ""]
)
IN_CODE = [
    each
    for number, each in enumerate(samples(23))
    if number % 9 == 0 and each.form in ("python", "java", "yaml", "json", "dockerfile", "block")
]
LANGUAGES = {"java": "java", "yaml": "yaml", "json": "json", "dockerfile": "dockerfile"}


def received(fake: FakeMistral) -> str:
    """All that came in, bodies and headers, but for the key of the endpoint itself."""
    headers = [
        [value for name, value in each.headers.items() if name.lower() != "authorization"]
        for each in fake.received
    ]
    bodies = [each.body for each in fake.received]
    return json.dumps([bodies, headers], ensure_ascii=False)


def assert_kept_back(fake: FakeMistral, *secrets: str) -> None:
    """Something was asked, and no 8 code points of any secret were in it."""
    sent = received(fake)
    for secret in secrets:
        body = secret.partition("_")[2] or secret
        pieces = {body[at : at + 8] for at in range(len(body) - 7)}
        assert not [piece for piece in pieces if piece in sent], "a piece of a secret was sent"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    return folder


async def test_a_secret_above_and_below_the_cursor(
    start: StartEditor, mistral: FakeMistral
) -> None:
    """Documents of several languages hold secrets of all kinds on both sides of the cursor."""
    editor = await start(NEOVIM)
    for number, sample in enumerate(IN_CODE):
        marked = f"{sample.text}\nvalue = │\n\n{sample.text}"
        language = LANGUAGES.get(sample.form, "python")
        place = editor.open(marked, f"untitled:{number}", language)
        await editor.inline(place, types_invoked())
    assert len({each.kind for each in IN_CODE}) > 12
    assert len(mistral.completions) >= len(IN_CODE)
    sent = received(mistral)
    assert [each.kind for each in IN_CODE if any(piece in sent for piece in each.pieces)] == []


def types_invoked() -> Any:
    return types.InlineCompletionTriggerKind.Invoked


async def test_a_cursor_within_a_secret(start: StartEditor, mistral: FakeMistral) -> None:
    """The cursor cuts the secret, so that neither half looks like one."""
    editor = await start(NEOVIM)
    half = len(TOKEN) // 2
    place = editor.open(f'token = "{TOKEN[:half]}│{TOKEN[half:]}"\nprint(token)\n')
    await editor.inline(place, types_invoked())
    assert mistral.completions
    assert_kept_back(mistral, TOKEN)


async def test_a_secret_in_a_file_that_is_imported_and_in_one_that_is_open(
    start: StartEditor, mistral: FakeMistral, clone: Path
) -> None:
    """Other files are context: a default value, a similar piece of code, a recent edit."""
    (clone / "store.py").write_text(
        f'def connect_store(host, password="{PASSWORD}"):\n    return open_store(host, password)\n'
    )
    file = clone / "app.py"
    editor = await start(NEOVIM, root_uri=clone.as_uri())
    other = f'def connect_other(host):\n    token = "{TOKEN}"\n    return connect_store(host)\n│'
    editor.open(other, (clone / "other.py").as_uri())
    place = editor.open(
        "from store import connect_store\n\n\ndef connect_app(host):\n    │\n", file.as_uri()
    )
    await editor.inline(place, types_invoked())
    assert "connect_store" in received(mistral)
    assert_kept_back(mistral, TOKEN, PASSWORD)


async def test_a_commit_message_about_a_secret(
    start: StartEditor, mistral: FakeMistral, clone: Path
) -> None:
    """The staged diff adds one secret and takes another away."""
    git = shutil.which("git")
    assert git is not None

    def run(*arguments: str) -> None:
        command = [git, "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
        subprocess.run(command, cwd=clone, check=True, capture_output=True)

    run("init", "-q")
    file = clone / "config.py"
    file.write_text(f'PASSWORD = "{PASSWORD}"\n')
    run("add", ".")
    run("commit", "-qm", "first")
    file.write_text(f'TOKEN = "{TOKEN}"\nKEY = """\n{KEY_FILE}"""\n')
    run("add", ".")
    message = clone / ".git" / "COMMIT_EDITMSG"
    editor = await start(NEOVIM, root_uri=clone.as_uri())
    await editor.inline(editor.open("│\n", message.as_uri(), "git-commit"), types_invoked())
    assert mistral.completions
    assert_kept_back(mistral, TOKEN, PASSWORD, *ROWS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deploy_key", KEY_FILE),
        ("backup", KEY_FILE),
        ("notes.txt", f"machine api.example.org\n  login app\n  password {PASSWORD}\n"),
        (".vault-token", f"{TOKEN}\n"),
        ("token_of_ci", f"{TOKEN}\n"),
        ("auth.json", json.dumps({"http-basic": {"x": {"password": PASSWORD}}})),
        ("settings.local", f"DEBUG=1\nDB_PASSWORD={PASSWORD}\n"),
        (".bash_history", f"mysql -u root -p{PASSWORD}\n"),
        ("serviceAccountKey.json", json.dumps({"private_key": KEY_FILE})),
        (".docker/config.json", json.dumps({"auths": {"x": {"auth": PASSWORD}}})),
        ("profile", f"[default]\naws_access_key_id = x\naws_secret_access_key = {PASSWORD}\n"),
        ("customers/list.py", f'NAMES = ["{PASSWORD}"]\n'),
    ],
)
async def test_a_file_that_is_private_as_a_whole(
    start: StartEditor, mistral: FakeMistral, clone: Path, name: str, text: str
) -> None:
    """Opened, typed in, and open beside the file that is typed in: nothing of it leaves."""
    file = clone / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    editor = await start(
        NEOVIM, root_uri=clone.as_uri(), DEVSTRAL_PRIVACY_EXCLUDE="customers/,*.private"
    )
    private = editor.open(f"{text}│", file.as_uri(), "plaintext")
    assert await editor.inline(private, types_invoked()) == []
    assert mistral.completions == []
    place = editor.open("def add(a, b):\n    │", (clone / "app.py").as_uri())
    assert await editor.inline(place, types_invoked())
    assert_kept_back(mistral, PASSWORD, TOKEN, *ROWS)


async def test_a_task_that_is_led_to_every_file(start: StartEditor, clone: Path) -> None:
    """The model asks for keys by name, by search and by listing; what it may read is redacted, and
    an edit that repeats a placeholder writes the user's own secret."""
    (clone / "id_of_server").write_text(KEY_FILE)
    (clone / "config.py").write_text(f'HOST = "a"\nPASSWORD = "{PASSWORD}"\n')
    asked: list[Received] = []

    def script(request: Received) -> Answer:
        asked.append(request)
        told = [each for each in request.body["messages"] if each["role"] == "tool"]
        steps: list[Callable[[], Answer]] = [
            lambda: replies.call("read_file", path="id_of_server"),
            lambda: replies.call("read_file", path="config.py"),
            lambda: replies.call("search_files", pattern="PASSWORD"),
            lambda: replies.call("edit_file", path="config.py", old=_line(told), new=_new(told)),
            lambda: Answer(text=("Done.",)),
        ]
        return steps[len(told)]()

    async with FakeMistral(script, key=None) as fake:
        options = {"chat": {"base_url": fake.url, "model": "devstral-2512"}}
        editor = await start(EVERYTHING, root_uri=clone.as_uri(), initialization_options=options)
        bench = Workbench(editor)
        bench.open("x = 1\n│", (clone / "a.py").as_uri())
        await bench.command("devstral.task", {"instruction": f"Use {TOKEN} as the token."})
        await editor.until(lambda: bench.edits)
        assert_kept_back(fake, PASSWORD, TOKEN, *ROWS)
        (sent,) = bench.edits
        texts = json.dumps([str(each) for each in sent.edit.document_changes or ()])
    assert "LOGIN" in texts
    assert "PASSWORD" not in texts or PASSWORD in texts
    bench.end()


def _line(told: list[Any]) -> str:
    """The line of the password as the model was shown it."""
    shown = told[1]["content"]
    at = shown.index("PASSWORD")
    return shown[at : shown.index("\n", at) if "\n" in shown[at:] else len(shown)]


def _new(told: list[Any]) -> str:
    return f"{_line(told)}\nLOGIN = {_line(told).partition(' = ')[2]}"


async def test_a_refactor_keeps_the_secret_of_the_code(
    start: StartEditor, mistral: FakeMistral
) -> None:
    """A model gives the code back with what it was shown: the document keeps the real secret."""
    code = (
        f'def connect(host):\n    password = "{PASSWORD}"\n'
        "    result = open(host, password)│\n    return result\n"
    )

    def script(request: Received) -> Answer:
        shown = json.dumps(request.body["messages"], ensure_ascii=False)
        at = shown.index('password = \\"') + len('password = \\"')
        placeholder = shown[at : shown.index('\\"', at)]
        return replies.code(
            f'def connect(host):\n    password = "{placeholder}"\n'
            "    opened = open(host, password)\n    return opened\n"
        )

    async with FakeMistral(script, key=None) as fake:
        options = {"chat": {"base_url": fake.url, "model": "devstral-2512"}}
        editor = await start(EVERYTHING, initialization_options=options)
        bench = Workbench(editor)
        place = bench.open(code, "untitled:a")
        await bench.take(await bench.action(place, "Simplify `connect`"))
        assert_kept_back(fake, PASSWORD)
    changed = bench.texts["untitled:a"]
    assert f'password = "{PASSWORD}"' in changed
    assert "result" not in changed
    bench.end()


async def test_a_completion_that_repeats_the_documents_own_secret(
    start: StartEditor, mistral: FakeMistral
) -> None:
    """In pieces of three characters: the placeholder is cut by them, and the secret comes back."""

    def script(request: Received) -> Answer:
        prompt = request.body["prompt"]
        at = prompt.index("gh" + "p_")
        shown = f'log("{prompt[at : at + len(TOKEN)]}")'
        return Answer(text=tuple(shown[i : i + 3] for i in range(0, len(shown), 3)))

    async with FakeMistral(script, strict=False) as fake:
        editor = await start(NEOVIM, DEVSTRAL_FIM_BASE_URL=fake.url)
        items = await editor.inline(
            editor.open(f'token = "{TOKEN}"\n\n\ndef run():\n    │\n'), types_invoked()
        )
        assert_kept_back(fake, TOKEN)
    assert [TOKEN in str(each.insert_text) for each in items] == [True]


async def test_a_completion_that_repeats_a_secret_of_another_file(
    start: StartEditor, clone: Path
) -> None:
    """What stands for a secret of another file is neither shown nor put back."""

    def script(request: Received) -> Answer:
        prompt = request.body["prompt"]
        at = prompt.find("gh" + "p_")
        shown = prompt[at : at + len(TOKEN)] if at >= 0 else "nothing"
        return Answer(text=(f'run_now("{shown}")\n    return 1',))

    async with FakeMistral(script, strict=False) as fake:
        editor = await start(NEOVIM, root_uri=clone.as_uri(), DEVSTRAL_FIM_BASE_URL=fake.url)
        other = f'def run_jobs(queue):\n    token = "{TOKEN}"\n    return run_now(queue, token)\n│'
        editor.open(other, (clone / "other.py").as_uri())
        place = editor.open("def run_jobs2(queue):\n    │\n", (clone / "app.py").as_uri())
        items = await editor.inline(place, types_invoked())
        assert_kept_back(fake, TOKEN)
    assert not [each for each in items if "gh" + "p_" in str(each.insert_text)]


@pytest.mark.parametrize(
    "settings",
    ["[privacy]\nredact_secrets = false\n", "[privacy]\nexclude = []\n"],
)
async def test_a_project_that_switches_redaction_off(
    start: StartEditor, mistral: FakeMistral, clone: Path, settings: str
) -> None:
    """Its own settings file may narrow what is sent, and never widened it."""
    (clone / ".devstral.toml").write_text(settings)
    (clone / "customers").mkdir()
    editor = await start(NEOVIM, root_uri=clone.as_uri(), DEVSTRAL_PRIVACY_EXCLUDE="customers/")
    excluded = editor.open("x = │", (clone / "customers" / "a.py").as_uri())
    assert await editor.inline(excluded, types_invoked()) == []
    place = editor.open(f'token = "{TOKEN}"\nx = │\n', (clone / "a.py").as_uri())
    await editor.inline(place, types_invoked())
    assert mistral.completions
    assert_kept_back(mistral, TOKEN)


async def test_an_editors_workspace_settings_that_switch_it_off(
    start: StartEditor, mistral: FakeMistral
) -> None:
    """They reach the server through the editor, unmarked."""
    options = {"privacy": {"redact_secrets": False}}
    editor = await start(NEOVIM, initialization_options=options)
    await editor.inline(editor.open(f'token = "{TOKEN}"\nx = │\n'), types_invoked())
    assert mistral.completions
    assert_kept_back(mistral, TOKEN)


async def test_local_does_not_show_a_secret_of_another_file(
    start: StartEditor, clone: Path
) -> None:
    """Without a network, completions come from the workspace, but no keys do."""
    line = f'    password = "{PASSWORD}"\n'
    (clone / "one.py").write_text(f"def connect_one(host):\n{line}    return host\n" * 3)
    editor = await start(
        NEOVIM, root_uri=clone.as_uri(), DEVSTRAL_FIM_PROVIDER="local", DEVSTRAL_FIM_BASE_URL=""
    )
    place = editor.open("def connect_two(host):\n    pass│", (clone / "two.py").as_uri())
    items = await editor.inline(place, types_invoked())
    assert not [each for each in items if PASSWORD[:8] in str(each.insert_text)]
