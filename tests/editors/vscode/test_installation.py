"""From nothing to ghost text: the extension installs the server that it brings, where users say."""

from __future__ import annotations

import asyncio
import sys
import zipfile
from email.parser import Parser
from io import BytesIO
from pathlib import Path

import pytest

from devstral_lsp import __version__
from tests.editors.support.waiting import until
from tests.editors.vscode.install import CHECKOUT, Tools
from tests.editors.vscode.session import Session, running
from tests.support.installed import Unavailable, python_packages

pytestmark = [pytest.mark.editors, pytest.mark.timeout(400)]

PATIENCE_S = 240
"""For all of the server's dependencies to come from the package index."""

STARTING_S = 60
"""For VS Code and the server to start: one that is installed says its version only then."""

ASKING_S = 1.0
"""VS Code asks 50 ms after a key, and the server waits for a pause."""

PYTHONS = f"{Path(sys.base_prefix) / 'bin'}:/usr/bin:/bin"
UV = "uv==0.13.8"
OLD = f"""\
#!{sys.executable}
import devstral_lsp
devstral_lsp.__version__ = "0.0.9"
from devstral_lsp.cli.main import main
raise SystemExit(main())
"""
"""A server that says that it is older than any there has been."""


def test_the_package_holds_the_server_of_this_checkout_and_the_licence(tools: Tools) -> None:
    licence = (CHECKOUT / "LICENSE").read_bytes()
    with zipfile.ZipFile(tools.extension) as package:
        held_files = [each for each in package.namelist() if each.startswith("extension/server/")]
        lock, wheel = sorted(held_files, key=lambda name: name.endswith(".whl"))
        assert package.read(lock) == (CHECKOUT / "requirements.lock").read_bytes()
        assert wheel == f"extension/server/devstral_lsp-{__version__}-py3-none-any.whl"
        assert package.read("extension/LICENSE.txt") == licence
        held = zipfile.ZipFile(BytesIO(package.read(wheel)))
    about = f"devstral_lsp-{__version__}.dist-info"
    assert held.read(f"{about}/licenses/LICENSE") == licence
    told = Parser().parsestr(held.read(f"{about}/METADATA").decode())
    assert told.get_all("License-File") == ["LICENSE"]
    modules = (CHECKOUT / "devstral_lsp").rglob("*.py")
    names = [path.relative_to(CHECKOUT).as_posix() for path in modules]
    assert "devstral_lsp/__main__.py" in names
    assert [name for name in names if held.read(name) != (CHECKOUT / name).read_bytes()] == []


async def test_asked_first_then_installed(tools: Tools, tmp_path: Path, pictures: Path) -> None:
    machine = {"devstral.command": []}
    async with running(tools, tmp_path, machine=machine, path=PYTHONS) as vscode:
        window = vscode.window
        toast = window.page.locator(".notification-toast", has_text="is not installed")
        await toast.wait_for()
        assert programs(tmp_path) == [], "nothing happens before the answer"
        await toast.locator(".monaco-button", has_text="Install").click()
        await window.entry("In a folder of its own").wait_for()
        await window.picture(pictures / "vscode-install.png", (240, 0, 800, 240))
        await window.choose("In a folder of its own")
        await shows_a_completion(vscode)
        (program,) = programs(tmp_path)
        assert program.parent.parent.name == "server"
        assert came_from(program.parent.parent, tmp_path)


async def test_an_older_server_is_told_and_replaced(tools: Tools, tmp_path: Path) -> None:
    try:
        uv = python_packages(UV) / "bin"
    except Unavailable as error:
        pytest.skip(f"UV IS NOT TESTED: {error}")
    old = tmp_path / "bin" / "devstral-lsp"
    old.parent.mkdir()
    old.write_text(OLD)
    old.chmod(0o755)
    path = f"{old.parent}:{uv}:{PYTHONS}"
    async with running(tools, tmp_path, machine={"devstral.command": []}, path=path) as vscode:
        window = vscode.window
        toast = window.page.locator(".notification-toast", has_text=f"{old}, is version 0.0.9;")
        await toast.wait_for(timeout=STARTING_S * 1000)
        await toast.locator(".monaco-button", has_text="Update").click()
        await window.entry("With uv").wait_for()
        await window.choose(f"uv tool install devstral_lsp-{__version__}-py3-none-any.whl")

        async def is_replaced() -> bool:
            return old.read_text(errors="replace") != OLD

        await until("uv to have put another server there", is_replaced, PATIENCE_S)
        await shows_a_completion(vscode)
        assert came_from(old.resolve().parent.parent, tmp_path)
        assert not await toast.count()


def programs(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("devstral-lsp") if path.is_file()]


def came_from(environment: Path, extension: Path) -> bool:
    """Whether the server in this environment was installed from a file below `extension`."""
    (origin,) = environment.glob(
        "lib/python*/site-packages/devstral_lsp-*.dist-info/direct_url.json"
    )
    return f'"url":"{extension.as_uri()}/' in origin.read_text().replace(": ", ":")


async def shows_a_completion(vscode: Session) -> None:
    """Wait until the server runs, and for ghost text of the model."""

    async def is_running() -> bool:
        return "normal" in await vscode.window.status()

    await until("the server to run", is_running, PATIENCE_S)
    vscode.model.knows("fresh = installed()\n")
    vscode.file("fresh.py")
    await vscode.window.open("fresh.py")
    await vscode.window.type("fresh =")

    async def asks() -> bool:
        """VS Code loads ghost text some time after a first editor, the later the busier the machine
        is, and does not ask for what was typed before."""
        await vscode.window.type(" ")
        await asyncio.sleep(ASKING_S)
        if vscode.fake.completions:
            return True
        await vscode.window.press("Backspace")
        return False

    await until("VS Code to ask for ghost text", asks)
    await vscode.window.sees("installed()")
