"""A right answer comes through unchanged, and most wrong ones come out right."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from devstral_lsp.completion.filters import apply_filters
from devstral_lsp.completion.types import Draft
from devstral_lsp.languages import language_id_of_path
from tests.completion.filters.holes import Hole, holes
from tests.completion.filters.mistakes import mistakes

pytestmark = pytest.mark.long

SAMPLES = sorted((Path(__file__).parent / "samples").iterdir())
STANDARD_LIBRARY = sorted(Path(json.__file__).parent.parent.glob("*.py"))[::6]
LINES_OF_A_MODULE = 0.03
SURVIVING = 0.97
MENDED = 0.95


def _survives(hole: Hole) -> bool:
    kept = apply_filters(hole.draft, hole.place).draft
    return kept == hole.draft


def _holes(path: Path, share: float = 1.0) -> list[Hole]:
    source = path.read_text(encoding="utf-8")
    return list(holes(source, language_id_of_path(path.name), share))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_right_answer_in_a_sample_survives(path: Path) -> None:
    punched = _holes(path)
    assert len(punched) > 50
    assert [hole for hole in punched if not _survives(hole)] == []


def test_right_answers_in_the_standard_library_survive() -> None:
    """What falls are lines that repeat their neighbour, which is what a filter must cut."""
    punched = [hole for path in STANDARD_LIBRARY for hole in _holes(path, LINES_OF_A_MODULE)]
    fallen = [hole for hole in punched if not _survives(hole)]
    assert len(punched) > 500
    assert len(fallen) <= (1 - SURVIVING) * len(punched), fallen


def test_mistakes_are_mended() -> None:
    mended: dict[str, list[bool]] = defaultdict(list)
    for hole in (hole for path in SAMPLES for hole in _holes(path)):
        for mistake, text in mistakes(hole):
            kept = apply_filters(Draft(text=text, kind=hole.kind), hole.place).draft
            mended[mistake].append(kept is not None and _is_mended(mistake, kept.text, hole))
    assert len(mended) == 10
    shares = {mistake: sum(each) / len(each) for mistake, each in mended.items()}
    assert {mistake: share for mistake, share in shares.items() if share < MENDED} == {}


def _is_mended(mistake: str, said: str, hole: Hole) -> bool:
    if mistake == "loop":  # one round of it may be meant
        return said.startswith(hole.middle) and said.count("again") <= 1
    if mistake == "fence":  # it has eaten the blank lines around what it holds
        return said.strip("\n") == hole.middle.strip("\n")
    return said == hole.middle
