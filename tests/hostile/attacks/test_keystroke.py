"""A harmless folder gets a completion: without that, a refusal elsewhere would say nothing."""

from __future__ import annotations

from pathlib import Path

from tests.hostile.attacks.conftest import StartEditor
from tests.support.clients import NEOVIM
from tests.support.fake_mistral import FakeMistral


async def test_a_harmless_folder_gets_a_completion(
    start: StartEditor, mistral: FakeMistral, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    file = clone / "app.py"
    file.write_text("def add(a, b):\n    ")
    editor = await start(NEOVIM, root_uri=clone.as_uri())
    place = editor.open("def add(a, b):\n    │", uri=file.as_uri())
    assert await editor.inline(place)
    assert mistral.completions
