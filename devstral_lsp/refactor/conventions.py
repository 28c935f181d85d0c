"""The rules that a project sets down for its code: `AGENTS.md`, and what `.editorconfig` says.

Reads the disk, within the workspace folder only. What these files say is quoted to the model as the
project's wishes about code; `prompt.py` says that nothing more is to be taken from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from devstral_lsp.context.ignored import is_ignored
from devstral_lsp.refactor.editor_config import properties_of
from devstral_lsp.refactor.versions import folders_up_to
from devstral_lsp.text import with_newlines

FILE = "AGENTS.md"
"""The name that agents of several vendors have agreed on (agents.md)."""
LONGEST = 8_000
"""Code points, some 2,000 tokens. What stands further down is left out."""
LARGEST_FILE = 1_000_000
"""Bytes."""

_OF_THE_TEXT = (
    *("indent_style", "indent_size", "tab_width", "max_line_length"),
    *("quote_type", "insert_final_newline"),
)
"""Properties that code can keep to; line ends and encoding are the editor's matter."""


def conventions_of(file: Path, root: Path, exclude: Sequence[str] = ()) -> str:
    """What the nearest `AGENTS.md` up to `root` says, and how this file is to be laid out. Blocks.

    Line ends are "\\n"; "" where nothing is said.
    """
    said = next(
        filter(None, (_text(each / FILE, root, exclude) for each in folders_up_to(file, root))), ""
    )
    properties = properties_of(file, root)
    layout = [f"{name} = {properties[name]}" for name in _OF_THE_TEXT if name in properties]
    parts = [said, "\n".join(["Layout of this file (.editorconfig):", *layout]) if layout else ""]
    return "\n\n".join(filter(None, parts))


def _text(path: Path, root: Path, exclude: Sequence[str]) -> str:
    try:
        if (
            not path.is_file()
            or path.stat().st_size > LARGEST_FILE
            or is_ignored(path, [root], exclude)
        ):
            return ""
        text = with_newlines(path.read_text("utf-8", "replace")).strip()
    except OSError:
        return ""
    return text if len(text) <= LONGEST else text[: text.rfind("\n", 0, LONGEST) + 1 or LONGEST]
