"""A terminal for editors that run in one: keys go in, and what stands on the screen is read.

tmux is the terminal, with a server of its own for each, so that no other one is touched. It knows
no editor.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.editors.support.waiting import PATIENCE_S, until

COLUMNS, ROWS = 100, 30


class Terminal:
    """One program in a terminal. `folder` is for its socket."""

    def __init__(self, folder: Path) -> None:
        self._tmux = ("tmux", "-S", str(folder / "tmux"), "-f", os.devnull)

    def start(self, command: Sequence[str], environ: Mapping[str, str], where: Path) -> None:
        """Run the program. It gets no environment but this."""
        size = ("-x", str(COLUMNS), "-y", str(ROWS), "-c", str(where))
        told = [f"{name}={value}" for name, value in environ.items()]
        own = ("env", "-i", "TERM=tmux-256color", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", *told)
        # Nothing waits for what may follow an escape; the screen stays when the program ends.
        options = ("set", "-s", "escape-time", "0", ";", "set", "-g", "remain-on-exit", "on", ";")
        self._run(
            *options, "set", "-g", "status", "off", ";", "new-session", "-d", *size, *own, *command
        )

    def stop(self) -> None:
        """End the program."""
        subprocess.run((*self._tmux, "kill-server"), check=False, capture_output=True)

    def type(self, text: str) -> None:
        """Type this text, all at once."""
        self._run("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: "Enter", "C-x", "M-f", "Escape"."""
        self._run("send-keys", *keys)

    def screen(self) -> str:
        """What stands on the screen, without blanks at the ends of lines."""
        return self._run("capture-pane", "-p")

    async def type_slowly(self, text: str, pause_s: float = 0.05) -> None:
        """Type as people do."""
        for each in text:
            self.type(each)
            await asyncio.sleep(pause_s)

    async def sees(self, text: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until this text is on the screen."""
        try:
            await until(f"{text!r} on the screen", lambda: text in self.screen(), patience_s)
        except AssertionError as error:
            raise AssertionError(f"{error}:\n{self.screen().rstrip()}") from None

    async def loses(self, text: str) -> None:
        """Wait until this text is not on the screen any more."""
        try:
            await until(f"{text!r} to go", lambda: text not in self.screen())
        except AssertionError as error:
            raise AssertionError(f"{error}:\n{self.screen().rstrip()}") from None

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            (*self._tmux, *command), capture_output=True, text=True, timeout=20, check=False
        )
        assert not done.returncode, done.stderr
        return done.stdout
