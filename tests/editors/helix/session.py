"""A run of Helix with our configuration, our server and a model that knows some texts by heart."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.editors.helix.install import Helix
from tests.editors.support.model import Model
from tests.editors.support.screen import Terminal
from tests.editors.support.session import TerminalSession
from tests.editors.support.waiting import until
from tests.editors.support.wiretap import Wiretap

CONFIGURATION = Path(__file__).parents[3] / "editors" / "helix" / "languages.toml"

_COMMAND = 'command = "devstral-lsp"\n'
_CONFIG = """\
theme = "base16_default"
[editor]
true-color = true
idle-timeout = 50
"""


@dataclass
class Session(TerminalSession):
    """With what is this editor's own."""

    log: Path
    """What `:log-open` shows."""

    async def opened(self, name: str, content: bytes = b"") -> Wiretap:
        """Write a file and open it, in normal mode; gives a listener from then on."""
        (self.workspace / name).write_bytes(content)
        await self.normal()
        told = self.wire.from_now()
        await self.command(f"open {name}")
        await until(f"didOpen of {name}", lambda: told.opened(name))
        return told.from_now()

    async def insert(self, key: str = "i") -> None:
        """Into insert mode, by this key."""
        await self.terminal.type(key)
        await self.terminal.sees(r"^ *INS ")

    async def normal(self) -> None:
        """Into normal mode. Escape and a key right after it would be one key with Alt."""
        await self.terminal.press("Escape")
        await self.terminal.sees(r"^ *NOR ")

    async def command(self, words: str) -> None:
        """Run a command line."""
        await self.terminal.type(":")
        await until("the command line", lambda: self.terminal.lines()[-1].startswith(":"))
        self.terminal.send(words + "\r")
        await until("its end", lambda: not self.terminal.lines()[-1].startswith(":"))

    async def act(self, title: str) -> None:
        """Take a code action. The menu knows no letters: they would run as commands."""
        await self.terminal.type(" a")
        await self.terminal.sees(re.escape(title))
        rows = self.terminal.lines()
        first = next(row for row, line in enumerate(rows) if _ACTION.search(line))
        wanted = next(row for row, line in enumerate(rows) if title in line)
        await self.terminal.press(*["Down"] * (wanted - first), "Enter")

    def menu(self) -> bool:
        """Whether a suggestion of ours stands in the menu."""
        return any(line.endswith(" text") for line in self.terminal.lines())

    def open_questions(self, wire: Wiretap) -> bool:
        """Whether the menu still waits for an answer of the server's."""
        asked = wire.by_editor("textDocument/completion")
        return not all(map(wire.answer_of_server, asked))

    async def saved(self, name: str, content: bytes) -> None:
        """Save, and compare what is on disk byte for byte."""
        await self.normal()
        await self.command("write")
        await self.on_disk(name, content)


_ACTION = re.compile("Make the same change|Follow comment|Simplify|Explain|Document|Improve")
"""What may stand first in the menu."""


@asynccontextmanager
async def running(
    helix: Helix, folder: Path, settings: Mapping[str, object] | None = None
) -> AsyncIterator[Session]:
    """Helix in a workspace, with `editors/helix/languages.toml` but for the command.

    `settings` are the server's, by their whole names.
    """
    model, wire = Model(), Wiretap(folder / "wire.jsonl")
    workspace, home = folder / "workspace", folder / "config" / "helix"
    (workspace / ".git").mkdir(parents=True)
    home.mkdir(parents=True)
    (home / "config.toml").write_text(_CONFIG)
    terminal = Terminal(workspace)
    async with model.serve() as fake:
        (home / "languages.toml").write_text(_configuration(wire, fake.url, settings or {}))
        own = {f"XDG_{kind.upper()}_HOME": str(folder / kind) for kind in ("config", "cache")}
        environ = {**helix.environ, **own, "HOME": str(folder), "PATH": "/usr/bin:/bin"}
        terminal.start((str(helix.program), "-v"), environ)
        try:
            await terminal.sees(r"^ *NOR ")
            yield Session(terminal, wire, model, fake, workspace, folder / "cache/helix/helix.log")
        finally:
            await terminal.stop()


def _configuration(wire: Wiretap, url: str, settings: Mapping[str, object]) -> str:
    text = CONFIGURATION.read_text()
    assert _COMMAND in text
    command, *arguments = wire.command()
    started = f"command = {json.dumps(command)}\nargs = {json.dumps(arguments)}\n"
    all_settings = {"fim.baseUrl": url, "chat.baseUrl": url, **settings}
    own = "".join(f"{name} = {json.dumps(value)}\n" for name, value in all_settings.items())
    return text.replace(_COMMAND, f"{started}[language-server.devstral.config.devstral]\n{own}")
