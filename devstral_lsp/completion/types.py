"""The values that travel through the stages of a completion.

A `CompletionRequest` is what the editor asked, a `CursorContext` is what the pure stages see of it
(plain strings around the cursor), a `Draft` is the model's raw text on its way, a `Completion` is
what may be shown. Nothing here does anything; nothing here knows LSP.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from devstral_lsp.languages import Language, get_language
from devstral_lsp.languages.html import embedded_document
from devstral_lsp.providers.base import FinishReason
from devstral_lsp.syntax.reparser import Reparser
from devstral_lsp.text import Snapshot, Span, Text, normalize_newlines

CURSOR = "│"
"""Marks the cursor in tests and docstrings."""

PLACE_WINDOW = 40_000
"""Code points on either side of the cursor that the pure stages may look at."""


class TriggerKind(Enum):
    AUTOMATIC = "automatic"
    INVOKED = "invoked"


class CompletionKind(Enum):
    """What is asked for at the cursor."""

    REST_OF_LINE = "rest_of_line"
    STATEMENT = "statement"
    BLOCK = "block"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """A cursor in a snapshot. `offset` in code points.

    In a notebook, `cells_above` and `cells_below` are the code cells around the cursor's, in order.
    `deadline_ms` is for an editor that gives up waiting before long, and asks again when it is
    told that there is more: what is complete by then is the answer.
    """

    snapshot: Snapshot
    offset: int
    trigger: TriggerKind = TriggerKind.AUTOMATIC
    selected: SelectedPopupItem | None = None
    deadline_ms: float | None = None
    cells_above: tuple[Snapshot, ...] = ()
    cells_below: tuple[Snapshot, ...] = ()

    def with_selected(self, before: str) -> str:
        """The text `before` the cursor as if the editor's chosen popup item had been accepted."""
        if self.selected is None:
            return before
        replaced = self.offset - self.selected.span.start
        return before[: len(before) - replaced] + self.selected.text


@dataclass(frozen=True, slots=True)
class SelectedPopupItem:
    """The item chosen in the editor's own popup: a completion must continue its text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorContext:
    """The strings around a cursor. `before` and `after` are windows of at most PLACE_WINDOW.

    Made by `of` they have "\\n" for every line end, and `newline` says what the document has.
    `whole` is all of the document; without it that is what the windows hold. `parser` parses what
    stands around the cursor, from what stood there at the key before if that had the same.
    """

    before: str
    after: str
    language_id: str = "plaintext"
    newline: str = "\n"
    whole: Text | None = field(default=None, repr=False, compare=False)
    parser: Reparser = field(default_factory=Reparser, repr=False, compare=False)

    @classmethod
    def of(cls, request: CompletionRequest, parser: Reparser) -> CursorContext:
        text, offset = request.snapshot.text, request.offset
        before = request.with_selected(text.slice(max(0, offset - PLACE_WINDOW), offset))
        after = text.slice(offset, min(len(text), offset + PLACE_WINDOW))
        above, below, language_id = embedded_document(
            normalize_newlines(before), normalize_newlines(after), request.snapshot.language
        )
        return cls(
            before=above,
            after=below,
            language_id=language_id,
            newline=newline_of(before) or newline_of(after) or "\n",
            whole=text,
            parser=parser,
        )

    @classmethod
    def from_marked(cls, marked: str, language_id: str = "plaintext") -> CursorContext:
        """The place of the one CURSOR in `marked`; ValueError if there is not exactly one."""
        before, after = marked.split(CURSOR)
        newline = newline_of(before) or newline_of(after) or "\n"
        return cls(before=before, after=after, language_id=language_id, newline=newline)

    @property
    def language(self) -> Language:
        return get_language(self.language_id)

    @property
    def document(self) -> str:
        """The text of the whole document: in proportion to its size, where it was not read yet."""
        return str(self.whole) if self.whole is not None else self.before + self.after

    @property
    def line_before(self) -> str:
        """The cursor's line, up to the cursor."""
        return self.before[max(self.before.rfind("\n"), self.before.rfind("\r")) + 1 :]

    @property
    def line_after(self) -> str:
        """The cursor's line, from the cursor, without its line end."""
        ends = [i for i in (self.after.find("\n"), self.after.find("\r")) if i >= 0]
        return self.after[: min(ends)] if ends else self.after

    @property
    def indentation(self) -> str:
        """The blanks that the cursor's line starts with."""
        line = self.line_before
        return line[: len(line) - len(line.lstrip(" \t"))]


def newline_of(text: str) -> str:
    """The last line end in `text`, "" if it has none."""
    at = max(text.rfind("\n"), text.rfind("\r"))
    if at < 0:
        return ""
    return "\r\n" if text[at - 1 : at + 1] == "\r\n" else text[at]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Text of the model for a place, raw or partly filtered; line ends are "\\n".

    `finish` tells how the stream ended; None means that we hung up because enough had come.
    `replaces_after` counts the code points right after the cursor, on its line, that `text` already
    contains at its end and therefore replaces (closing brackets that the editor typed).
    `may_end_anywhere`: it may end anywhere, since it says of a line as much as it is sure of, as
    `local` does. `goes_on`: it is the first part of a block that is longer than what is shown at
    once; what it leaves open is closed by what follows.
    """

    text: str
    kind: CompletionKind
    finish: FinishReason | None = FinishReason.STOP
    replaces_after: int = 0
    may_end_anywhere: bool = False
    goes_on: bool = False


class Origin(Enum):
    """Which stage a completion comes from, the quickest first."""

    CACHE = "remembered"
    """An answer that was given before."""
    INFLIGHT = "joined"
    """A stream that was on its way already."""
    REQUEST = "asked"
    """A request of its own."""
    LOCAL = "local"
    """The user's own code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What may be shown: put `text` in the place of `span`.

    `span` starts at the cursor, or before it where the editor's own popup item is continued, and
    ends on the cursor's line. `text` has the document's own line ends. `provider` is the word of
    the settings, `tier` the stage; `id` is what the editor reports when it was accepted.
    """

    text: str
    span: Span
    provider: str
    id: str = ""
    tier: Origin = Origin.REQUEST
