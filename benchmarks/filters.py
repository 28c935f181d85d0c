"""How long the filters take for a long draft in a long document, all together and one by one.

    python -m benchmarks.filters [rounds]

The document is the standard library's `argparse`, 40,000 code points on either side of the cursor;
the drafts are 2,000 code points of it, and the same with typical mistakes. Each round moves the
cursor, as typing does, so that nothing remembered of the document helps.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from devstral_lsp.completion.filters import FILTERS, Filter, apply_filters
from devstral_lsp.completion.types import PLACE_WINDOW, CompletionKind, CursorContext, Draft

DRAFT = 2_000
ROUNDS = 200
STEP = 13


def places(source: str, rounds: int) -> Iterator[tuple[CursorContext, str]]:
    """A place for each round, and the text that stands there."""
    for number in range(rounds):
        start = source.index("\n", PLACE_WINDOW + number * STEP) + 1
        start += len(source[start:]) - len(source[start:].lstrip(" \n"))
        yield (
            CursorContext(
                before=source[start - PLACE_WINDOW : start],
                after=source[start + DRAFT : start + DRAFT + PLACE_WINDOW],
                language_id="python",
            ),
            source[start : start + DRAFT],
        )


def milliseconds(filters: tuple[Filter, ...], given: list[tuple[CursorContext, Draft]]) -> float:
    """The median time of one draft."""
    taken = []
    for place, draft in given:
        started = time.perf_counter()
        apply_filters(draft, place, filters)
        taken.append(time.perf_counter() - started)
    return sorted(taken)[len(taken) // 2] * 1_000


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    source = Path(argparse.__file__).read_text(encoding="utf-8") * 2
    found = list(places(source, rounds))
    mistakes: dict[str, Callable[[str], str]] = {
        "right": lambda text: text,
        "CRLF": lambda text: text.replace("\n", "\r\n"),
        "runs on": lambda text: text[: DRAFT // 2],
        "one long line": lambda text: text.replace("\n", " "),
        "loops": lambda text: (text[:100] + "\n") * (DRAFT // 100),
        "blanks": lambda text: " " * DRAFT,
        "brackets": lambda text: "([{" * (DRAFT // 3),
        "quotes": lambda text: "\"'`" * (DRAFT // 3),
    }
    for name, make in mistakes.items():
        given = [
            (place, Draft(text=make(text), kind=CompletionKind.BLOCK)) for place, text in found
        ]
        print(f"{name:28} {milliseconds(FILTERS, given):7.3f} ms")
    minified = [
        (_in_one_line(place), Draft(text=text, kind=CompletionKind.BLOCK)) for place, text in found
    ]
    print(f"{'in a minified file':28} {milliseconds(FILTERS, minified):7.3f} ms")
    given = [(place, Draft(text=text, kind=CompletionKind.BLOCK)) for place, text in found]
    for each in FILTERS:
        print(f"  {each.__name__:26} {milliseconds((each,), given):7.3f} ms")


def _in_one_line(place: CursorContext) -> CursorContext:
    before, after = place.before.replace("\n", " "), place.after.replace("\n", " ")
    return CursorContext(before=before, after=after, language_id=place.language_id)


if __name__ == "__main__":
    main()
