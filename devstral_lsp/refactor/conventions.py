"""Reads the project's rules for its code: `AGENTS.md`, and the layout in `.editorconfig`.

The model gets them as data; the system prompt says to follow them only where they are about code.
Nothing outside the workspace folder is read.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from devstral_lsp.bounded_read import read_text
from devstral_lsp.characters import hides_text
from devstral_lsp.context.gitignore import is_ignored
from devstral_lsp.providers.base import Notice
from devstral_lsp.refactor.editorconfig import editorconfig_properties
from devstral_lsp.refactor.versions import ancestors_within
from devstral_lsp.text import normalize_newlines

FILE = "AGENTS.md"
"""The file name that several vendors have agreed on (agents.md)."""
MAX_LENGTH = 8_000
"""Code points, some 2,000 tokens. The rest is left out."""
MAX_FILE_BYTES = 1_000_000

_OF_THE_TEXT = (
    *("indent_style", "indent_size", "tab_width", "max_line_length"),
    *("quote_type", "insert_final_newline"),
)
"""Properties that apply to code; the editor handles line ends and encoding."""


def conventions_of(
    file: Path,
    root: Path,
    exclude: tuple[str, ...] = (),
    notify: Callable[[Notice], None] = lambda notice: None,
) -> str:
    """The nearest `AGENTS.md` up to `root`, and the layout of this file. Blocks.

    Line ends are "\\n"; "" if there are no rules. A file with invisible text is not used, and is
    reported to `notify`.
    """
    texts = (_text(each / FILE, root, exclude, notify) for each in ancestors_within(file, root))
    said = next(filter(None, texts), "")
    properties = editorconfig_properties(file, root)
    layout = [f"{name} = {properties[name]}" for name in _OF_THE_TEXT if name in properties]
    layout = [line for line in layout if not hides_text(line)]
    parts = [said, "\n".join(["Layout of this file (.editorconfig):", *layout]) if layout else ""]
    return "\n\n".join(filter(None, parts))


def _text(
    path: Path, root: Path, exclude: tuple[str, ...], notify: Callable[[Notice], None]
) -> str:
    try:
        text = read_text(path, max_bytes=MAX_FILE_BYTES, within=[root])
    except OSError:
        return ""
    if is_ignored(path, [root], exclude):
        return ""
    if hides_text(text):
        notify(_hidden(path.relative_to(root).as_posix()))
        return ""
    text = normalize_newlines(text).strip()
    return (
        text
        if len(text) <= MAX_LENGTH
        else text[: text.rfind("\n", 0, MAX_LENGTH) + 1 or MAX_LENGTH]
    )


def _hidden(name: str) -> Notice:
    return Notice(
        f"hidden text in {name}",
        f"{name} is not followed: it holds invisible or bidirectional characters, by which it may "
        "say something else to a model than to you. Remove them to have it followed again.",
    )
