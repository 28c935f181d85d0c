"""What requests cost, and the interface of a `Meter`, which decides whether they are sent.

`usage/account.py` implements it. `EndpointClient` asks it before every request for text, and then
reports the cost and the limits that the endpoint states in its headers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from devstral_lsp.errors import ProviderError


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them.

    Models count differently: `tokenizer_id` distinguishes those behind one provider.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    tokenizer_id: int = 0


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; `cached` is None where it is not known."""

    prompt: float
    completion: float
    cached: float | None = None


class Priority(IntEnum):
    """Of a request. As a quota runs out, lower priorities are refused first."""

    SPECULATIVE = 0
    """For a completion that the user may never see."""
    INSIDE_WORD = 1
    """Automatic, within a word or prose: the user mostly knows how it goes on."""
    AUTOMATIC = 2
    """At a line's start, after a bracket or an operator, or in a pause."""
    MANUAL = 3
    """By hand, refactors included."""


class QuotaState(IntEnum):
    """How much of a quota is left for automatic requests."""

    SCARCE = 0
    """Send them only after long pauses in typing."""
    UNKNOWN = 1
    AMPLE = 2
    """Enough for speculative requests."""


@dataclass(frozen=True, slots=True)
class ProviderLimits:
    """The limits of a prompt for this provider."""

    prompt_tokens: int = 2048
    """Prompt and suffix together. An estimate is enough; endpoints allow far more."""
    is_local: bool = False
    """Needs no network: never debounce, never count against a quota."""
    quota: QuotaState = QuotaState.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a request may cost. `prompt_tokens` is an estimate; `price` is None if not known."""

    model: str
    prompt_tokens: int
    max_tokens: int
    priority: Priority
    price: Price | None = None


class Permit(Protocol):
    """One request that may be sent."""

    @property
    def max_tokens(self) -> int:
        """The tokens that the answer may have: those demanded, or fewer."""

    def learn(self, headers: Mapping[str, str]) -> None:
        """Read the limits in the headers of the response, whose names ignore case."""

    def settle(
        self, usage: Usage | None, error: ProviderError | None, *, is_answered: bool = True
    ) -> None:
        """Record the cost of a finished request, if the endpoint reported it, and its failure.

        `is_answered`: at least a part of an answer has come.
        """


class Meter(Protocol):
    """Keeps the budget of one endpoint."""

    async def admit(self, demand: Demand) -> Permit:
        """Reserve the cost of a request. Raises BudgetExceeded, and then nothing may be sent."""

    def narrow(self, limits: ProviderLimits) -> ProviderLimits:
        """`limits`, reduced to what the quota allows."""
