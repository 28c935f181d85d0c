"""Which answers are remembered, for how long, and where they still hold."""

from __future__ import annotations

from devstral_lsp.completion.cache import MAX_EXAMINED, TTL_S, CachedAnswer, CompletionCache
from devstral_lsp.completion.typed_through import RequestAnchor
from devstral_lsp.completion.types import CompletionKind, CursorContext
from devstral_lsp.providers.base import FinishReason
from tests.support.scripted import ManualClock

URI = "file:///a.py"


def at(marked: str) -> CursorContext:
    return CursorContext.from_marked(marked, "python")


def answer(marked: str, text: str, finish: FinishReason | None = FinishReason.STOP) -> CachedAnswer:
    return CachedAnswer(
        RequestAnchor.of(at(marked)), CompletionKind.STATEMENT, text, finish, "scripted"
    )


def recalled(answers: CompletionCache, marked: str, uri: str = URI) -> str | None:
    found = answers.lookup(uri, at(marked), CompletionKind.STATEMENT)
    return None if found is None else found.text


def remembering(*remembered: CachedAnswer) -> tuple[CompletionCache, ManualClock]:
    clock = ManualClock()
    answers = CompletionCache(lambda: clock.now_s)
    for each in remembered:
        answers.store(URI, each)
    return answers, clock


def test_an_answer_holds_where_it_was_given_and_after_typing_along() -> None:
    answers, _ = remembering(answer("x = │\n", "sum(y)"))
    assert recalled(answers, "x = │\n") == "sum(y)"
    assert recalled(answers, "x = su│\n") == "m(y)"
    assert recalled(answers, "x = mu│\n") is None


def test_an_answer_belongs_to_its_document() -> None:
    answers, _ = remembering(answer("x = │\n", "sum(y)"))
    assert recalled(answers, "x = │\n", "file:///b.py") is None


def test_the_newest_answer_that_holds_is_given() -> None:
    answers, _ = remembering(answer("x = │\n", "sum(y)"), answer("x = s│\n", "orted(y)"))
    assert recalled(answers, "x = so│\n") == "rted(y)"
    assert recalled(answers, "x = su│\n") == "m(y)"
    answers.store(URI, answer("x = su│\n", "m(z)"))
    assert recalled(answers, "x = sum│\n") == "(z)"
    answers.store(URI, answer("x = │\n", "sum(y)"))
    assert recalled(answers, "x = sum│\n") == "(y)"


def test_an_answer_that_grew_holds_as_far_as_it_goes_now() -> None:
    long = "sum(" + ", ".join(map(str, range(99))) + ")"
    answers, _ = remembering(answer("x = │\n", long[:9]), answer("x = │\n", long))
    assert recalled(answers, f"x = {long[:-1]}│\n") == ")"


def test_only_the_last_ones_are_looked_at_for_a_cursor_that_moved() -> None:
    answers, _ = remembering(*(answer(f"x{i} = │\n", "s()") for i in range(MAX_EXAMINED)))
    answers.store(URI, answer("x0 = │\n", "s()"))
    answers.store(URI, answer("y = │\n", "s()"))
    assert recalled(answers, "x1 = s│\n") is None
    assert recalled(answers, "x1 = │\n") == "s()"
    for name in ("x2", "x0", "y"):
        assert recalled(answers, f"{name} = s│\n") == "()"


def test_what_was_all_typed_has_nothing_left() -> None:
    answers, _ = remembering(answer("x = │\n", "sum(y)"))
    assert recalled(answers, "x = sum(y)│\n") is None


def test_a_last_line_that_may_be_cut_is_left_out() -> None:
    for finish in (None, FinishReason.LENGTH, FinishReason.INCOMPLETE):
        answers, _ = remembering(answer("x = │\n", "sum(y)\nprint(", finish))
        assert recalled(answers, "x = │\n") == "sum(y)"
        assert recalled(answers, "x = sum(y)\n│\n") is None


def test_a_single_line_that_was_cut_is_as_good_as_none() -> None:
    answers, _ = remembering(answer("x = │\n", "sum(", FinishReason.LENGTH))
    assert recalled(answers, "x = │\n") is None


def test_an_answer_is_exact_only_where_it_was_given() -> None:
    answers, _ = remembering(answer("x = │\n", "sum(y)\nprint(", None))
    found = [
        answers.lookup(URI, at(each), CompletionKind.STATEMENT) for each in ("x = │\n", "x = su│\n")
    ]
    assert [each and (each.text, each.exact) for each in found] == [
        ("sum(y)", True),
        ("m(y)", False),
    ]


def test_an_empty_answer_holds_only_where_it_was_given() -> None:
    answers, _ = remembering(answer("x = │\n", ""))
    assert recalled(answers, "x = │\n") == ""
    assert recalled(answers, "x = s│\n") is None


def test_answers_grow_old() -> None:
    answers, clock = remembering(answer("x = │\n", "sum(y)"))
    clock.now_s += TTL_S - 1
    assert recalled(answers, "x = │\n") == "sum(y)"
    clock.now_s += 2
    assert recalled(answers, "x = │\n") is None
    assert recalled(answers, "x = s│\n") is None


def test_the_bound_on_bytes_drops_the_oldest() -> None:
    clock = ManualClock()
    answers = CompletionCache(lambda: clock.now_s, max_bytes=2000)
    for i in range(20):
        answers.store(URI, answer(f"x{i} = │\n", "s" * 100))
    assert 0 < len(answers) < 10
    assert recalled(answers, "x19 = │\n") == "s" * 100
    assert recalled(answers, "x0 = │\n") is None


def test_an_answer_larger_than_the_bound_is_not_kept() -> None:
    clock = ManualClock()
    answers = CompletionCache(lambda: clock.now_s, max_bytes=500)
    answers.store(URI, answer("x = │\n", "s" * 1000))
    assert len(answers) == 0


def test_the_bound_counts_bytes() -> None:
    clock = ManualClock()
    answers = CompletionCache(lambda: clock.now_s, max_bytes=1500)
    answers.store(URI, answer("x = │\n", "s" * 1000))
    assert len(answers) == 1
    answers.store(URI, answer("y = │\n", "😀" * 400))
    assert recalled(answers, "y = │\n") is None


def test_a_closed_document_is_forgotten() -> None:
    answers, _ = remembering(answer("x = │\n", "sum(y)"))
    answers.store("file:///b.py", answer("x = │\n", "sum(z)"))
    answers.forget(URI)
    assert recalled(answers, "x = │\n") is None
    assert recalled(answers, "x = │\n", "file:///b.py") == "sum(z)"
