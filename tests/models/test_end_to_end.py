"""The whole way: an editor, our server as its process, llama.cpp with a model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.models.servers import LlamaCpp
from tests.support.clients import VSCODE
from tests.support.editor import Editor, environment

pytestmark = pytest.mark.models

SETTINGS = """
[fim]
provider = "llamacpp"
base_url = "{url}"
"""


@pytest.fixture
def environ(filling: LlamaCpp, tmp_path: Path) -> dict[str, str]:
    made = environment(tmp_path, DEVSTRAL_CACHE=str(tmp_path / "cache"))
    Path(made["DEVSTRAL_CONFIG"]).write_text(SETTINGS.format(url=filling.url))
    return made


@pytest.fixture
async def editor(environ: dict[str, str]) -> AsyncIterator[Editor]:
    editor = await Editor.start(environ, VSCODE)
    yield editor
    await editor.stop()


async def test_a_gap_is_filled_in_the_editor(editor: Editor, tmp_path: Path) -> None:
    place = editor.open("def between(before, after):\n    │\n\nprint(1)\n")
    (item,) = await editor.inline(place)
    assert item.insert_text == "filled = between(before, after)\n    return filled"
    (remembered,) = (tmp_path / "cache" / "paths").iterdir()
    assert '"path": "infill"' in remembered.read_text()
