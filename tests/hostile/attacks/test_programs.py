"""Programs that the user's key command is not, or that do what a key command should not.

The command is the user's own, from the user file; what a cloned folder, or the program itself, may
do with it is bounded. The same runner asks the keyring.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.hostile.attacks.conftest import StartEditor
from tests.hostile.attacks.hostile_git import Trap
from tests.support.clients import NEOVIM
from tests.support.editor import Editor
from tests.support.fake_mistral import KEY, FakeMistral

CODE = "def add(a, b):\n    │"
PATIENCE_S = 30.0
OTHERS = {
    "OPENAI_API_KEY": "sk-openai-0123456789", "CODESTRAL_API_KEY": "codestral-0123456789",
    "ANTHROPIC_API_KEY": "sk-ant-0123456789", "GITHUB_TOKEN": "ghp_0123456789abcdef",
    "HF_TOKEN": "hf_0123456789abcdef", "AWS_SECRET_ACCESS_KEY": "aws/0123456789abcdef",
    "MY_OWN_VARIABLE": "named-by-a-setting-01", "COPY": "sk-openai-0123456789",
    "GIT_SSH_COMMAND": "git-ssh-command", "BASH_ENV": "/nowhere", "LD_AUDIT": "",
}  # fmt: skip

Begin = Callable[..., Awaitable[Editor]]


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that is open, in which an editor starts the server."""
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "app.py").write_text("def add(a, b):\n    return a + b\n")
    monkeypatch.chdir(folder)
    return folder


def name(environ: dict[str, str], *command: str) -> None:
    """Write the command into the user file."""
    lines = ("[fim]", f"api_key_command = {json.dumps(command)}", 'provider = "mistral"', "")
    Path(environ["DEVSTRAL_CONFIG"]).write_text("\n".join(lines))


@pytest.fixture
def begin(start: StartEditor, environ: dict[str, str], clone: Path) -> Begin:
    """Starts an editor whose user has this key command, and no key in a variable."""

    async def with_command(*command: str, **variables: str) -> Editor:
        name(environ, *command)
        return await start(NEOVIM, root_uri=clone.as_uri(), MISTRAL_API_KEY="", **variables)

    return with_command


@pytest.fixture
def complete(clone: Path, mistral: FakeMistral) -> Callable[[Editor], Awaitable[None]]:
    """The promise: typing goes on, by the endpoint, once the key has been found."""

    async def one(editor: Editor) -> None:
        place = editor.open(CODE, uri=(clone / "app.py").as_uri())
        async with asyncio.timeout(PATIENCE_S):
            while not mistral.completions:
                await editor.inline(place)
                place = editor.type(place, "x")

    return one


async def type_without_key(editor: Editor, clone: Path) -> None:
    """Typing goes on while the key is looked for, and without one."""
    place = editor.open(CODE, uri=(clone / "app.py").as_uri())
    async with asyncio.timeout(5):
        await editor.inline(place)


def script(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return path


def gives_key(path: Path, *before: str) -> Path:
    return script(path, *before, f"echo {KEY}")


def has_ended(pid: Path) -> bool:
    try:
        stat = Path(f"/proc/{pid.read_text().strip()}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


async def until_ended(pid: Path) -> None:
    await asyncio.to_thread(_wait_until, lambda: has_ended(pid))


def _wait_until(holds: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not holds() and time.monotonic() < deadline_s:
        time.sleep(0.05)  # a process that is not our child tells nobody
    assert holds()


@pytest.mark.parametrize(
    "entry",
    ["", ".", "bin", "./bin", "{clone}", "{clone}/bin", "{clone}/node_modules/.bin", "{link}"],
)
async def test_a_program_of_the_folder_with_the_name_of_a_password_manager(
    begin: Begin, clone: Path, tmp_path: Path, trap: Trap, mistral: FakeMistral, entry: str,
    complete: Callable[[Editor], Awaitable[None]],
) -> None:  # fmt: skip
    """`pass`, `sh` and `git` lie in the clone, and the PATH leads there first."""
    for folder in (clone, clone / "bin", clone / "node_modules/.bin"):
        for name in ("pass", "git", "sh", "python3"):
            script(folder / name, str(trap.path), "echo of-the-attacker-0123")
    (tmp_path / "link").symlink_to(clone / "bin")
    own = gives_key(tmp_path / "own/pass").parent
    first = entry.format(clone=clone, link=tmp_path / "link")
    editor = await begin("pass", "mistral", PATH=f"{first}:{own}:/usr/bin:/bin")
    await complete(editor)
    assert not trap.is_sprung()
    assert mistral.completions[0].headers["authorization"] == f"Bearer {KEY}"


async def test_what_the_command_itself_looks_for_is_not_found_in_the_folder(
    begin: Begin, clone: Path, tmp_path: Path, trap: Trap,
    complete: Callable[[Editor], Awaitable[None]],
) -> None:  # fmt: skip
    """The user's script runs `gpg` by its name."""
    script(clone / "gpg", str(trap.path))
    command = gives_key(
        tmp_path / "own/key", "gpg --version > /dev/null 2>&1", "./gpg 2> /dev/null"
    )
    editor = await begin(str(command), PATH=f".:{clone}:/usr/bin:/bin")
    await complete(editor)
    assert not trap.is_sprung()


RUN_BY_LIBRARIES = (
    *(
        "uname",
        "ldconfig",
        "gcc",
        "cc",
        "ld",
        "objdump",
        "lsb_release",
        "sw_vers",
        "file",
        "locale",
    ),
    *(
        "stty",
        "tput",
        "tty",
        "which",
        "xdg-open",
        "git",
        "python",
        "python3",
        "node",
        "ssh",
        "pass",
    ),
)
"""Programs that Python's own modules, or others, start by their bare name."""


@pytest.mark.parametrize("command", ["doctor", "doctor --json", "init neovim", "refactor app.py:1"])
async def test_no_program_of_the_folder_runs_for_a_command(
    clone: Path, environ: dict[str, str], trap: Trap, command: str
) -> None:
    for each in RUN_BY_LIBRARIES:
        (clone / each).symlink_to(trap.path)
    searched = f"{clone}:.:{environ.get('PATH', os.defpath)}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "devstral_lsp", *command.split(), *_listing(command)),
        cwd=clone, env={**environ, "PATH": searched}, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate()
    assert out, err
    assert not trap.is_sprung()


def _listing(command: str) -> list[str]:
    return ["--list"] if command.startswith("refactor") else []


async def test_no_program_of_the_folder_runs_while_typing(
    *, start: StartEditor, clone: Path, complete: Callable[..., Awaitable[None]], trap: Trap
) -> None:
    for each in RUN_BY_LIBRARIES:
        (clone / each).symlink_to(trap.path)
    searched = f"{clone}:.:{os.environ['PATH']}"
    await complete(await start(NEOVIM, root_uri=clone.as_uri(), PATH=searched))
    assert not trap.is_sprung()


@pytest.mark.parametrize("name", ["./key", "tools/key", "../clone/key"])
async def test_a_command_by_a_relative_path_is_refused(
    begin: Begin, clone: Path, trap: Trap, name: str
) -> None:
    """The user meant the file in one folder; it is taken from whichever is open."""
    for path in (clone / "key", clone / "tools/key"):
        script(path, str(trap.path), "echo of-the-attacker-0123")
    editor = await begin(name)
    await type_without_key(editor, clone)
    await editor.until(lambda: editor.shown_about("absolute path"))
    assert not trap.is_sprung()


async def test_a_relative_argument_is_no_file_of_the_folder(
    begin: Begin, clone: Path, mistral: FakeMistral
) -> None:
    """`cat key.txt`: the folder's file would be the key, and its owner would see what is asked."""
    (clone / "key.txt").write_text("of-the-attacker-0123\n")
    editor = await begin("cat", "key.txt")
    await type_without_key(editor, clone)
    await editor.until(lambda: editor.shown_about("key"))
    assert "of-the-attacker" not in str([each.headers for each in mistral.received])


async def test_no_key_is_in_the_commands_environment(
    begin: Begin, environ: dict[str, str], clone: Path, tmp_path: Path,
    complete: Callable[[Editor], Awaitable[None]],
) -> None:  # fmt: skip
    """What the command, or a program that it trusts, could take along."""
    seen = tmp_path / "seen"
    command = gives_key(tmp_path / "own/key", f"env > {seen}")
    begun = await begin(
        str(command), **OTHERS, DEVSTRAL_CHAT_API_KEY_ENV="MY_OWN_VARIABLE", BW_SESSION="bw-0123"
    )
    await complete(begun)
    text = seen.read_text()
    assert "PATH=" in text
    assert "HOME=" in text
    assert "BW_SESSION=bw-0123" in text  # a password manager's own
    assert [value for value in OTHERS.values() if value and value in text] == []
    assert "DEVSTRAL_" not in text


@pytest.mark.parametrize(
    "flood",
    ["yes", "cat /dev/zero", "yes '' | head -c 300000000", "(yes & yes & yes) 2>&1"],
)
async def test_a_command_that_floods(begin: Begin, clone: Path, tmp_path: Path, flood: str) -> None:
    """Gigabytes where a key is expected."""
    pid = tmp_path / "pid"
    command = script(tmp_path / "own/key", f"echo $$ > {pid}", flood)
    editor = await begin(str(command))
    await type_without_key(editor, clone)
    await editor.until(lambda: editor.shown_about("printed more than"))
    await until_ended(pid)


@pytest.mark.parametrize(
    "leave", ["sleep 600 &", "(trap '' HUP TERM; sleep 600) &", "setsid sleep 60 &"]
)
async def test_a_command_that_leaves_a_program_behind(
    begin: Begin, tmp_path: Path, leave: str, complete: Callable[[Editor], Awaitable[None]]
) -> None:
    """It holds the pipe open, which whoever reads to the end waits for."""
    pid = tmp_path / "pid"
    editor = await begin(str(gives_key(tmp_path / "own/key", leave, f"echo $! > {pid}")))
    start = time.monotonic()
    await complete(editor)
    assert time.monotonic() - start < 20  # not the sixty of what was left behind
    if "setsid" not in leave:  # which asks for a life of its own, as a password agent does
        await until_ended(pid)


@pytest.mark.parametrize(
    "body",
    ["sleep 600", "trap '' TERM HUP INT; while :; do sleep 1; done", "exec >&-; sleep 600", "cat"],
)
async def test_a_command_that_does_not_end_ends_with_us(
    environ: dict[str, str], mistral: FakeMistral, clone: Path, tmp_path: Path, body: str
) -> None:
    """It waits for an answer, ignores signals, closes its output or reads the editor's messages."""
    pid = tmp_path / "pid"
    name(environ, str(script(tmp_path / "own/key", f"echo $$ > {pid}", body)))
    where = {**environ, "DEVSTRAL_FIM_BASE_URL": mistral.url}
    editor = await Editor.start(where, NEOVIM, root_uri=clone.as_uri())
    await type_without_key(editor, clone)
    await asyncio.to_thread(_wait_until, lambda: pid.exists() and pid.read_text())
    async with asyncio.timeout(PATIENCE_S):
        await editor.stop()
    await until_ended(pid)


async def test_a_command_has_no_terminal_and_no_input(
    begin: Begin, clone: Path, tmp_path: Path, complete: Callable[[Editor], Awaitable[None]]
) -> None:
    """Standard input is the editor's protocol, and a terminal shows the user's text."""
    seen = tmp_path / "seen"
    lines = (f"cat > {seen}", f"(echo Password: > /dev/tty) 2> /dev/null && echo tty >> {seen}")
    editor = await begin(str(gives_key(tmp_path / "own/key", *lines)))
    await complete(editor)
    assert seen.read_text() == ""
