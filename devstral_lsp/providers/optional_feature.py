"""Features of requests that some models refuse."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from devstral_lsp.errors import InvalidRequest
from devstral_lsp.providers.base import Chunk


class OptionalFeature:
    """A feature that is left out once the endpoint refused it and answered a request without it.

    `is_offered`: whether it is tried at all. `is_refusal` tells a refusal of the feature from that
    of anything else.
    """

    def __init__(
        self,
        *,
        is_offered: bool = True,
        is_refusal: Callable[[InvalidRequest], bool] = lambda error: True,
    ) -> None:
        self._is_used = is_offered
        self._is_refusal = is_refusal

    async def stream(
        self, ask: Callable[[bool], AsyncGenerator[Chunk, None]]
    ) -> AsyncGenerator[Chunk, None]:
        """What `ask` yields with the feature or, where that is refused, without it.

        Raises what `ask` raises.
        """
        is_used, has_begun = self._is_used, False
        try:
            async with aclosing(ask(is_used)) as chunks:
                async for chunk in chunks:
                    has_begun = True
                    yield chunk
            return
        except InvalidRequest as error:
            if has_begun or not is_used or not self._is_refusal(error):
                raise
        async with aclosing(ask(False)) as chunks:
            async for chunk in chunks:
                self._is_used = False
                yield chunk
