"""What the `local` provider shows, how often it is right, how long it takes and what it holds.

    python -m benchmarks.local [places per set] [sets ...]

Places are drawn with a fixed seed, half of them at line starts (after the indentation), half at
any column inside a line, in lines of code that are neither comments nor docstrings. The provider
sees the file before the cursor and the file from the next line on: the rest of the cursor's line is
hidden; all other files of the package are learnt. A text is right if the true rest of the line
starts with it, and split if it is right but ends inside a word of the truth. A claim to know the
whole rest of the line is right if nothing else follows. None of the packages was used in fitting.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from benchmarks.local_baselines import longest_match, ngram
from benchmarks.local_places import (
    HELD_OUT,
    NEAR_COPIES,
    NPM,
    STANDARD_LIBRARY,
    UNTOUCHED,
    Place,
    npm_package,
    places,
    python_package,
    source_folder,
    standard_library,
)
from benchmarks.local_project import Project, neighbours, request_at
from devstral_lsp.local.cursor_context import LocalContext
from devstral_lsp.local.predict import Prediction

SEED = 2
PLACES = 600
GO_PACKAGES = ("encoding/json", "net/http", "go/parser", "text/template")

T = TypeVar("T")
WAYS = (
    LOCAL := "local",
    LINE_STARTS := "  at line starts",
    INSIDE_LINES := "  inside lines",
    NGRAM := "n-gram, p >= 0.9",
    MAX_LENGTH := "longest match",
)
Sources = Callable[[str], dict[str, str]]


def _go_package(name: str) -> dict[str, str]:
    return source_folder(Path("/usr/local/go/src") / name)


SETS: Mapping[str, tuple[Sources, Sequence[str]]] = {
    "fresh": (python_package, HELD_OUT),
    "untouched": (python_package, UNTOUCHED),
    "near-copies": (python_package, NEAR_COPIES),
    "stdlib": (standard_library, STANDARD_LIBRARY),
    "npm": (npm_package, NPM),
    "go": (_go_package, GO_PACKAGES),
}


@dataclass(slots=True)
class Tally:
    """Counts of one way of completing over one set."""

    places: int = 0
    shown: int = 0
    right: int = 0
    split: int = 0
    claims: int = 0
    claims_right: int = 0
    chars: int = 0
    times_ms: list[float] = field(default_factory=list)

    def add(self, guess: Prediction, truth: str, took_ms: float) -> None:
        self.places += 1
        self.times_ms.append(took_ms)
        if not guess.text:
            return
        self.shown += 1
        self.chars += len(guess.text)
        if truth.startswith(guess.text):
            self.right += 1
            self.split += guess.text[-1].isalnum() and truth[len(guess.text) :][:1].isalnum()
        if guess.whole_line:
            self.claims += 1
            self.claims_right += guess.text == truth

    def row(self) -> str:
        shown, claims = max(1, self.shown), max(1, self.claims)
        p50, p95, p99 = (_percentile(self.times_ms, share) for share in (0.50, 0.95, 0.99))
        return (
            f"{self.shown / self.places:6.1%} {self.right / shown:6.1%} {self.split / shown:5.1%} "
            f"{self.claims / self.places:6.1%} {self.claims_right / claims:6.1%} "
            f"{self.chars / shown:5.1f}  {p50:5.2f} {p95:5.2f} {p99:6.2f}"
        )


HEADER = " shown  right split  whole  exact chars  p50   p95    p99 ms"


def main(count: int, names: Sequence[str]) -> None:
    for name in names:
        sources, packages = SETS[name]
        print(f"\n{name}: {', '.join(packages)}\n{'':26}{HEADER}")
        tallies = measure(sources, packages, -(-count // len(packages)))
        for way, tally in tallies.items():
            print(f"{way:22}{tally.places:4d}{tally.row()}")
    print()
    typing_in_a_long_file()
    learning()


def measure(sources: Sources, packages: Sequence[str], count: int) -> dict[str, Tally]:
    """Tallies over `count` places in each package, by way; `local` also by kind of place."""
    tallies = {way: Tally() for way in WAYS}
    for package in packages:
        files = neighbours(sources(package), SEED)
        project = Project(files)
        for place in places(package, files, count, SEED):
            project.open(place.path)
            for way, guess, took_ms in answers(project, files, place):
                tallies[way].add(guess, place.truth, took_ms)
    return tallies


def answers(
    project: Project, files: Mapping[str, str], place: Place
) -> list[tuple[str, Prediction, float]]:
    """What each way says at `place`, and its time."""
    request = request_at(place)
    cursor = LocalContext.of(place.before, place.after)
    others = [text for path, text in files.items() if path != place.path]
    local = _timed(lambda: project.provider.guess(request))
    kind = LINE_STARTS if place.at_line_start else INSIDE_LINES
    blocks = project.provider.blocks(cursor)
    return [
        (LOCAL, *local),
        (kind, *local),
        (NGRAM, *_timed(lambda: ngram(cursor, blocks))),
        (MAX_LENGTH, *_timed(lambda: longest_match(place.before, place.after, others))),
    ]


def typing_in_a_long_file() -> None:
    """Requests at every key of fifty lines in the middle of 10,000, with a full corpus."""
    files = {p: t for n in STANDARD_LIBRARY for p, t in standard_library(n).items()}
    lines = "\n".join(files.values()).split("\n")[:10_000]
    project = Project(neighbours(standard_library("."), SEED))
    times_ms = []
    for row in range(5_000, 5_050):
        for column in range(len(lines[row]) + 1):
            before = "\n".join([*lines[:row], lines[row][:column]])
            after = "\n" + "\n".join(lines[row + 1 :])
            request = request_at(Place("", "", before, after, "", False))
            start = time.perf_counter()
            project.provider.guess(request)
            times_ms.append((time.perf_counter() - start) * 1000)
    p50, p95, p99 = (_percentile(times_ms, share) for share in (0.50, 0.95, 0.99))
    print(
        f"typing in 10,000 lines, {project.provider.size_bytes / 1e6:.1f} MB of corpus: "
        f"first request {times_ms[0]:.1f} ms, p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f} ms"
    )


def learning() -> None:
    """Time and memory to learn the standard library, as much of it as is kept."""
    files = neighbours(standard_library("."), SEED)
    chars = sum(map(len, files.values()))
    project, took_ms = _timed(lambda: Project(files))
    print(
        f"learning {len(files)} files, {chars / 1e6:.1f} MB: "
        f"{took_ms / chars * 100_000:.1f} ms per 100 kB, "
        f"{project.provider.size_bytes / chars:.1f} bytes per code point held"
    )


def _timed(call: Callable[[], T]) -> tuple[T, float]:
    start = time.perf_counter()
    result = call()
    return result, (time.perf_counter() - start) * 1000


def _percentile(values: Sequence[float], share: float) -> float:
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PLACES, sys.argv[2:] or tuple(SETS))
