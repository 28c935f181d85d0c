"""Draws README's picture: what `devstral-lsp complete` shows of the unfinished file.

.venv/bin/python editors/pictures/draw.py
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
FILE = "tests/fixtures/demo/unfinished.py"


def main() -> None:
    project = HERE.parent.parent
    line = (project / FILE).read_text(encoding="utf-8").count("\n") + 1
    command = ["devstral-lsp", "complete", f"{FILE}:{line}", "--provider", "local"]
    shown = subprocess.run(
        [sys.executable, "-m", "devstral_lsp", *command[1:]],
        cwd=project,
        env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": "80"},
        capture_output=True,
        check=True,
        encoding="utf-8",
    ).stdout
    console = Console(record=True, width=76, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "bold green"), " ".join(command[:3])))
    console.print(Text.from_ansi(shown))
    console.save_svg(str(HERE / "complete.svg"), title="devstral-lsp")


if __name__ == "__main__":
    main()
