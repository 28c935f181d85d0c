from __future__ import annotations

from dataclasses import replace

from devstral_lsp.refactor.actions import ACTIONS
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, Diagnostic
from devstral_lsp.text import Span
from tests.refactor.actions.marked import Files, selection

ACTION = ACTIONS["fix_all_of_kind"]
MARKED = "a = 1\n\n│b = foo\n\nc = bar\n\nd = 4\n"
FOO, BAR = Span(11, 14), Span(20, 23)


def offers(here: Diagnostic, *others: Diagnostic) -> list[ActionOffer]:
    chosen = replace(selection(MARKED), diagnostics=(here,), other_diagnostics=others)
    return list(ACTION.offers(SelectionContext(chosen)))


def test_those_with_the_same_source_and_code() -> None:
    (offer,) = offers(
        Diagnostic(FOO, "undefined name 'foo'", source="ruff", code="F821"),
        Diagnostic(BAR, "undefined name 'bar'", source="ruff", code="F821"),
        Diagnostic(BAR, "undefined name 'bar'", source="pyright", code="F821"),
        Diagnostic(BAR, "other", source="ruff", code="E1"),
    )
    assert offer.title == "Fix all 2: undefined name … (F821)"
    assert [each.span for each in offer.diagnostics] == [FOO, BAR]
    text = selection(MARKED).snapshot.text
    assert text.slice(offer.span.start, offer.span.end) == "b = foo\n\nc = bar"


def test_the_span_holds_the_function_around_each() -> None:
    """The one in the middle stands in a function that goes on behind the last."""
    marked = "│one\n\ndef f():\n    two\n    def g():\n        three\n    return g\n\nfour\n"
    text = selection(marked).snapshot.text
    spans = [Span(at, at + 3) for at in map(str(text).index, ("one", "two", "thr"))]
    here, *others = (Diagnostic(each, "bad", code="E1") for each in spans)
    chosen = replace(selection(marked), diagnostics=(here,), other_diagnostics=tuple(others))
    (offer,) = ACTION.offers(SelectionContext(chosen))
    assert text.slice(offer.span.start, offer.span.end) == str(text).removesuffix("\n\nfour\n")


def test_without_codes_those_whose_message_has_the_same_shape() -> None:
    (offer,) = offers(
        Diagnostic(FOO, "expected 2 arguments of `foo`"),
        Diagnostic(BAR, "expected 3 arguments of `bar`"),
        Diagnostic(BAR, "expected a name"),
    )
    assert offer.title == "Fix all 2: expected … arguments of …"


def test_one_alone_is_no_kind() -> None:
    assert offers(Diagnostic(FOO, "one"), Diagnostic(BAR, "two")) == []


def test_none_here_none_offered() -> None:
    chosen = replace(
        selection(MARKED), other_diagnostics=(Diagnostic(FOO, "a"), Diagnostic(FOO, "a"))
    )
    assert list(ACTION.offers(SelectionContext(chosen))) == []


def test_the_model_is_told_of_each() -> None:
    (offer,) = offers(Diagnostic(FOO, "bad", code="E1"), Diagnostic(BAR, "bad", code="E1"))
    instruction = ACTION.model_task(offer, selection(MARKED).snapshot, Files()).instruction
    assert "- line 1 of the code, `b = foo`: error (E1): bad" in instruction
    assert "- line 3 of the code, `c = bar`: error (E1): bad" in instruction
