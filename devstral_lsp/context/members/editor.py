"""What an editor's other language servers know of an expression, as places in files.

Only asked where the syntax tells nothing. The places are read like all others: through the bounded
reader, and never in a private or ignored file.
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
    """Where the type of an expression is defined, and where itself. `signature` is that of the call
    around the cursor. An editor that knows nothing, or is late, answers with the defaults."""

    types: tuple[EditorPlace, ...] = ()
    definitions: tuple[EditorPlace, ...] = ()
    signature: str = ""


AskEditor = Callable[[Snapshot, int, int], Awaitable[EditorAnswer]]
"""Takes the offsets (code points) of the expression's last name and of the cursor. Never raises."""
