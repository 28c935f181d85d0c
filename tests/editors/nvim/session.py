"""A run of Neovim with our plugin, our server and a model that knows some texts by heart."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.editors.nvim.install import Neovim
from tests.editors.support.model import Model
from tests.editors.support.screen import Terminal
from tests.editors.support.session import TerminalSession
from tests.editors.support.waiting import until
from tests.editors.support.wiretap import Wiretap

PLUGIN = Path(__file__).parents[3] / "editors" / "nvim"
GHOST = "5f87af"
"""The colour that ghost text has in these tests and nothing else."""

_INIT = """\
vim.opt.runtimepath:prepend(vim.env.PLUGIN)
vim.o.termguicolors = true
vim.o.swapfile = false
vim.o.more = false
vim.o.statusline = "%f %y %{v:lua.require'devstral'.status()}"
vim.cmd('filetype plugin on | syntax off')
-- Neovim without a terminal's answers decides on colours later: so after all has been loaded.
local function colour()
  for _, name in ipairs({ 'ComplHint', 'ComplHintMore', 'DevstralGhost' }) do
    vim.api.nvim_set_hl(0, name, { fg = '#5f87af' })
  end
end
vim.api.nvim_create_autocmd({ 'VimEnter', 'ColorScheme' }, { callback = colour })
local options = vim.json.decode(vim.env.OPTIONS)
require('devstral').setup(options)
"""


@dataclass
class Session(TerminalSession):
    """With what is this editor's own."""

    async def opened(self, name: str, content: bytes = b"") -> Wiretap:
        """Write a file and open it, in insert mode at its end; gives a listener from then on."""
        (self.workspace / name).write_bytes(content)
        await self.normal()
        told = self.wire.from_now()
        await self.command(f"edit {name}")
        await until(f"didOpen of {name}", lambda: told.opened(name))
        await self.terminal.type("GA")
        await self.terminal.sees("-- INSERT --")
        return told.from_now()

    async def normal(self) -> None:
        """Into normal mode. Escape and a key right after it would be one key with Alt."""
        await self.terminal.press("Escape")
        await until("normal mode", lambda: not self._says("-- INSERT --"))

    async def command(self, words: str) -> None:
        """Run a command line."""
        await self.terminal.type(":")
        await until("the command line", lambda: self._says(":"))
        self.terminal.send(words + "\r")

    async def answered(self, wire: Wiretap, method: str) -> None:
        """Wait until all that the editor has asked by this method is answered, and something is."""

        def look() -> bool:
            asked = wire.by_editor(method)
            return bool(asked) and all(map(wire.answer_of_server, asked))

        await until(f"answers to {method}", look)

    def ghost(self) -> str:
        """The ghost text: the rest of the cursor's line, then its further lines."""
        return "\n".join(self.terminal.coloured(GHOST))

    def found(self, words: str) -> str:
        """What the group of a regular expression matches on the screen."""
        match = re.search(words, self.terminal.text())
        assert match, f"no {words!r} on\n{self.terminal.text()}"
        return match[1]

    async def sees(self, text: str) -> None:
        """Wait for this ghost text, "" for none."""
        seen: list[str] = [""]

        def look() -> bool:
            seen.append(self.ghost())
            return seen[-1] == text

        await until(
            f"the ghost text {text!r}",
            look,
            instead=lambda: f"{list(dict.fromkeys(seen))!r} on\n{self.terminal.text()}",
        )

    async def saved(self, name: str, content: bytes) -> None:
        """Save, and compare what is on disk byte for byte."""
        await self.normal()
        await self.command("write")
        await self.on_disk(name, content)

    def _says(self, words: str) -> bool:
        """Whether the line below the statusline begins so."""
        return self.terminal.lines()[-1].startswith(words)


@asynccontextmanager
async def running(
    neovim: Neovim,
    folder: Path,
    *,
    options: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    size: tuple[int, int] = (100, 30),
) -> AsyncIterator[Session]:
    """Neovim in a workspace; `options` are the plugin's, `settings` the server's.

    `size` is that of the terminal in columns and rows.
    """
    model, wire = Model(), Wiretap(folder / "wire.jsonl")
    workspace = folder / "workspace"
    (workspace / ".git").mkdir(parents=True)
    (folder / "init.lua").write_text(_INIT)
    terminal = Terminal(workspace, columns=size[0], rows=size[1])
    async with model.serve() as fake:
        own = {"fim.baseUrl": fake.url, "chat.baseUrl": fake.url, **(settings or {})}
        lsp = {"cmd": wire.command(), "settings": {"devstral": own}}
        home = {
            f"XDG_{kind}_HOME": str(folder / kind) for kind in ("CONFIG", "DATA", "STATE", "CACHE")
        }
        environ = {**neovim.environ, **home, "HOME": str(folder), "PLUGIN": str(PLUGIN)}
        environ["OPTIONS"] = json.dumps({**(options or {}), "lsp": lsp})
        terminal.start((str(neovim.program), "--clean", "-u", str(folder / "init.lua")), environ)
        try:
            await terminal.sees(r"\[No Name\]")
            yield Session(terminal, wire, model, fake, workspace)
        finally:
            await terminal.stop()
