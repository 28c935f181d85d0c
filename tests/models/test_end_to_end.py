"""The whole way: an editor, our server as its process, llama.cpp with a model."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.models.conftest import MakeModel
from tests.models.programs.texts import FILLED
from tests.models.servers import LlamaCpp
from tests.support.clients import VSCODE
from tests.support.editor import PATIENCE_S, Editor, environment

pytestmark = [pytest.mark.models, pytest.mark.timeout(180)]

SETTINGS = """
[fim]
provider = "llamacpp"
base_url = "{url}"
"""
CODE = "def between(before, after):\n    │\n\nprint(1)\n"


@pytest.fixture
def server(model: MakeModel, logs: Path) -> Iterator[LlamaCpp]:
    with LlamaCpp(model("qwen"), logs / "end-to-end") as server:
        yield server


@pytest.fixture
def environ(server: LlamaCpp, tmp_path: Path) -> dict[str, str]:
    made = environment(tmp_path, DEVSTRAL_CACHE=str(tmp_path / "cache"))
    Path(made["DEVSTRAL_CONFIG"]).write_text(SETTINGS.format(url=server.url))
    return made


@pytest.fixture
async def editor(environ: dict[str, str]) -> AsyncIterator[Editor]:
    editor = await Editor.start(environ, VSCODE)
    yield editor
    await editor.stop()


async def suggested(editor: Editor, uri: str) -> list[object]:
    """What is shown in a new document; a new one, so that no answer is remembered for it."""
    return [item.insert_text for item in await editor.inline(editor.open(CODE, uri))]


async def test_a_server_that_was_down_is_asked_again(editor: Editor, server: LlamaCpp) -> None:
    assert await suggested(editor, "file:///first.py") == ["".join(FILLED)]
    server.kill()
    assert await suggested(editor, "file:///down.py") == []
    await editor.until(lambda: "No server listens" in "".join(editor.logged))
    server.start()
    async with asyncio.timeout(PATIENCE_S):
        names = (f"file:///back{number}.py" for number in itertools.count())
        while not (shown := await suggested(editor, next(names))):
            pass  # It is left alone for a second or two.
    assert shown == ["".join(FILLED)]


async def test_a_gap_is_filled_in_the_editor(editor: Editor, tmp_path: Path) -> None:
    assert await suggested(editor, "file:///gap.py") == ["".join(FILLED)]
    (remembered,) = (tmp_path / "cache" / "paths").iterdir()
    assert '"path": "infill"' in remembered.read_text()
