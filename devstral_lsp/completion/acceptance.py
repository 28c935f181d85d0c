"""What a user does with suggestions, and where they are not wanted.

A suggestion that stood long enough to be read and was then typed against is a rejection; five in a
row at one kind of place, and the network is asked less often there, until one is accepted again.
One that a user had time to read, and typed on along, does not come back after a slip of the finger.
Learned from the acceptance command, from what editors tell in Copilot's dialect, and from what is
typed. Kept in memory alone; knows no text but that of the last suggestion of each document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from devstral_lsp.completion.cursor_position import PositionKind, position_kind
from devstral_lsp.completion.typed_through import (
    AFTER_WINDOW,
    BEFORE_WINDOW,
    RequestAnchor,
    remaining_text,
)
from devstral_lsp.completion.types import Completion, CursorContext

MIN_DISPLAY_MS = 500.0
"""A suggestion that stood for less was not read: it was typed past. Peers use 500 and 750 ms."""

PONDERED_MS = 700.0
"""Whoever stops for so long, and then types on along what stands there, has read it and did not
take it. Of the texts that came back after a slip in the replay (seeds 21 to 26), 15 of 23 were
wrong where that was so, and 11 of 41 where it was not."""

PASSED_OVER_FOR_MS = 30_000.0
"""How long it stays away. By then somebody may want to read it again."""

REJECTIONS = 5
"""This many in a row at one kind of place, and it is asked less often there."""

MOST_DOCUMENTS = 50

KindOfPlace = tuple[str, PositionKind]
"""A language, and what kind of place in it."""


@dataclass(slots=True)
class _DisplayedSuggestion:
    """A suggestion on somebody's screen."""

    id: str
    place: CursorContext
    """Where it came up, as far as that tells the kind of place."""
    anchor: RequestAnchor
    text: str
    at_ms: float
    seen: bool = False
    """The editor has said that it stands there, so `at_ms` is true."""
    last_key_ms: float = 0.0
    is_passed_over: bool = False
    """Somebody had time to read it, and typed it on."""


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
        self._shown[uri] = _DisplayedSuggestion(
            id=completion.id,
            place=before.place if before and same else _near(place),
            anchor=RequestAnchor.of(place),
            text=completion.text,
            at_ms=before.at_ms if before and same else self._clock_ms(),
            seen=bool(before and same and before.seen),
            last_key_ms=self._clock_ms(),
            is_passed_over=bool(before and same and before.is_passed_over),
        )
        while len(self._shown) > MOST_DOCUMENTS:
            del self._shown[next(iter(self._shown))]

    def moved(self, uri: str, place: CursorContext) -> None:
        """The cursor is somewhere else now: was the suggestion followed or contradicted?"""
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
        if rest == "" or typed.startswith(shown.text):
            self._welcome(shown.place)
        elif typed and self._clock_ms() - shown.at_ms >= MIN_DISPLAY_MS:
            kind = position_key(shown.place)
            self._rejections[kind] = self._rejections.get(kind, 0) + 1

    def displayed(self, completion_id: str) -> None:
        """The editor says that a suggestion is on the screen only now. Its rest keeps that time."""
        for shown in self._shown.values():
            if shown.id == completion_id and not shown.seen:
                shown.at_ms, shown.seen = self._clock_ms(), True

    def accepted(self, completion_id: str) -> None:
        """The editor says that a suggestion was taken, wholly or in part."""
        for shown in self._shown.values():
            if shown.id == completion_id:
                self._welcome(shown.place)

    def forget(self, uri: str) -> None:
        self._shown.pop(uri, None)
        if self._passed_over is not None and self._passed_over[0] == uri:
            self._passed_over = None

    def _welcome(self, place: CursorContext) -> None:
        if self._rejections:
            self._rejections.pop(position_key(place), None)


def position_key(place: CursorContext) -> KindOfPlace:
    """Parses: asked only where something was rejected."""
    return place.language_id, position_kind(place)


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
