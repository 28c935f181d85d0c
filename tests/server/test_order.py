"""An order survives the way through an editor, and nothing else is taken for one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.refactor.base import Diagnostic, Offer, Severity
from devstral_lsp.server.order import Order
from devstral_lsp.text import Span

spans = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda ends: Span(*sorted(ends)))
diagnostics = st.builds(
    Diagnostic, spans, st.text(), st.sampled_from(Severity), st.text(), st.text()
)
offers = st.builds(
    Offer,
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
GOOD = Order(
    Offer(
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
def test_comes_back_as_it_went(offer: Offer, uri: str, version: int) -> None:
    order = Order(offer, uri, version)
    assert Order.of(json.loads(json.dumps(order.data))) == order


@given(offers)
def test_nothing_in_it_is_null(offer: Offer) -> None:
    """Neovim 0.10 sends an action back without the members that are."""
    assert None not in Order(offer, "u", 3).data.values()


@given(json_values)
def test_no_other_json_is_one(data: Any) -> None:
    assert Order.of(data) is None


@given(st.sampled_from(sorted(GOOD.data)), json_values)
def test_no_member_makes_it_fail(name: str, value: Any) -> None:
    order = Order.of({**GOOD.data, name: value})
    assert order is None or order.offer.span.start <= order.offer.span.end


@pytest.mark.parametrize("name", sorted(GOOD.data))
def test_every_member_is_needed(name: str) -> None:
    data = {key: value for key, value in GOOD.data.items() if key != name}
    assert Order.of(data) is None


def test_a_diagnostic_that_cannot_be_read_is_left_out() -> None:
    data = GOOD.data
    data["diagnostics"].append({"span": [2, 1]})
    assert Order.of(data) == GOOD
