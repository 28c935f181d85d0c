"""What the hole benchmark says of a suggestion, and its arithmetic."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.holes.asking import Asked
from benchmarks.holes.corpus import SourceFile
from benchmarks.holes.figures import Result, figures, interval, ratio_interval
from benchmarks.holes.judge import Judged, Suggestion, judge
from benchmarks.holes.parsing import parse_errors
from benchmarks.holes.places import Hole
from benchmarks.holes.report import ablation_table, examples, group_table, main_table, ratios
from benchmarks.holes.tape import Heard
from devstral_lsp.completion.types import CompletionKind


def hole(marked: str, kind: CompletionKind = CompletionKind.STATEMENT) -> Hole:
    """The hole between the two bars."""
    before, truth, after = marked.split("│")
    file = SourceFile(Path("/c/a.py"), Path("/c"), "python", before + truth + after)
    return Hole(file, kind, len(before), len(before) + len(truth))


def judged(marked: str, text: str, covers: int = 0) -> Judged:
    return judge(hole(marked), Suggestion(text, covers), parse_errors)


BLOCK = "def f(a):\n    │if a:\n        b = 1\n    return b│\n\n\nprint(f(1))\n"


def test_a_suggestion_is_held_against_as_many_lines_as_it_has() -> None:
    part = judged(BLOCK, "if a:\n        b = 1")
    assert (part.right, part.first_line, part.whole) == (True, True, False)
    whole = judged(BLOCK, "if a:\n        b = 1\n    return b\n")
    assert (whole.right, whole.first_line, whole.whole) == (True, True, True)
    assert whole.similarity_whole == 1


def test_a_first_line_alone_may_be_right() -> None:
    half = judged(BLOCK, "if a:\n        b = 2")
    assert (half.right, half.first_line, half.whole) == (False, True, False)
    assert half.similarity_first == 1
    assert 0.5 < half.similarity_whole < 1


def test_half_a_line_agrees_but_is_not_right() -> None:
    half = judged(BLOCK, "if a:\n        b =")
    assert (half.right, half.first_line, half.agrees) == (False, True, True)
    assert half.broken is False
    assert not judged(BLOCK, "if b").agrees


def test_nothing_shown_is_neither_right_nor_bad() -> None:
    nothing = judged(BLOCK, "")
    assert not any((nothing.shown, nothing.right, nothing.whole, nothing.bad))
    assert nothing.broken is None


def test_what_a_suggestion_covers_belongs_to_it() -> None:
    assert judged("print(│a, b│)\n", "a, b)", covers=1).whole
    assert not judged("print(│a, b│)\n", "a, b)").whole


@pytest.mark.parametrize(
    ("marked", "text", "repeats"),
    [
        (BLOCK, "if a:\n        b = 1\n    return b\n\n\nprint(f(1))", True),
        (BLOCK, "if a:\n        b = 2\n    return b", False),
        ("if a:\n    │b()│\n    c()\n", "c()", True),
        ("if a:\n    re│turn b│\n    return c\n", "turn c", True),
        # Behind what only closes, the next line tells.
        ("f(│\n    a│\n)\ndispatch()\n", "\n    b\n)\ndispatch()", True),
        ("f(│\n    a│\n)\ndispatch()\n", "\n    b\n)", True),
        ("f(│\n    a│\n)\n", "\n    g(\n    )\n    b", False),
        # A line that follows may stand in the truth as well; a short one may stand deeper.
        ("if a:\n    │b()\n    c()│\n    c()\n", "x()\n    c()", False),
        ("if a:\n    │b()│\n    return\n", "if b:\n        return", False),
        ("if a:\n    │b()│\n    return dispatch(a, b)\n", "return dispatch(a, b)", True),
    ],
)
def test_a_repeated_suffix_is_a_line_more_than_the_truth_has(
    marked: str, text: str, repeats: bool
) -> None:
    assert judged(marked, text).repeats is repeats


def test_a_parse_is_broken_only_by_what_the_truth_would_not_break() -> None:
    call = "a = │f(\n    1,\n)│\n"
    assert judged(call, "f(").broken is False  # as unfinished as the truth's own first line
    assert judged(call, "f((").broken is False
    assert judged(call, "f(\n    1,\n").broken is False
    assert judged(call, "f(\n    1,\n))").broken is True
    assert judged(call, "f(2)").clean is True


def test_where_no_parser_is_nothing_is_said() -> None:
    told = judge(hole(BLOCK), Suggestion("x"), lambda text, language: None)
    assert (told.broken, told.clean, told.clean_before, told.bad) == (None, None, None, False)


def result(marked: str, text: str, kind: CompletionKind = CompletionKind.STATEMENT) -> Result:
    where, said = hole(marked, kind), Suggestion(text)
    return Result(where, Asked(said, None, 5.0), judge(where, said, parse_errors))


@pytest.mark.parametrize(
    ("raw", "shown", "spoiled"),
    [
        ("a = 1\nb", "", True),
        ("a = 1\nb", "a = 1\nb", True),
        ("a = 1\nb", "a = 1", False),
        ("a = 10", "", False),
        ("", "", False),
    ],
)
def test_a_right_answer_that_is_not_shown_is_spoiled(raw: str, shown: str, spoiled: bool) -> None:
    said = result("│a = 1│\n", shown)
    assert replace(said, asked=Asked(Suggestion(shown), heard(raw), None)).spoiled is spoiled


def heard(text: str) -> Heard:
    return Heard("", "", [text])


RESULTS = [
    result("│a = 1│\n", "a = 1"),
    result("│a = 1│\n", "a = 2"),
    result("│a = 1│\nb = 2\n", "b = 2", CompletionKind.BLOCK),
    result("│a = 1│\n", ""),
]


def test_figures_are_shares_of_all_holes_or_of_those_shown() -> None:
    values = {figure.name.strip(): figure.value for figure in figures(RESULTS, 1)}
    assert values["exact, as far as shown"] == 25
    assert values["shown"] == 75
    assert values["of them exact"] == pytest.approx(100 / 3)
    assert values["of them repeating the suffix"] == pytest.approx(100 / 3)
    assert values["latency p50"] == 5
    assert [figure.value for figure in figures([], 1)][:3] == [None, None, None]


def test_the_interval_holds_the_mean_and_narrows_with_more_holes() -> None:
    few, many = interval([0.0, 1.0] * 5, 1), interval([0.0, 1.0] * 200, 1)
    assert few is not None
    assert many is not None
    assert few[0] < many[0] < 0.5 < many[1] < few[1]
    assert few == interval([0.0, 1.0] * 5, 1)
    assert interval([1.0] * 9, 1) == (1, 1)


def test_a_ratio_is_taken_over_the_same_holes() -> None:
    twice = ratio_interval([2.0, 0.0, 2.0, 4.0] * 9, [1.0, 0.0, 1.0, 2.0] * 9, 1)
    assert twice == (2, 2)
    assert ratio_interval([1.0, 1.0], [0.0, 0.0], 1) is None


def test_the_tables_name_everything_and_survive_nothing() -> None:
    naive = [result("│a = 1│\n", "a = 1")] * 4
    columns = {"engine": RESULTS, "naive": naive}
    assert "25.0 % [0, 75]" in main_table(columns, 1)
    assert "block" in group_table(columns, 1)
    assert "1 : 4" in ratios(RESULTS, naive, "naive", 1)
    table = ablation_table({"as it is": RESULTS, "without a": naive}, 1).splitlines()
    assert table[1].split()[-1] == "0"
    assert table[2].split()[-1] == "3"
    assert examples(RESULTS, 9).count("truth") == 3
