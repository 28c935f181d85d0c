"""A model that repeats what stands for a secret in another form: the user's own is never lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.hostile.attacks.conftest import StartEditor
from tests.support import replies
from tests.support.answers import Answer
from tests.support.clients import NEOVIM
from tests.support.fake_mistral import FakeMistral, Received
from tests.support.secrets_samples import Drawn
from tests.support.workbench import EVERYTHING, Workbench

D = Drawn(12)
WORD = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
TOKEN = "gh" + "p_" + D.of(WORD, 36)
CODE = (
    f'def connect(host):\n    token = "{TOKEN}"\n'
    "    result = open(host, token)│\n    return result\n"
)
CHANGES: dict[str, Callable[[str], str]] = {
    "two literals": lambda p: f'"{p[:20]}" "{p[20:]}"',
    "joined by a sign": lambda p: f'"{p[:20]}" + "{p[20:]}"',
    "a line continuation": lambda p: f'"{p[:20]}\\\n{p[20:]}"',
    "another case": lambda p: f'"{p.upper()}"',
    "cut off": lambda p: f'"{p[:16]}"',
    "in pieces of four": lambda p: "".join(
        ['"".join([', *(f'"{p[at : at + 4]}", ' for at in range(0, 40, 4)), "])"]
    ),
    "hexadecimal": lambda p: f'bytes.fromhex("{p.encode().hex()}").decode()',
}


def _shown(request: Received) -> str:
    """What the model sees in the place of the token."""
    said = json.dumps(request.body, ensure_ascii=False)
    at = said.index("gh" + "p_")
    return said[at : at + len(TOKEN)]


def _code(token: str) -> Answer:
    return replies.code(
        f"def connect(host):\n    token = {token}\n"
        "    opened = open(host, token)\n    return opened\n"
    )


def _in_pieces(answer: Answer, size: int) -> Answer:
    whole = "".join(answer.text)
    return Answer(text=tuple(whole[at : at + size] for at in range(0, len(whole), size)))


@pytest.mark.parametrize("change", CHANGES)
async def test_a_refactor_is_refused(start: StartEditor, change: str) -> None:
    async with FakeMistral(
        lambda request: _in_pieces(_code(CHANGES[change](_shown(request))), 3), key=None
    ) as fake:
        options = {"chat": {"base_url": fake.url, "model": "devstral-2512"}}
        editor = await start(EVERYTHING, initialization_options=options)
        bench = Workbench(editor)
        place = bench.open(CODE, "untitled:a")
        with suppress(JsonRpcException):
            await bench.take(await bench.action(place, "Simplify `connect`"))
        await editor.until(lambda: editor.shown)
        assert len(fake.completions) == 2, "it is asked once more"
        assert "splits, shortens" in json.dumps(fake.completions[1].body["messages"][-1])
    assert bench.texts["untitled:a"] == CODE.replace("│", "")
    assert any("leave the lines that hold it" in each for each in editor.shown)
    bench.end()


async def test_a_refactor_that_is_put_right(start: StartEditor) -> None:
    def script(request: Received) -> Answer:
        shown = _shown(request)
        is_first = len(request.body["messages"]) < 4
        return _code(CHANGES["two literals"](shown) if is_first else f'"{shown}"')

    async with FakeMistral(script, key=None) as fake:
        options = {"chat": {"base_url": fake.url, "model": "devstral-2512"}}
        editor = await start(EVERYTHING, initialization_options=options)
        bench = Workbench(editor)
        place = bench.open(CODE, "untitled:a")
        await bench.take(await bench.action(place, "Simplify `connect`"))
    assert f'token = "{TOKEN}"' in bench.texts["untitled:a"]
    assert "result" not in bench.texts["untitled:a"]
    bench.end()


async def test_an_edit_without_the_secret_is_an_edit(start: StartEditor) -> None:
    async with FakeMistral(lambda request: _code('os.environ["TOKEN"]'), key=None) as fake:
        options = {"chat": {"base_url": fake.url, "model": "devstral-2512"}}
        editor = await start(EVERYTHING, initialization_options=options)
        bench = Workbench(editor)
        place = bench.open(CODE, "untitled:a")
        await bench.take(await bench.action(place, "Simplify `connect`"))
    assert 'os.environ["TOKEN"]' in bench.texts["untitled:a"]
    bench.end()


async def test_a_task_is_told_and_puts_it_right(start: StartEditor, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "config.py").write_text(f'HOST = "a"\nTOKEN = "{TOKEN}"\n')
    told: list[str] = []

    def script(request: Received) -> Answer:
        told.append(str(request.body["messages"][-1]["content"]))
        if len(told) == 1:
            return replies.call("read_file", path="config.py")
        if len(told) == 4:
            return Answer(text=("Done.",))
        shown = _shown(request)
        new = f'"{shown[:20]}" "{shown[20:]}"' if len(told) == 2 else f'"{shown}"'
        edit = {"path": "config.py", "old": f'TOKEN = "{shown}"', "new": f"LOGIN = {new}"}
        return replies.call("edit_file", **edit)

    async with FakeMistral(script, key=None) as fake:
        options = {"chat": {"base_url": fake.url, "model": "devstral-2512"}}
        editor = await start(EVERYTHING, root_uri=folder.as_uri(), initialization_options=options)
        bench = Workbench(editor)
        bench.open("x = 1\n│", (folder / "a.py").as_uri())
        await bench.command("devstral.task", {"instruction": "Rename it."})
        await editor.until(lambda: bench.edits)
    assert "splits, shortens" in told[2]
    text = (folder / "config.py").read_text()
    assert text in (f'HOST = "a"\nTOKEN = "{TOKEN}"\n', f'HOST = "a"\nLOGIN = "{TOKEN}"\n')
    edits = str(bench.edits[0].edit)
    assert "LOGIN" in edits
    assert '" "' not in edits
    bench.end()


@pytest.mark.parametrize("size", [1, 3, 500])
@pytest.mark.parametrize("change", CHANGES)
async def test_a_completion_is_not_shown(start: StartEditor, change: str, size: int) -> None:
    def script(request: Received) -> Answer:
        return _in_pieces(Answer(text=(f"open_it({CHANGES[change](_shown(request))})\n",)), size)

    async with FakeMistral(script, strict=False) as fake:
        editor = await start(NEOVIM, DEVSTRAL_FIM_BASE_URL=fake.url)
        place = editor.open(f'token = "{TOKEN}"\n\n\ndef run():\n    │\n')
        items = await editor.inline(place, types.InlineCompletionTriggerKind.Invoked)
        assert fake.completions
    assert items == []
