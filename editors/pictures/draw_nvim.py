"""Draws the picture of Neovim with ghost text, from the screen of a real one.

.venv/bin/python -m editors.pictures.draw_nvim
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.editors.nvim.install import install
from tests.editors.nvim.session import running
from tests.editors.support.screen import Terminal

HERE = Path(__file__).parent
BEFORE = b"""\
from statistics import fmean


def normalised(values):
    mean = fmean(values)
    return [value - mean for value in values]


"""
KNOWN = """\
def deviation(values):
    squares = [value * value for value in normalised(values)]
    return fmean(squares) ** 0.5
"""


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with running(install("0.12"), Path(folder), size=(76, 14)) as nvim:
            nvim.model.knows(KNOWN)
            await nvim.opened("spread.py", BEFORE)
            await nvim.normal()
            await nvim.terminal.type("o")
            await nvim.terminal.type("def dev", 0.11)
            await nvim.sees(KNOWN.rstrip().removeprefix("def dev"))
            _draw(nvim.terminal, HERE / "nvim.svg")


def _draw(terminal: Terminal, file: Path) -> None:
    console = Console(record=True, width=76, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(terminal.ansi()))
    console.save_svg(str(file), title="Neovim")


if __name__ == "__main__":
    asyncio.run(main())
