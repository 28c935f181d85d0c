"""The text of a document, as a value that never changes.

`Text` is a rope of blocks cut at line ends, so that an edit copies one block and shares the rest;
a `Snapshot` is a `Text` with its document's name, version and language. Everything here counts in
code points; it knows nothing of LSP positions (`server/positions.py`) and nothing of models.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of offsets (code points)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `span` by `text`."""

    span: Span
    text: str
