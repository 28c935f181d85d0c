"""Why there was no suggestion: in the editor, and from a terminal."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.conftest import StartEditor, first_completion, key_for
from tests.support.answers import Answer, failure
from tests.support.editor import PATIENCE_S, Editor
from tests.support.fake_mistral import FakeMistral
from tests.support.workbench import EVERYTHING

pytestmark = pytest.mark.long

URI = "file:///work/app.py"
SECRET = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"
CODE = f'API_KEY = "{SECRET}"\n\n\ndef total(values):\n    │'
BY_HAND = types.InlineCompletionTriggerKind.Invoked
NO_PAUSE = {"DEVSTRAL_COMPLETION_DEBOUNCE_MS": "0", "DEVSTRAL_LOCAL_ENABLED": "false"}

Case = tuple[Answer, str]

CASES: dict[str, Case] = {
    "refused": (failure(401, {"message": "no"}), "mistral failed: Unauthorized, status 401"),
    "dropped": (Answer(text=["```\n"]), "because the filter "),
    "silent": (Answer(text=[]), "mistral (asked) said nothing"),
}


async def told(editor: Editor, command: str) -> str:
    """The result of a command that is asked to reply."""
    params = types.ExecuteCommandParams(command, [{"reply": True}])
    result = await editor.client.workspace_execute_command_async(params)
    assert isinstance(result, str)
    return result


@pytest.mark.parametrize(("answer", "because"), CASES.values(), ids=CASES)
async def test_the_sentence_comes_first(start: StartEditor, answer: Answer, because: str) -> None:
    async with FakeMistral(lambda _: answer, strict=False) as fake:
        editor = await start(**key_for(fake), **NO_PAUSE)
        place = editor.open("def f():\n    │", URI)
        assert await editor.inline(place, BY_HAND) == [], "by hand, since that waits for the key"
        markdown = await told(editor, "devstral.why")
    heading, _, sentence, *_ = markdown.split("\n")
    assert heading == "# Why"
    assert sentence.startswith("**No suggestion at app.py:2, because ")
    assert because in sentence
    for stage in ("mode", "cache", "prompt", "debounce", "usage", "outcome"):
        assert f" | {stage} | " in markdown


@pytest.mark.parametrize("name", ["imports", "similar_code", "recent_edits", "members"])
async def test_each_source_of_context_has_its_time_and_size(
    start: StartEditor, mistral: FakeMistral, tmp_path: Path, name: str
) -> None:
    (tmp_path / ".git").mkdir()
    patient = {"DEVSTRAL_CONTEXT_DEADLINE_MS": "2000"}
    editor = await start(**key_for(mistral), **NO_PAUSE, **patient)
    place = editor.open("def f(a, b):\n    │", (tmp_path / "app.py").as_uri())
    await editor.inline(place, BY_HAND)
    row = rf"\| context \| {name}: (\d+ pieces of )?\d+ code points in \d+ ms \|"
    assert re.search(row, await told(editor, "devstral.why"))


async def test_what_was_gathered_before_is_told_as_well(
    start: StartEditor, mistral: FakeMistral, tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    shapes = "class Shape:\n    def area(self) -> float:\n        return 1.0\n"
    (tmp_path / "shapes.py").write_text(shapes)
    patient = {"DEVSTRAL_CONTEXT_DEADLINE_MS": "2000"}
    editor = await start(**key_for(mistral), **NO_PAUSE, **patient)
    code = "from shapes import Shape\n\n\ndef f(shape: Shape):\n    │"
    place = editor.open(code, (tmp_path / "app.py").as_uri())
    await editor.inline(place, BY_HAND)
    await editor.inline(editor.type(place, "zz"), BY_HAND)
    newest = (await told(editor, "devstral.why")).partition("## Before that")[0]
    assert re.search(r"\| context \| in the prompt: imports: 1 piece of \d+ code points", newest)


async def test_a_refusal_of_the_governor_says_why_and_until_when(
    start: StartEditor, mistral: FakeMistral
) -> None:
    cap = {"DEVSTRAL_LIMITS_REQUESTS_PER_MINUTE": "1"}
    editor = await start(**key_for(mistral), **NO_PAUSE, **cap)
    place = editor.open("def f(a, b):\n    │", URI)
    await editor.inline(place, BY_HAND)
    await editor.inline(editor.type(place, "zz"), BY_HAND)
    markdown = await told(editor, "devstral.why")
    sentence = (
        "**No suggestion at app.py:2, because the request was not sent: 1 of 1 requests a minute"
    )
    assert sentence in markdown
    assert "It can be sent at " in markdown.split("\n")[2]
    assert " | governor | governor: refused by 1 requests a minute " in markdown
    assert " | governor | governor: allowed |" in markdown


async def test_who_superseded_a_request_is_told(start: StartEditor) -> None:
    slow = Answer(text=["return a"], first_ms=60_000)
    async with FakeMistral(lambda _: slow, strict=False) as fake:
        editor = await start(**key_for(fake), **NO_PAUSE)
        place = editor.open("def f(a, b):\n    │", URI)
        one = asyncio.ensure_future(editor.inline(place, BY_HAND))
        await first_completion(fake)
        editor.type(place, "zz")
        assert await one == []
        markdown = await told(editor, "devstral.why")
    assert "because an edit came while mistral was heard" in markdown


async def test_the_status_and_the_end_of_each_answer_are_told(start: StartEditor) -> None:
    answers = [Answer(text=["return a\n"]), failure(503, {"message": "down"})]
    async with FakeMistral(answers, strict=False) as fake:
        editor = await start(**key_for(fake), **NO_PAUSE)
        place = editor.open("def f(a, b):\n    │", URI)
        assert await editor.inline(place, BY_HAND)
        await editor.inline(editor.type(place, "zz"), BY_HAND)
        markdown = await told(editor, "devstral.why")
    assert re.search(
        r"\| usage \| 21 tokens in \(0 cached\), 5 out; HTTP 200, stop after \d+", markdown
    )
    assert re.search(
        r"\| usage \| 0 tokens in \(0 cached\), 0 out; HTTP 503, error after \d+", markdown
    )
    for stage in ("mode", "cache", "prompt", "debounce", "governor", "first text", "extent"):
        assert f" | {stage} | " in markdown


async def test_a_language_that_is_switched_off_is_named(start: StartEditor) -> None:
    editor = await start(initialization_options={"completion": {"disabled_languages": ["python"]}})
    await editor.inline(editor.open("x = │", URI))
    markdown = await told(editor, "devstral.why")
    assert "No suggestion at app.py:1, because completion is switched off for python." in markdown


async def test_a_suggestion_says_where_it_came_from(
    start: StartEditor, mistral: FakeMistral
) -> None:
    editor = await start(**key_for(mistral), **NO_PAUSE)
    await editor.inline(editor.open("def f(a, b):\n    │", URI), BY_HAND)
    assert "**Suggested 12 code points of mistral (asked) at app.py:2, " in await told(
        editor, "devstral.why"
    )


async def test_the_prompt_is_shown_without_secrets(
    start: StartEditor, mistral: FakeMistral
) -> None:
    editor = await start(**key_for(mistral), **NO_PAUSE)
    assert "No prompt was sent yet" in await told(editor, "devstral.showPrompt")
    await editor.inline(editor.open(CODE, URI), BY_HAND)
    markdown = await told(editor, "devstral.showPrompt")
    assert "# What was asked at app.py:5" in markdown
    assert "def total(values):" in markdown
    assert SECRET not in markdown


async def test_an_editor_that_shows_documents_shows_it(start: StartEditor) -> None:
    editor = await start(EVERYTHING)
    shown: list[Any] = []

    def show(params: Any) -> types.ShowDocumentResult:
        shown.append(params)
        editor.wake()
        return SUCCESS

    editor.handle("window/showDocument", show)
    await editor.inline(editor.open("x = │", URI))
    params = types.ExecuteCommandParams("devstral.why")
    assert await editor.client.workspace_execute_command_async(params) is None
    await editor.until(lambda: shown)
    assert read(shown[0].uri).startswith("# Why\n\n**")


def read(uri: str) -> str:
    return Path(uri.removeprefix("file://")).read_text(encoding="utf-8")


SUCCESS = types.ShowDocumentResult(success=True)


def ask(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `devstral-lsp why`."""
    command = [sys.executable, "-m", "devstral_lsp", "why"]
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, check=False, encoding="utf-8"
    )


def ask_until_answered(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The same, until the server has started to listen."""
    ends_s = time.monotonic() + PATIENCE_S
    while (asked := ask(environ)).returncode and time.monotonic() < ends_s:
        pass
    return asked


@pytest.mark.skipif(sys.platform == "win32", reason="has no Unix sockets")
async def test_a_terminal_asks_the_newest_server(environ: dict[str, str], short: Path) -> None:
    known = {**environ, "DEVSTRAL_STATE": str(short)}
    alone = ask(known)
    assert alone.returncode == 2
    assert "No server is running" in alone.stderr
    killed = short / "servers" / "999999999-1.sock"
    killed.parent.mkdir(parents=True)
    killed.touch()
    editor = await Editor.start(known)
    await editor.inline(editor.open("x = │", URI))
    asked = await asyncio.to_thread(ask_until_answered, known)
    await editor.stop()
    assert asked.returncode == 0, asked.stderr
    assert "app.py:1" in asked.stdout
    assert list((short / "servers").glob("*.sock")) == []


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder whose name is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="dv"))
    yield folder
    shutil.rmtree(folder)
