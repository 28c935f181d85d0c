"""Asking an endpoint that fails for a moment once more, a little later.

Knows neither what is asked nor how; which failures pass by themselves is for who asks to say.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from devstral_lsp.errors import ProviderError

PAUSES_S = (2.0, 8.0)
"""Before an endpoint that is busy is asked again; what it asks for itself counts if longer."""
LONGEST_PAUSE_S = 30.0
"""If it wants to be left alone for longer, the user is told instead."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """With failures of the kinds in `retryable`. `sleep_s` waits for so many seconds."""

    retryable: tuple[type[ProviderError], ...]
    sleep_s: Callable[[float], Awaitable[object]]

    async def run(self, ask: Callable[[], Awaitable[T]], tell: Callable[[], None]) -> T:
        """What `ask` gives; `tell` is called before each pause. Raises ProviderError."""
        for pause_s in PAUSES_S:
            try:
                return await ask()
            except self.retryable as error:
                wanted_s = max(pause_s, error.retry_after_s or 0.0)
                if wanted_s > LONGEST_PAUSE_S:
                    raise
            tell()
            await self.sleep_s(wanted_s)
        return await ask()
