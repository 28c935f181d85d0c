"""JupyterLab with jupyterlab-lsp finds the server, and completes with what the cells know."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.jupyter.install import install
from tests.editors.jupyter.lab import Lab
from tests.editors.support.model import Model
from tests.editors.support.waiting import until
from tests.editors.vscode.window import Browser
from tests.support.installed import Unavailable

pytestmark = [pytest.mark.editors, pytest.mark.timeout(300)]

FIRST = "def load_measurements(path, columns):\n    return path, columns\n"
KNOWN = "def rows(source):\n    loaded = load_measurements(source)\n    return loaded\n"


async def test_a_cell_is_completed_with_what_another_one_defines(tmp_path: Path) -> None:
    try:
        tools = install()
    except Unavailable as error:
        pytest.skip(f"JUPYTERLAB IS NOT TESTED: {error}")
    lab, browser, model = Lab(tools, tmp_path), Browser(tools, tmp_path / "chromium"), Model()
    lab.notebook("two.ipynb", FIRST, "")
    model.knows(KNOWN)
    async with model.serve() as fake:
        config = tmp_path / "devstral.toml"
        config.write_text(f'[fim]\nbase_url = "{fake.url}"\n')
        try:
            await lab.start({"DEVSTRAL_CONFIG": str(config)})
            page = await browser.start()
            await page.goto(f"{lab.url}/lab/tree/two.ipynb")
            await page.locator(".jp-Notebook .jp-Cell").nth(1).wait_for(timeout=60_000)
            await page.get_by_text("Fully initialized").first.wait_for(timeout=60_000)
            editor = page.locator(".jp-Cell").nth(1).locator(".cm-content")
            await editor.click()
            await page.keyboard.type("def row", delay=30)
            await page.keyboard.press("Tab")
            item = page.locator(".jp-Completer-item", has_text="rows(source): …")
            await item.first.wait_for()
            await item.first.click()
            await until("the text", lambda: _is(editor, KNOWN.rstrip()))
        finally:
            await browser.stop()
            await lab.stop()
    assert FIRST.splitlines()[0] in fake.completions[-1].body["prompt"]
    assert browser.strayed == []


async def _is(editor: object, text: str) -> bool:
    return bool(await editor.inner_text() == text)
