"""A terminal that programs run in as in any other: keys go in, and a screen can be read.

A pseudo terminal of the system with the emulator `pyte` behind it. It knows no editor.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.editors.support.waiting import until
from tests.support.installed import python_packages

PYTE = ("pyte==0.8.2", "wcwidth==0.2.14")

KEYS = {
    "Escape": "\x1b",
    "Enter": "\r",
    "Tab": "\t",
    "Backspace": "\x7f",
    "Down": "\x1b[B",
    "Right": "\x1b[C",
    "Alt+Right": "\x1b[1;3C",
    "Alt+End": "\x1b[1;3F",
    "Alt+n": "\x1bn",
    "Alt+p": "\x1bp",
    "Alt+l": "\x1bl",
    "Alt+\\": "\x1b\\",
    "Control+]": "\x1d",
    "Control+x": "\x18",
    "Control+c": "\x03",
}
"""What a terminal sends for them, as xterm does."""

_STRINGS = re.compile(rb"\x1b[P_^X].*?\x1b\\|\x1b\[[<=>?][0-9;]*[mnu]", re.DOTALL)
"""What is no text and pyte would show, or take for a colour: questions to the terminal."""

_UNFINISHED = re.compile(rb"\x1b[^A-Za-z~\\]*$")
"""The beginning of a sequence whose end is still to be read."""

_BETWEEN_KEYS_S = 0.03


class Terminal:
    """One program. `on_screen` is called whenever the screen has changed."""

    def __init__(self, folder: Path, *, columns: int = 100, rows: int = 30) -> None:
        self.on_screen: Callable[[], None] | None = None
        self._folder = folder
        self._size = (rows, columns)
        self._reader = -1
        self._held_back = b""
        self._process: subprocess.Popen[bytes] | None = None
        self._screen, self._stream = _emulator(columns, rows)

    def start(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Run a command in the folder."""
        self._reader, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", *self._size, 0, 0))
        self._process = subprocess.Popen(
            command,
            cwd=self._folder,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environ},
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(inside)
        asyncio.get_running_loop().add_reader(self._reader, self._read)

    async def stop(self) -> None:
        """End the program with everything that it has started."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        asyncio.get_running_loop().remove_reader(self._reader)
        await asyncio.to_thread(self._process.wait)
        os.close(self._reader)
        self._process = None

    async def type(self, text: str, between_s: float = _BETWEEN_KEYS_S) -> None:
        """Type it key by key."""
        for each in text:
            self.send(each)
            await asyncio.sleep(between_s)

    async def press(self, *names: str) -> None:
        """Press keys of KEYS."""
        for name in names:
            self.send(KEYS[name])
            await asyncio.sleep(_BETWEEN_KEYS_S)

    def send(self, text: str) -> None:
        """Send it at once, like keys that are hit together."""
        os.write(self._reader, text.encode())

    def lines(self) -> list[str]:
        """The screen, without blanks at the ends of its lines."""
        return [line.rstrip() for line in self._screen.display]

    def text(self) -> str:
        return "\n".join(self.lines())

    def coloured(self, colour: str) -> list[str]:
        """What is on the screen in this colour ("rrggbb"), line by line."""
        rows = (self._screen.buffer[row] for row in range(self._size[0]))
        cells = ([row[column] for column in range(self._size[1])] for row in rows)
        found = ("".join(each.data for each in row if each.fg == colour) for row in cells)
        return [each.rstrip() for each in found if each.strip()]

    async def sees(self, words: str) -> None:
        """Wait until the screen has what the regular expression says."""
        await until(
            f"{words!r} on the screen",
            lambda: re.search(words, self.text(), re.M),
            instead=self.text,
        )

    def ansi(self) -> str:
        """The screen as text with colours, for pictures."""
        return "\n".join(
            _row(self._screen.buffer[row], self._size[1]) for row in range(self._size[0])
        )

    def _read(self) -> None:
        try:
            told = os.read(self._reader, 65536)
        except OSError:  # the program has ended
            asyncio.get_running_loop().remove_reader(self._reader)
            return
        told = _STRINGS.sub(b"", self._held_back + told)
        self._held_back = b"".join(_UNFINISHED.findall(told))
        self._stream.feed(_UNFINISHED.sub(b"", told))
        if self.on_screen:
            self.on_screen()


def _take_terminal() -> None:
    """Make the standard input the terminal of the session: Emacs opens it as /dev/tty."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _emulator(columns: int, rows: int) -> tuple[Any, Any]:
    folder = str(python_packages(*PYTE))
    if folder not in sys.path:
        sys.path.append(folder)
    import pyte

    screen = pyte.Screen(columns, rows)
    return screen, pyte.ByteStream(screen)


def _row(row: Any, columns: int) -> str:
    """One line of the screen; what looks alike comes together."""
    runs = groupby((row[column] for column in range(columns)), key=_look)
    return "".join(look + "".join(each.data for each in run) for look, run in runs) + "\x1b[0m"


def _look(cell: Any) -> str:
    looks = ["0", *("1" for _ in range(cell.bold)), *("7" for _ in range(cell.reverse))]
    for kind, colour in ((38, cell.fg), (48, cell.bg)):
        if re.fullmatch("[0-9a-f]{6}", colour):
            red, green, blue = bytes.fromhex(colour)
            looks.append(f"{kind};2;{red};{green};{blue}")
    return f"\x1b[{';'.join(looks)}m"
