"""A draft is judged by the parser as if all were parsed anew, and at a fraction of the cost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from devstral_lsp.completion.filters import apply_filters, prewarm
from devstral_lsp.completion.filters.drop_unparsable import drop_unparsable
from devstral_lsp.completion.source import parsing
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft
from devstral_lsp.languages import language_id_of_path
from devstral_lsp.providers.base import FinishReason
from devstral_lsp.syntax.tree import Syntax

SAMPLES = sorted(Path(__file__).with_name("samples").iterdir())
SAID = ("", "x = 1", "f(", ")", "}\n", "if a:\n    b()\n", "/* open", '"open')
CURSORS = 40


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_draft_has_the_faults_that_its_whole_window_has(sample: Path) -> None:
    text, language_id = sample.read_text(encoding="utf-8"), language_id_of_path(sample.name)
    rng = random.Random(sample.name)
    for _ in range(CURSORS):
        at = rng.randrange(len(text))
        said, covers = rng.choice([*SAID, text[at : at + 60]]), rng.randrange(2)
        place = CursorContext(
            before=text[:at], after=text[at + rng.randrange(80) :], language_id=language_id
        )
        prewarm(place)
        window = parsing.Window.around(place)
        anew = Syntax.of(window.above + said + window.below[covers:], language_id)
        assert anew is not None
        told = window.faults(said, covers)
        assert told == parsing.Faults(anew.errors(), anew.missing_nodes()), place.line_before


def test_who_has_looked_ahead_parses_no_text_from_its_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for line in ("a = 1", "return "):
        place = CursorContext.from_marked(
            f"def seen_by_no_other_test(a):\n    {line}│\n\n\nf(2)\n", "python"
        )
        prewarm(place)

    def parsed(string: str, language_id: str) -> Syntax | None:
        raise AssertionError("parsed from its start")

    monkeypatch.setattr(Syntax, "of", parsed)
    assert (
        apply_filters(Draft(text="a + g(1)", kind=CompletionKind.STATEMENT), place).draft
        is not None
    )
    assert apply_filters(Draft(text="a + + )", kind=CompletionKind.STATEMENT), place).draft is None


@pytest.mark.parametrize("mark", ["(", "([{", "f("])
def test_brackets_without_end_end(mark: str) -> None:
    place = CursorContext.from_marked("x = 1\n│\ny = 2\n", "python")
    draft = Draft(text=mark * 700 + ")", kind=CompletionKind.STATEMENT, finish=FinishReason.STOP)
    assert drop_unparsable(draft, place) is None
