"""How much may come for the tokens that were asked for."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp.errors import InvalidResponse
from devstral_lsp.providers.base import most_characters
from devstral_lsp.providers.http.answer_size import AnswerSize, tokens_wanted


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        ({"max_tokens": 64}, 64),
        ({"max_completion_tokens": 64}, 64),
        ({"n_predict": 64}, 64),
        ({"options": {"num_predict": 64}}, 64),
        ({"parameters": {"max_new_tokens": 64}}, 64),
        ({"max_tokens": 0}, 32_768),
        ({"options": "none"}, 32_768),
        ({}, 32_768),
    ],
)
def test_the_limit_is_found_in_every_wire(body: dict[str, Any], tokens: int) -> None:
    assert tokens_wanted(body) == tokens


def test_an_answer_may_be_long_and_not_without_end() -> None:
    size = AnswerSize(100, "host.example")
    size.take(1_000 * 1_000)
    with pytest.raises(InvalidResponse, match=r"host\.example did not stop.*100 tokens.*base_url"):
        size.take(1_000 * 1_000)


def test_more_tokens_allow_more_characters() -> None:
    assert most_characters(64) > 64 * 4 * 4
    assert most_characters(4096) > 10 * most_characters(64)
