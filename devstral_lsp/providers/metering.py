"""Between an endpoint and what keeps its budget: what a request may cost, and whether it is sent.

`usage/governor.py` implements `Meter`; `EndpointClient` asks it before every request for text, and
reports what the endpoint said of its limits and what the request cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from devstral_lsp.errors import ProviderError
    from devstral_lsp.providers.base import (
        ChatRequest,
        FimRequest,
        Price,
        ProviderLimits,
        Usage,
    )

_BYTES_PER_TOKEN = 3.0
"""Of UTF-8: code has 3 to 4, and a Chinese character, of 3 bytes, is often one token. An estimate
that is too high is put right by the reply."""

_CARRYING_TEXT = ("prompt", "suffix", "messages", "tools", "prediction")

_TOKENS_PER_PICTURE = 2_000
"""What a picture of a usual size costs; its bytes say nothing of that."""


class Priority(IntEnum):
    """Who gets what is left of a quota: the higher one, the longer."""

    SPECULATIVE = 0
    """For a completion that may never be wanted."""
    INSIDE_WORD = 1
    """Automatic, where a word is being typed, or prose: the user mostly knows how it goes on."""
    AUTOMATIC = 2
    """At a line's start, after a bracket or an operator, or in a pause."""
    MANUAL = 3
    """By hand, refactors included."""


class QuotaState(IntEnum):
    """How much of a quota there is for requests that nobody asked for."""

    SCARCE = 0
    """Ask in real pauses alone."""
    UNKNOWN = 1
    AMPLE = 2
    """Enough for speculation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a request may cost. `prompt_tokens` is an estimate; `price` is None if not known."""

    model: str
    prompt_tokens: int
    max_tokens: int
    priority: Priority
    price: Price | None = None


def demand_of(request: FimRequest | ChatRequest, model: str, price: Price | None) -> Demand:
    """What `request` may cost."""
    size, pictures = _size([getattr(request, name, "") for name in _CARRYING_TEXT])
    return Demand(
        model=model,
        prompt_tokens=int(size / _BYTES_PER_TOKEN) + _TOKENS_PER_PICTURE * pictures + 1,
        max_tokens=request.max_tokens,
        priority=request.priority,
        price=price,
    )


def _size(value: object) -> tuple[int, int]:
    """The bytes of the text in a message, and the number of pictures."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "replace")), 0
    if isinstance(value, Mapping):
        if "image_url" in value:
            return 0, 1
        value = list(value.values())
    if not isinstance(value, list | tuple):
        return 0, 0
    sizes = [_size(each) for each in value]
    return sum(size for size, _ in sizes), sum(pictures for _, pictures in sizes)


class Permit(Protocol):
    """One request that may be sent."""

    @property
    def max_tokens(self) -> int:
        """As many as were demanded, or fewer where the quota is smaller."""

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take in the headers of the reply, whose names ignore case."""

    def settle(
        self, usage: Usage | None, error: ProviderError | None, *, is_answered: bool = True
    ) -> None:
        """The request is over: what it cost if the endpoint told, and how it failed if it did.

        `is_answered`: at least a part of an answer has come.
        """


class Meter(Protocol):
    """Keeps the budget of one endpoint."""

    async def admit(self, demand: Demand) -> Permit:
        """Reserve the cost of a request. Raises BudgetExceeded, and then nothing may be sent."""

    def narrow(self, limits: ProviderLimits) -> ProviderLimits:
        """The limits of a prompt as far as the quota allows them."""
