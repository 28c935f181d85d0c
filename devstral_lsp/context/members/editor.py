"""Ask the editor's other language servers about an expression, where the syntax does not say
enough.

They answer with positions in files, which are read like all files: by the bounded reader, and never
in private or ignored files.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.text import Snapshot


@dataclass(frozen=True, slots=True)
class EditorPlace:
    """A line of a file, counted from 0."""

    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class EditorAnswer:
    """Where the type of an expression and the expression itself are defined. `signature` is that of
    the call around the cursor. The defaults mean that the editor knows nothing or was late."""

    types: tuple[EditorPlace, ...] = ()
    definitions: tuple[EditorPlace, ...] = ()
    signature: str = ""


AskEditor = Callable[[Snapshot, int, int], Awaitable[EditorAnswer]]
"""Takes the offsets (code points) of the expression's last name and of the cursor. Never raises."""
