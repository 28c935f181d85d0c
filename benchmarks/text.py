"""What a keystroke costs in the text store, as a share of what it costs pygls' own document.

Run by `python -m benchmarks.text`. A keystroke is one incremental change of one character and the
look-up of one position after it, in UTF-16, as a client sends them. Both stores see the same
changes in the same run and must agree on text and offsets. Exits with 1 where our share of the
time is above the limit.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from lsprotocol.types import (
    Position,
    PositionEncodingKind,
    Range,
    TextDocumentContentChangePartial,
)
from pygls.workspace import TextDocument

from devstral_lsp.server.positions import offset_at
from devstral_lsp.server.session import Session

LIMIT = 0.2
LINES = 50_000
ROUNDS = 30
URI = "file:///benchmark.py"
UTF16 = PositionEncodingKind.Utf16

Keystroke = Callable[[Position], int]
"""Types a character at a position, then looks up the position behind it; gives the offset."""


@dataclass(frozen=True, slots=True)
class Case:
    """A document and where its keystrokes begin."""

    name: str
    text: str
    start: Position
    rounds: int = ROUNDS


def main() -> int:
    print(f"{'':34}{'pygls ms':>10}{'ours ms':>10}{'share':>9}")
    shares = [_report(case) for case in _cases()]
    print(f"largest share {max(shares):.2%}, limit {LIMIT:.0%}")
    return int(max(shares) > LIMIT)


def _cases() -> Iterator[Case]:
    lines = {
        "ASCII": "    total = total + item.price * item.count  # line\n",
        "astral": "    label = '😋 naïve 漢字 𐐀' + item.name  # line\n",
    }
    for kind, line in lines.items():
        for place, number in (("start", 0), ("middle", LINES // 2), ("end", LINES - 1)):
            name = f"{LINES} lines, {kind}, {place}"
            yield Case(name, line * LINES, Position(number, 30))
    for kind, unit in (("ASCII", "x = 1; "), ("astral", "y='😋'; ")):
        text = unit * (20_000_000 // len(unit.encode()))
        yield Case(f"20 MB on one line, {kind}", text, Position(0, len(text) // 2), rounds=1)


def _report(case: Case) -> float:
    """Time one case with both stores; prints a line, gives our share of pygls' time."""
    document = TextDocument(URI, case.text)
    session = Session(UTF16)
    session.open(URI, "python", 0, case.text)
    pygls_ms, pygls_offsets = _time(case, _pygls(document))
    ours_ms, our_offsets = _time(case, _ours(session))
    snapshot = session.snapshot(URI)
    if snapshot is None or str(snapshot.text) != document.source or our_offsets != pygls_offsets:
        raise AssertionError(f"the stores disagree: {case.name}")
    share = ours_ms / pygls_ms
    print(f"{case.name:34}{pygls_ms:10.2f}{ours_ms:10.3f}{share:9.2%}")
    return share


def _time(case: Case, keystroke: Keystroke) -> tuple[float, list[int]]:
    """Median time of a keystroke in ms, and the offsets that were looked up."""
    times, offsets = [], []
    for number in range(case.rounds):
        place = Position(case.start.line, case.start.character + number)
        begin = perf_counter()
        offsets.append(keystroke(place))
        times.append((perf_counter() - begin) * 1_000)
    return median(times), offsets


def _ours(session: Session) -> Keystroke:
    def keystroke(place: Position) -> int:
        snapshot = session.change(URI, 1, [_typed(place)])
        assert snapshot is not None
        return offset_at(snapshot.text, _behind(place), UTF16)

    return keystroke


def _pygls(document: TextDocument) -> Keystroke:
    def keystroke(place: Position) -> int:
        document.apply_change(_typed(place))
        return document.offset_at_position(_behind(place))

    return keystroke


def _typed(place: Position) -> TextDocumentContentChangePartial:
    return TextDocumentContentChangePartial(Range(place, place), "x")


def _behind(place: Position) -> Position:
    return Position(place.line, place.character + 1)


if __name__ == "__main__":
    sys.exit(main())
