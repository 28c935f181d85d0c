"""What is concluded from a list of models."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp.providers.metering import ProviderLimits
from devstral_lsp.providers.model_catalog import (
    DEFAULT_CHAT_MODEL,
    choose_model,
    limits_for_window,
    supports_fim,
)
from devstral_lsp.providers.model_list import parse_model_list
from tests.support.answers import model_card


def offered(*entries: Any) -> Any:
    return parse_model_list({"object": "list", "data": list(entries)})


ALIASED = {**model_card("codestral-2508", fim=True), "aliases": ["codestral-latest"]}
LARGE = model_card("mistral-large", fim=False)
FIRST = model_card("codestral-3", fim=True)


@pytest.mark.parametrize(
    ("entries", "for_fim", "model"),
    [
        ([], True, "codestral-latest"),
        ([LARGE], True, "codestral-latest"),
        ([LARGE], False, "mistral-large"),
        ([LARGE, FIRST], True, "codestral-3"),
        ([FIRST, ALIASED], True, "codestral-latest"),
        ([FIRST, ALIASED], False, "codestral-latest"),
    ],
)
def test_the_automatic_choice(entries: list[Any], for_fim: bool, model: str) -> None:
    assert choose_model(offered(*entries), for_fim=for_fim) == model


MEDIUM = model_card("mistral-medium-latest", fim=False)
EMBEDDING = model_card("mistral-embed", fim=False, chat=False)


@pytest.mark.parametrize(
    ("entries", "model"),
    [
        ([], "mistral-medium-latest"),
        ([EMBEDDING], "mistral-medium-latest"),
        ([FIRST, ALIASED, MEDIUM], "mistral-medium-latest"),
        ([LARGE, ALIASED], "codestral-latest"),
        ([EMBEDDING, LARGE, FIRST], "codestral-3"),
        ([EMBEDDING, LARGE], "mistral-large"),
    ],
)
def test_the_automatic_choice_for_conversations(entries: list[Any], model: str) -> None:
    found = choose_model(offered(*entries), for_fim=False, usual=DEFAULT_CHAT_MODEL)
    assert found == model


@pytest.mark.parametrize(
    ("model", "verdict"),
    [
        ("codestral-latest", True),
        ("mistral-large", False),
        ("unheard-of", None),
        ("labs-devstral-small-2512", False),
    ],
)
def test_whether_a_model_fills_gaps(model: str, verdict: bool | None) -> None:
    assert supports_fim(model, offered(ALIASED, LARGE)) is verdict


@pytest.mark.parametrize("body", [None, [], {}, {"data": None}, {"data": [1, {}, {"id": None}]}])
def test_a_list_that_is_none_offers_nothing(body: Any) -> None:
    assert parse_model_list(body) == ()


def test_a_card_may_lack_all_but_its_id() -> None:
    (card,) = parse_model_list({"data": [{"id": "x", "aliases": [1, "y"], "capabilities": None}]})
    assert card.names == {"x", "y"}
    assert (card.fim, card.chat) == (None, None)


def test_a_window_of_any_size_has_limits() -> None:
    assert limits_for_window(10**400) == ProviderLimits()
