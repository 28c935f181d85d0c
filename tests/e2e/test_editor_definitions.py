"""An extension that asks other language servers for us: used where the syntax says nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.context.asking import write
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.wire import Wire

pytestmark = pytest.mark.long

DECLARED = {"experimental": {"devstralDefinition": True}}
FILES = {
    "store.py": "class Store:\n    def fetch_row(self, key: str) -> str: ...\n",
    "private.py": "class Private:\n    def never_said(self): ...\n",
    ".gitignore": "private.py\n",
}
TEXT = "import nothing\n\nx = 1\nmagic."
NEVER = object()


class Asked:
    """A session in which a dot is typed behind a name of which the text tells nothing."""

    def __init__(self, wire: Wire, root: Path) -> None:
        self.wire = wire
        self.uri = (root / "app.py").as_uri()

    async def complete(self, answer: Any, request: int = 1) -> bool:
        """Ask for a completion; whether the client was asked, which then answers so."""
        place = {"textDocument": {"uri": self.uri}, "position": {"line": 3, "character": 6}}
        ask = {**place, "context": {"triggerKind": 1}}
        self.wire.send("textDocument/inlineCompletion", ask, request)
        was_asked = False
        while (message := await self.wire.receive()).get("id") != request:
            if message.get("method") == "devstral/definition":
                was_asked = True
                assert message["params"] == {
                    "textDocument": {"uri": self.uri, "version": 7},
                    "position": {"line": 3, "character": 4},
                    "cursor": {"line": 3, "character": 6},
                }
                if answer is not NEVER:
                    self.wire.reply(message["id"], answer)
        assert "result" in message
        return was_asked


async def session(
    environ: dict[str, str], root: Path, fake: FakeMistral, capabilities: dict[str, Any]
) -> Asked:
    write(root, FILES)
    settings = {
        "MISTRAL_API_KEY": KEY,
        "DEVSTRAL_FIM_BASE_URL": fake.url,
        "DEVSTRAL_CONTEXT_DEADLINE_MS": "2000",
    }
    wire = await Wire.start({**environ, **settings})
    folders = [{"uri": root.as_uri(), "name": "root"}]
    await wire.initialize(capabilities=capabilities, workspaceFolders=folders)
    session = Asked(wire, root)
    item = {"uri": session.uri, "languageId": "python", "version": 7, "text": TEXT}
    wire.send("textDocument/didOpen", {"textDocument": item})
    return session


def places(path: Path) -> dict[str, Any]:
    place = [{"uri": path.as_uri(), "line": 0}]
    return {"types": place, "definitions": place, "signature": "never_said()"}


def sent(fake: FakeMistral) -> str:
    return str(fake.completions[-1].body["prompt"])


async def test_what_the_editor_knows_is_told(
    environ: dict[str, str], tmp_path: Path, mistral: FakeMistral
) -> None:
    asked = await session(environ, tmp_path, mistral, DECLARED)
    assert await asked.complete(places(tmp_path / "store.py"))
    assert "def fetch_row(self, key: str) -> str" in sent(mistral)
    await asked.wire.stop()


async def test_an_editor_that_declares_nothing_is_not_asked(
    environ: dict[str, str], tmp_path: Path, mistral: FakeMistral
) -> None:
    asked = await session(environ, tmp_path, mistral, {})
    assert not await asked.complete(NEVER)
    await asked.wire.stop()


@pytest.mark.parametrize("name", ["private.py", "../outside.py", "nowhere.py", ""])
async def test_a_private_file_is_not_told(
    environ: dict[str, str], tmp_path: Path, mistral: FakeMistral, name: str
) -> None:
    root = tmp_path / "root"
    write(tmp_path, {"outside.py": FILES["private.py"]})
    asked = await session(environ, root, mistral, DECLARED)
    assert await asked.complete(places(Path(f"{root}/{name}")))
    assert "never_said" not in sent(mistral)
    await asked.wire.stop()


async def test_junk_is_nothing(
    environ: dict[str, str], tmp_path: Path, mistral: FakeMistral
) -> None:
    junk: list[Any] = [
        *(None, 5, "here", [], {"types": {}}, {"types": [None, 3, {}, {"uri": 1, "line": 2}]}),
        {"definitions": [{"uri": "file:///\0", "line": 1}, {"uri": "http://[", "line": 0}]},
        {"types": [{"uri": "untitled:a", "line": 0}], "signature": ["x"]},
        {"types": [{"uri": (tmp_path / "store.py").as_uri(), "line": -1}]},
        {"types": [{"uri": (tmp_path / "store.py").as_uri(), "line": 10**12}]},
    ]
    asked = await session(environ, tmp_path, mistral, DECLARED)
    for number, answer in enumerate(junk):
        text = f"import nothing\n\nx = {number}\nmagic."
        change = {
            "textDocument": {"uri": asked.uri, "version": 7},
            "contentChanges": [{"text": text}],
        }
        asked.wire.send("textDocument/didChange", change)
        asked.wire.send("textDocument/didClose", {"textDocument": {"uri": asked.uri}})
        item = {"uri": asked.uri, "languageId": "python", "version": 7, "text": text}
        asked.wire.send("textDocument/didOpen", {"textDocument": item})
        assert await asked.complete(answer, number + 1)
    await asked.wire.stop()


async def test_an_editor_that_does_not_answer_is_not_waited_for(
    environ: dict[str, str], tmp_path: Path, mistral: FakeMistral
) -> None:
    asked = await session(environ, tmp_path, mistral, DECLARED)
    for number in range(1, 6):
        item = {"uri": asked.uri, "languageId": "python", "version": 7, "text": TEXT}
        asked.wire.send("textDocument/didClose", {"textDocument": {"uri": asked.uri}})
        asked.wire.send("textDocument/didOpen", {"textDocument": item})
        was_asked = await asked.complete(NEVER, number)
        assert was_asked is (number <= 3), "it is left alone after three"
    asked.wire.reply("1", places(tmp_path / "store.py"))  # late: dropped
    assert not await asked.complete(NEVER, 9)
    await asked.wire.stop()
