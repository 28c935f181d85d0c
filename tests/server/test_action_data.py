"""An order survives the way through an editor, and nothing else is taken for one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.refactor.types import ActionOffer, Diagnostic, DiagnosticSeverity
from devstral_lsp.server.action_data import ActionData
from devstral_lsp.text import Span

spans = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda ends: Span(*sorted(ends)))
diagnostics = st.builds(
    Diagnostic, spans, st.text(), st.sampled_from(DiagnosticSeverity), st.text(), st.text()
)
offers = st.builds(
    ActionOffer,
    action=st.text(),
    title=st.text(),
    kind=st.text(),
    span=spans,
    argument=st.text(),
    diagnostics=st.lists(diagnostics, max_size=2).map(tuple),
    selected=st.none() | spans,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
GOOD = ActionData(
    ActionOffer(
        action="a",
        title="t",
        kind="k",
        span=Span(1, 2),
        diagnostics=(Diagnostic(Span(1, 2), "m"),),
    ),
    "u",
    3,
)


@given(offers, st.text(), st.integers())
def test_comes_back_as_it_went(offer: ActionOffer, uri: str, version: int) -> None:
    order = ActionData(offer, uri, version)
    assert ActionData.from_json(json.loads(json.dumps(order.to_json))) == order


@given(offers)
def test_nothing_in_it_is_null(offer: ActionOffer) -> None:
    """Neovim 0.10 sends an action back without the members that are."""
    assert None not in ActionData(offer, "u", 3).to_json.values()


@given(json_values)
def test_no_other_json_is_one(data: Any) -> None:
    assert ActionData.from_json(data) is None


@given(st.sampled_from(sorted(GOOD.to_json)), json_values)
def test_no_member_makes_it_fail(name: str, value: Any) -> None:
    order = ActionData.from_json({**GOOD.to_json, name: value})
    assert order is None or order.offer.span.start <= order.offer.span.end


@pytest.mark.parametrize("name", sorted(GOOD.to_json))
def test_every_member_is_needed(name: str) -> None:
    data = {key: value for key, value in GOOD.to_json.items() if key != name}
    assert ActionData.from_json(data) is None


def test_a_diagnostic_that_cannot_be_read_is_left_out() -> None:
    data = GOOD.to_json
    data["diagnostics"].append({"span": [2, 1]})
    assert ActionData.from_json(data) == GOOD
