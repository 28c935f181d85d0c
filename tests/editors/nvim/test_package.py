"""The plugin as it is shipped: its help can be found without a command of the user's."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.editors.nvim.install import install
from tests.editors.nvim.session import PLUGIN, running
from tests.support.installed import Unavailable

pytestmark = pytest.mark.editors


@pytest.mark.parametrize("version", ["0.12", "0.10"])
def test_the_tags_of_the_help_are_those_that_neovim_makes(tmp_path: Path, version: str) -> None:
    try:
        neovim = install(version)
    except Unavailable as error:
        pytest.skip(f"NEOVIM {version} IS NOT TESTED: {error}")
    copy = shutil.copytree(PLUGIN / "doc", tmp_path / "doc")
    (copy / "tags").unlink()
    command = (str(neovim.program), "--clean", "--headless", "-c", f"helptags {copy}", "-c", "q")
    environ = {**os.environ, **neovim.environ, "HOME": str(tmp_path)}
    subprocess.run(command, env=environ, check=True, timeout=60)
    assert (copy / "tags").read_text() == (PLUGIN / "doc" / "tags").read_text()


def test_the_help_names_every_plug_map_and_default_key() -> None:
    text = (PLUGIN / "doc" / "devstral.txt").read_text()
    keys = (PLUGIN / "lua" / "devstral" / "keys.lua").read_text()
    names = re.findall(r"^  (\w+) = \{$", keys, re.MULTILINE)
    assert len(names) == 7
    plugs = [f"<Plug>(devstral-{each.replace('_', '-')})" for each in names]
    next_edit = (PLUGIN / "lua" / "devstral" / "next_edit.lua").read_text()
    plugs += re.findall(r"<Plug>\(devstral-[\w-]+\)", next_edit)
    assert len(plugs) == 9
    assert [each for each in plugs if each not in text] == []


@pytest.mark.asyncio
@pytest.mark.parametrize("version", ["0.12", "0.10"])
async def test_the_client_has_the_name_that_other_plugins_look_for(
    tmp_path: Path, version: str
) -> None:
    try:
        neovim = install(version)
    except Unavailable as error:
        pytest.skip(f"NEOVIM {version} IS NOT TESTED: {error}")
    options = {"name": "devstral-copilot", "next_edit": False}
    async with running(neovim, tmp_path, options=options) as nvim:
        nvim.model.knows("named = as_asked(it)\n")
        await nvim.opened("named.py")
        await nvim.terminal.type("named = as")
        await nvim.sees("_asked(it)")
        await nvim.normal()
        await nvim.command("lua print('called ' .. vim.lsp.get_clients()[1].name)")
        await nvim.terminal.sees("^called devstral-copilot$")


@pytest.mark.parametrize("version", ["0.12", "0.10"])
@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("Used: $0.12 of $2.00 today.", "devstral: $0.12 of $2.00 today"),
        (
            "Used: $0.12 today, 3 of 60 requests in the last minute.",
            "devstral: $0.12 today, 3 of 60 requests in the las…",
        ),
        ("", "devstral"),
    ],
)
def test_the_statusline_tells_money_and_quota(
    tmp_path: Path, version: str, message: str, shown: str
) -> None:
    try:
        neovim = install(version)
    except Unavailable as error:
        pytest.skip(f"NEOVIM {version} IS NOT TESTED: {error}")
    status = {"kind": "Normal", "message": message, "busy": False}
    script = tmp_path / "status.lua"
    script.write_text(
        "package.loaded['devstral.client'] = { of = function() return {} end }\n"
        f"vim.g.devstral_status = vim.json.decode([[{json.dumps(status)}]])\n"
        "vim.o.statusline = \"%{v:lua.require'devstral'.status()}\"\n"
        "io.stdout:write(vim.api.nvim_eval_statusline(vim.o.statusline, {}).str)\n"
    )
    own = ("--clean", "--headless", "--cmd", f"set runtimepath^={PLUGIN}", "-l", str(script))
    environ = {**os.environ, **neovim.environ, "HOME": str(tmp_path)}
    command = (str(neovim.program), *own)
    told = subprocess.run(
        command, env=environ, check=True, capture_output=True, text=True, timeout=60
    )
    assert told.stdout == shown
