"""What users do with suggestions, and where they do not want them.

A suggestion is rejected if it was displayed long enough to be read and the user typed something
else. After five rejections in a row at one kind of place, requests there are less frequent until
the user accepts a suggestion again. A suggestion that the user had time to read, and typed instead
of accepting it, does not come back after a typo. Learned from the acceptance command, from the
messages of editors that speak Copilot's dialect, and from typing. Kept in memory alone, with no
text but that of the last suggestion of each document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import takewhile

from devstral_lsp.completion.cursor_position import PositionKind, position_kind
from devstral_lsp.completion.typed_through import (
    AFTER_WINDOW,
    BEFORE_WINDOW,
    RequestAnchor,
    remaining_text,
)
from devstral_lsp.completion.types import Completion, CursorContext
from devstral_lsp.observability.trace import Trace, current

MIN_DISPLAY_MS = 500.0
"""A suggestion that stood for less was not read: it was typed past. Peers use 500 and 750 ms."""

PONDERED_MS = 700.0
"""A user who pauses for this long and then types along the suggestion has read it and did not
accept it. Of the texts that came back after a typo in the replay (seeds 21 to 26), 15 of 23 were
wrong after such a pause, and 11 of 41 without one."""

PASSED_OVER_FOR_MS = 30_000.0
"""How long such a suggestion stays hidden. After that the user may want to read it again."""

REJECTIONS = 5
"""After this many in a row at one kind of place, requests there are less frequent."""

MAX_DOCUMENTS = 50

TYPED_AT_ONCE = 2
"""Code points that one key inserts at most, with the bracket that the editor adds: a longer
insertion was accepted from a suggestion."""

KindOfPlace = tuple[str, PositionKind]
"""A language, and what kind of place in it."""


@dataclass(slots=True)
class _DisplayedSuggestion:
    """A suggestion on the user's screen."""

    id: str
    place: CursorContext
    """Where it was displayed."""
    anchor: RequestAnchor
    text: str
    at_ms: float
    seen: bool = False
    """The editor confirmed that it is displayed, so `at_ms` is exact."""
    last_key_ms: float = 0.0
    is_passed_over: bool = False
    """The user had time to read it, and typed along it instead of accepting it."""
    trace: Trace | None = None
    """Of the request that it answered."""
    is_taken: bool = False
    """The editor reported that the whole was accepted."""
    is_partly_taken: bool = False
    """The editor reported that a part was accepted; the next suggestion shows which."""


class AcceptanceTracker:
    """One user's. `clock_ms` gives milliseconds."""

    def __init__(self, clock_ms: Callable[[], float]) -> None:
        self._clock_ms = clock_ms
        self._shown: dict[str, _DisplayedSuggestion] = {}
        self._rejections: dict[KindOfPlace, int] = {}
        self._passed_over: tuple[str, _DisplayedSuggestion] | None = None
        """The last one that was typed against, and its document."""

    def is_suppressed(self, place: CursorContext) -> bool:
        """Whether suggestions at this kind of place have been rejected time and again."""
        if not self._rejections:
            return False
        return self._rejections.get(position_key(place), 0) >= REJECTIONS

    def is_passed_over(self, uri: str, place: CursorContext) -> bool:
        """Whether the cursor is back within what its user has read, not taken, and typed against
        lately."""
        if self._passed_over is None or self._passed_over[0] != uri:
            return False
        passed = self._passed_over[1]
        if self._clock_ms() - passed.last_key_ms >= PASSED_OVER_FOR_MS:
            return False
        return bool(remaining_text(passed.text, passed.anchor, place))

    def shown(self, uri: str, place: CursorContext, completion: Completion) -> None:
        """A suggestion was handed to the editor. Showing the rest of one keeps its time."""
        before = self._shown.pop(uri, None)
        same = before is not None and before.text.endswith(completion.text)
        trace = current()
        rest = remaining_text(before.text, before.anchor, place) if before else None
        if before and rest and completion.text.startswith(rest):
            self._note_part(uri, before, len(before.text) - len(rest))
            if trace is not None and trace is not before.trace:
                trace.add("the rest of what was shown before", stage="shown", is_rest=True)
                trace = before.trace
        self._shown[uri] = _DisplayedSuggestion(
            id=completion.id,
            place=before.place if before and same else _near(place),
            anchor=RequestAnchor.of(place),
            text=completion.text,
            at_ms=before.at_ms if before and same else self._clock_ms(),
            seen=bool(before and same and before.seen),
            last_key_ms=self._clock_ms(),
            is_passed_over=bool(before and same and before.is_passed_over),
            trace=trace,
        )
        while len(self._shown) > MAX_DOCUMENTS:
            del self._shown[next(iter(self._shown))]

    def moved(self, uri: str, place: CursorContext, keys: int = 1) -> None:
        """The cursor is somewhere else now, after so many keys: was the suggestion followed or
        contradicted?"""
        shown = self._shown.get(uri)
        if shown is None:
            return
        rest = remaining_text(shown.text, shown.anchor, place)
        if rest:
            is_one_key = len(shown.text) - len(rest) == 1  # more are a part that was taken
            if is_one_key and self._clock_ms() - shown.last_key_ms >= PONDERED_MS:
                shown.is_passed_over = True
            return
        del self._shown[uri]
        if rest is None and shown.is_passed_over:
            self._passed_over = uri, shown
        typed = _typed_since(shown, place)
        stood_ms = self._clock_ms() - shown.at_ms
        if rest == "" or typed.startswith(shown.text):
            self._welcome(shown.place)
            if not shown.is_taken:
                is_typed = len(shown.text) <= TYPED_AT_ONCE * keys
                _note(uri, shown, "typed" if is_typed else "accepted", shown.text)
        elif shown.is_taken:
            return
        elif shown.is_partly_taken and (length := _common_length(typed, shown.text)):
            self._note_part(uri, shown, length)
        elif typed and stood_ms >= MIN_DISPLAY_MS:
            kind = position_key(shown.place)
            self._rejections[kind] = self._rejections.get(kind, 0) + 1
            _note(uri, shown, "rejected", stood_ms=stood_ms)
        else:
            _note(uri, shown, "passed", stood_ms=stood_ms)

    def displayed(self, completion_id: str) -> None:
        """The editor says that a suggestion is on the screen only now. Its rest keeps that time."""
        for shown in self._shown.values():
            if shown.id == completion_id and not shown.seen:
                shown.at_ms, shown.seen = self._clock_ms(), True

    def accepted(self, completion_id: str, *, whole: bool = True) -> None:
        """The editor says that a suggestion was taken, wholly or in part."""
        for uri, shown in self._shown.items():
            if shown.id == completion_id:
                self._welcome(shown.place)
                shown.is_partly_taken |= not whole
                if whole and not shown.is_taken:
                    shown.is_taken = True
                    _note(uri, shown, "accepted", shown.text)

    def forget(self, uri: str) -> None:
        self._shown.pop(uri, None)
        if self._passed_over is not None and self._passed_over[0] == uri:
            self._passed_over = None

    def _note_part(self, uri: str, shown: _DisplayedSuggestion, length: int) -> None:
        """The first `length` code points of a suggestion stand in the document now."""
        if shown.is_partly_taken and length > 0:
            _note(uri, shown, "partly", shown.text[:length])

    def _welcome(self, place: CursorContext) -> None:
        if self._rejections:
            self._rejections.pop(position_key(place), None)


def position_key(place: CursorContext) -> KindOfPlace:
    """Parses: asked only where something was rejected."""
    return place.language_id, position_kind(place)


def _common_length(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _note(
    uri: str, shown: _DisplayedSuggestion, became: str, text: str = "", stood_ms: float = 0.0
) -> None:
    """Add to the suggestion's trace what became of it, and hand over the `text` that was taken."""
    if shown.trace is None:
        return
    words = f"{became}, {len(text)} code points" if text else f"{became} after {stood_ms:.0f} ms"
    shown.trace.add(words, stage="acceptance", became=became, length=len(text))
    if became in ("accepted", "partly"):
        shown.trace.accepted(uri, text)


def _near(place: CursorContext) -> CursorContext:
    return replace(place, before=place.before[-BEFORE_WINDOW:], after=place.after[:AFTER_WINDOW])


def _typed_since(shown: _DisplayedSuggestion, place: CursorContext) -> str:
    """What was put where the suggestion came up; empty if the cursor just went elsewhere.

    An editor that asks seldom, and does not say what was taken, first asks again further on.
    """
    tail = shown.anchor.before[-200:]
    at = place.before.rfind(tail) if tail else 0
    typed = place.before[at + len(tail) :]
    lines = 1 + shown.text.count("\n")
    return typed if at >= 0 and typed.count("\n") <= lines else ""
