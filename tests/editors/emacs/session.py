"""A run of Emacs in a terminal, with our package, our server and a model that knows some texts."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.editors.emacs.install import NO_NATIVE_CODE, SOURCE, Emacs
from tests.editors.support.model import Model
from tests.editors.support.screen import Terminal
from tests.editors.support.session import TerminalSession
from tests.editors.support.waiting import until
from tests.editors.support.wiretap import Wiretap

T = TypeVar("T")

_BETWEEN_KEYS_S = 0.03
_NAMED = {"RET": "\r", "TAB": "\t", "DEL": "\x7f", "SPC": " "}

_INIT = f"""\
{NO_NATIVE_CODE}
(setq inhibit-startup-screen t make-backup-files nil auto-save-default nil create-lockfiles nil
      vc-handled-backends '(Git) ring-bell-function #'ignore use-short-answers t
      enable-local-variables nil mode-require-final-newline nil
      devstral-command '({{command}}))
(setq-default indent-tabs-mode nil)
(menu-bar-mode -1)
{{own}}
"""
_OWN = {
    "eglot": "(setq eglot-confirm-server-edits nil eglot-stay-out-of '(flymake))\n",
    "lsp-mode": """\
(load "lsp-mode-autoloads" nil t)
(setq lsp-session-file (expand-file-name "session" user-emacs-directory) lsp-auto-guess-root t
      lsp-client-packages nil lsp-warn-no-matched-clients nil lsp-headerline-breadcrumb-enable nil
      lsp-enable-suggest-server-download nil lsp-diagnostics-provider :none)
(require 'lsp-mode)
(add-hook 'python-mode-hook #'lsp)
""",
}
"""What a user of either has beside our lines."""
_MENUS = {"eglot": "eglot-code-actions", "lsp-mode": "lsp-execute-code-action"}


@dataclass
class Session(TerminalSession):
    """With what is Emacs' own."""

    menu: str
    """The command of the client that lists code actions."""

    async def press(self, chords: str) -> None:
        """Press keys as Emacs writes them: "C-x M-f RET"."""
        for chord in chords.split():
            self.terminal.send(_sent_for(chord))
            await asyncio.sleep(_BETWEEN_KEYS_S)

    async def sees(self, text: str) -> None:
        """Wait until this text is on the screen."""
        await self.terminal.sees(re.escape(text))

    async def loses(self, text: str) -> None:
        """Wait until this text is not on the screen any more."""
        await self.until(f"{text!r} to go", lambda: text not in self.terminal.text())

    async def until(self, what: str, look: Callable[[], T]) -> T:
        """What `look` gives once it is true. If it never is, the screen is told."""
        return await until(what, look, instead=self.terminal.text)

    async def opened(self, name: str, content: bytes = b"") -> Wiretap:
        """Write a file, open it and go to its end; gives a listener for what follows.

        Waits until the server has connected: before that, `local` answers alone, and what it shows
        stays while it is typed along.
        """
        path = self.workspace / name
        path.write_bytes(content)
        await self.press("C-x C-f C-a C-k")
        self.terminal.send(str(path))
        await self.press("RET")
        await self.until(f"didOpen of {name}", lambda: self.wire.opened(name))
        await self.sees(f" {name} ")
        await self.until("the server to connect", lambda: self.fake.received)
        await self.press("M->")
        return self.wire.from_now()

    async def command(self, name: str, prompt: str = "", answer: str = "") -> None:
        """Run a command by its name; `answer` is for the one question that it has."""
        await self.press("M-x")
        await self.sees("\nM-x")
        self.terminal.send(name)
        await self.press("RET")
        if prompt:
            await self.sees(f"\n{prompt}:")
            self.terminal.send(answer)
            await self.press("RET")

    async def saved(self, name: str, content: bytes) -> None:
        """Save the buffer, and wait until the file is this, byte for byte."""
        await self.press("C-x C-s")
        await self.on_disk(name, content)


@asynccontextmanager
async def running(
    emacs: Emacs, folder: Path, client: str, settings: Mapping[str, object] | None = None
) -> AsyncIterator[Session]:
    """Emacs with `client` ("eglot" or "lsp-mode") set up by the lines that we give to users.

    `settings` are of the server's, by their dotted names.
    """
    workspace, terminal = _folders(folder, emacs), Terminal(folder)
    model, wire = Model(), Wiretap(folder / "wire.jsonl")
    command = " ".join(json.dumps(each) for each in wire.command())
    ours = SOURCE.with_name(f"init-{client}.el").read_text()
    init = _INIT.format(command=command, own=_OWN[client] + ours)
    (folder / ".emacs.d" / "init.el").write_text(init)
    async with model.serve() as fake:
        config = folder / "devstral.toml"
        config.write_text(_settings(fake.url, settings or {}))
        environ = {**emacs.environ, "HOME": str(folder)}
        environ["DEVSTRAL_CONFIG"] = str(config)
        try:
            terminal.start(emacs.command, environ)
            await terminal.sees(r"\*scratch\*")
            yield Session(terminal, wire, model, fake, workspace, _MENUS[client])
        finally:
            await terminal.stop()


def _folders(folder: Path, emacs: Emacs) -> Path:
    workspace = folder / "workspace"
    (workspace / ".git").mkdir(parents=True)
    (folder / ".emacs.d").mkdir()
    shutil.copytree(emacs.package, folder / ".emacs.d" / "devstral")
    return workspace


def _settings(url: str, further: Mapping[str, object]) -> str:
    """The server's user file. A value of JSON is one of TOML."""
    every = {"fim.base_url": url, "chat.base_url": url, **further}
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in every.items())


def _sent_for(chord: str) -> str:
    """What a terminal sends for a key as Emacs writes it."""
    *modifiers, key = chord.split("-") if len(chord) > 1 else [chord]
    sent = _NAMED.get(key, key)
    if "C" in modifiers:
        sent = "\0" if key == "SPC" else chr(ord(sent) & 0x1F)
    return "\x1b" + sent if "M" in modifiers else sent
