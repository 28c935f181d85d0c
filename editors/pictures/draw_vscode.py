"""Takes the picture of VS Code with ghost text, from the window of a real one.

.venv/bin/python -m editors.pictures.draw_vscode
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from editors.pictures.draw_nvim import BEFORE, KNOWN
from tests.editors.vscode.install import install
from tests.editors.vscode.session import running

HERE = Path(__file__).parent
EDITOR = (352, 36, 760, 320)
"""Left, top, width and height of the part of the window that has the text."""


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with running(install(), Path(folder)) as vscode:
            vscode.model.knows(KNOWN)
            await vscode.opened("spread.py", BEFORE)
            await vscode.window.type("def dev", 110)
            await vscode.window.sees(KNOWN.rstrip().removeprefix("def dev"))
            await vscode.window.picture(HERE / "vscode-ghost.png", EDITOR)


if __name__ == "__main__":
    asyncio.run(main())
