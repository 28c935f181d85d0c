"""From nothing to ghost text: the extension installs the server where its user says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.editors.support.waiting import until
from tests.editors.vscode.install import Tools
from tests.editors.vscode.session import running

pytestmark = [pytest.mark.editors, pytest.mark.timeout(400)]

CHECKOUT = Path(__file__).parents[3]
PATIENCE_S = 240
"""For all of the server's dependencies to come from the package index."""


def wheel(folder: Path) -> Path:
    pip = (sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check")
    subprocess.run([*pip, "--no-deps", "-w", str(folder), str(CHECKOUT)], check=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


async def test_asked_first_then_installed(tools: Tools, tmp_path: Path, pictures: Path) -> None:
    pythons = Path(sys.base_prefix) / "bin"
    machine = {"devstral.command": [], "devstral.wheel": str(wheel(tmp_path / "dist"))}
    folder = tmp_path / "run"
    async with running(tools, folder, machine=machine, path=f"{pythons}:/usr/bin:/bin") as vscode:
        window = vscode.window
        toast = window.page.locator(".notification-toast", has_text="is not installed")
        await toast.wait_for()
        assert not list(folder.rglob("devstral-lsp")), "nothing happens before the answer"
        await toast.locator(".monaco-button", has_text="Install").click()
        await window.entry("In a folder of its own").wait_for()
        await window.picture(pictures / "vscode-install.png", (240, 0, 800, 240))
        await window.choose("In a folder of its own")

        async def is_running() -> bool:
            return "normal" in await window.status()

        await until("the server to run", is_running, PATIENCE_S)
        vscode.model.knows("fresh = installed()\n")
        vscode.file("fresh.py")
        await window.open("fresh.py")
        await window.type("fresh = ")
        await window.sees("installed()")
