"""Lists of models, in every endpoint's own words."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp.providers.base import Endpoint, ModelInfo
from devstral_lsp.providers.metering import Price, ProviderLimits
from devstral_lsp.providers.model_catalog import (
    apply_user_overrides,
    limits_for_window,
    lookup_model_info,
    preferred_model,
    retirement_notice,
)
from devstral_lsp.providers.model_list import parse_model_list
from tests.support.answers import model_card


def the_card(entry: dict[str, Any]) -> Any:
    (card,) = parse_model_list({"data": [{"id": "m", **entry}]})
    return card


@pytest.mark.parametrize(
    ("entry", "tokens"),
    [
        ({"max_context_length": 256000}, 256000),
        ({"max_model_len": 8192}, 8192),
        ({"context_length": 262144}, 262144),
        ({"context_window": 128000}, 128000),
        ({"context_length": None}, None),
        ({"context_length": 10**400}, None),
        ({"context_length": "many"}, None),
        ({}, None),
    ],
)
def test_the_window(entry: dict[str, Any], tokens: int | None) -> None:
    assert the_card(entry).context_tokens == tokens


@pytest.mark.parametrize(
    ("pricing", "price"),
    [
        ({"prompt": "0.0000003", "completion": "0.0000009"}, Price(0.3, 0.9)),
        (
            {"input": "0.0000003", "output": "0.0000009", "input_cache_read": "0.00000003"},
            Price(0.3, 0.9, 0.03),
        ),
        ({"prompt": "0", "completion": "0"}, Price(0, 0)),
        ({"prompt": "-1", "completion": "-1"}, None),
        ({"prompt": 10**400, "completion": "1"}, None),
        ({"prompt": float("nan"), "completion": float("inf")}, None),
        ({"prompt": "x", "completion": "y"}, None),
        ({"prompt": "0.1"}, None),
        ({}, None),
        ("cheap", None),
    ],
)
def test_the_price(pricing: Any, price: Price | None) -> None:
    assert the_card({"pricing": pricing}).price == price


@pytest.mark.parametrize(
    ("entry", "sees"),
    [
        ({"capabilities": {"vision": True}}, True),
        ({"capabilities": ["completion", "vision"]}, True),
        ({"type": "language", "tags": ["file-input", "tool-use", "vision"]}, True),
        ({"tags": ["tool-use"]}, False),
        ({"tags": [], "architecture": {"input_modalities": ["text", "image"]}}, True),
        ({"capabilities": ["completion", "multimodal"]}, True),
        ({"architecture": {"input_modalities": ["text", "image"]}}, True),
        ({"capabilities": ["completion"]}, False),
        ({"architecture": {"input_modalities": "image"}}, False),
        ({}, False),
    ],
)
def test_whether_images_are_seen(entry: dict[str, Any], sees: bool) -> None:
    assert the_card(entry).vision is sees


def test_ollamas_tags_are_a_list_of_models() -> None:
    (card,) = parse_model_list(
        {"models": [{"name": "qwen2.5-coder:7b", "model": "qwen2.5-coder:7b"}, {}, 1]}
    )
    assert card.id == "qwen2.5-coder:7b"


def test_the_repository_behind_a_made_up_name_is_a_name() -> None:
    assert the_card({"root": "mistralai/Codestral-22B-v0.1"}).names == {
        "m",
        "mistralai/Codestral-22B-v0.1",
    }


OFFERED = [
    *("text-embedding-3", "llama3:8b", "devstral:24b", "qwen2.5-coder:7b", "codestral:22b"),
]


@pytest.mark.parametrize(
    ("ids", "for_gaps", "for_chat"),
    [
        (OFFERED, "codestral:22b", "devstral:24b"),
        (OFFERED[:4], "qwen2.5-coder:7b", "devstral:24b"),
        (OFFERED[:3], "devstral:24b", "devstral:24b"),
        (OFFERED[:2], "llama3:8b", "llama3:8b"),
        (OFFERED[:1], "", ""),
        ([], "", ""),
    ],
)
def test_the_automatic_choice_goes_by_names(ids: list[str], for_gaps: str, for_chat: str) -> None:
    offered = parse_model_list({"data": [{"id": each} for each in ids]})
    assert preferred_model(offered, for_fim=True) == for_gaps
    assert preferred_model(offered, for_fim=False) == for_chat


@pytest.mark.parametrize(
    ("deprecation", "heir", "words"),
    [
        ("2026-07-31T00:00:00Z", "mistral-medium-3-5", ("2026-07-31", "use mistral-medium-3-5")),
        ("2026-07-31T00:00:00Z", None, ("2026-07-31", "use mistral-medium-latest")),
        ("<b>now</b>", "<i>it</i>", ("soon", "use mistral-medium-latest")),
    ],
)
def test_a_model_that_goes_is_told_with_its_successor(
    deprecation: str, heir: str | None, words: tuple[str, ...]
) -> None:
    entry = {**model_card("devstral-2512", fim=False), "deprecation": deprecation}
    offered = parse_model_list({"data": [{**entry, "deprecation_replacement_model": heir}]})
    told = retirement_notice("devstral-2512", offered)
    assert all(word in told for word in words)
    assert "<" not in told
    assert retirement_notice("codestral-latest", offered) == ""


def test_a_model_that_stays_is_not_mentioned() -> None:
    assert retirement_notice("m", parse_model_list({"data": [model_card("m", fim=True)]})) == ""


# What the table knows


@pytest.mark.parametrize(
    ("model", "price", "tokens"),
    [
        ("codestral-2508", Price(0.3, 0.9, 0.03), 128_000),
        ("codestral-latest", Price(0.3, 0.9, 0.03), 128_000),
        ("devstral-small-2507", Price(0.1, 0.3), 131_072),
        ("devstral-2512", Price(0.4, 2.0), 262_144),
        ("mistral-medium-latest", Price(1.5, 7.5), 256_000),
    ],
)
def test_at_mistral_the_table_speaks_where_the_endpoint_is_silent(
    model: str, price: Price, tokens: int
) -> None:
    facts = lookup_model_info(model, (), at_mistral=True)
    assert (facts.price, facts.context_tokens) == (price, tokens)
    assert "documentation of 2026" in facts.source


def test_the_endpoints_own_word_goes_first() -> None:
    offered = parse_model_list({"data": [model_card("codestral-latest", fim=True)]})
    facts = lookup_model_info("codestral-latest", offered, at_mistral=True)
    assert facts.context_tokens == 256000
    assert facts.price == Price(0.3, 0.9, 0.03)
    assert facts.source.startswith("the endpoint and Mistral's")


def test_elsewhere_nothing_is_taken_from_the_table() -> None:
    assert lookup_model_info("codestral", (), at_mistral=False) == ModelInfo(model="codestral")


@pytest.mark.parametrize(("window", "tokens"), [(None, 2048), (262144, 2048), (2048, 1024)])
def test_a_prompt_keeps_to_the_window(window: int | None, tokens: int) -> None:
    assert limits_for_window(window) == ProviderLimits(prompt_tokens=tokens)


OWN = Price(1.0, 2.0)
TABLE = "Mistral's documentation"
KNOWN = ModelInfo(model="m", context_tokens=9000, price=Price(0.1, 0.2), source=TABLE)


@pytest.mark.parametrize(
    ("facts", "endpoint", "expected"),
    [
        (KNOWN, Endpoint(), (9000, KNOWN.price, TABLE)),
        (KNOWN, Endpoint(context_tokens=4096), (4096, KNOWN.price, f"your settings and {TABLE}")),
        (KNOWN, Endpoint(price=OWN), (9000, OWN, f"your settings and {TABLE}")),
        (KNOWN, Endpoint(context_tokens=4096, price=OWN), (4096, OWN, "your settings")),
        (ModelInfo(model="m"), Endpoint(price=OWN), (None, OWN, "your settings")),
    ],
)
def test_the_users_word_goes_before_all_others(
    facts: ModelInfo, endpoint: Endpoint, expected: tuple[int | None, Price | None, str]
) -> None:
    found = apply_user_overrides(facts, endpoint)
    assert (found.context_tokens, found.price, found.source) == expected


def test_a_list_without_end_is_read_to_a_point() -> None:
    body = {"data": [{"id": f"m{number}", "aliases": ["x"] * 1000} for number in range(10_000)]}
    found = parse_model_list(body)
    assert len(found) == 5_000
    assert parse_model_list({"data": [{"id": "x" * 1000}]}) == ()
