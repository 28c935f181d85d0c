"""A way of filling a gap that serves most servers: by the template of the model's family.

How a server is asked to go on with a text is known to its provider's own file.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from devstral_lsp.errors import FimNotSupported
from devstral_lsp.providers.base import Chunk, FimRequest, FinishReason
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.templates import FimTemplate
from devstral_lsp.providers.stop_sequences import StopSequenceCutter

Ask = Callable[[FimRequest, FimTemplate], AsyncGenerator[Chunk, None]]
"""Puts a request, written by the template, to the server."""
Knows = Callable[[Sequence[str]], Awaitable[bool]]
"""Tells whether the server reads each of these strings as one token."""


class TemplateStrategy:
    """The gap written as the model's family wants it. Without `knows` the model's name decides."""

    name = "template"

    def __init__(self, caller: EndpointClient, ask: Ask, knows: Knows | None = None) -> None:
        self._caller = caller
        self._ask = ask
        self._knows = knows
        told = "the model's name tells" if knows is None else "the server's tokenizer knows"
        self.evidence = f"by the family that {told}"

    async def template(self) -> FimTemplate | None:
        """That of the model in use, None if its family is not known."""
        return await self._caller.template()

    async def is_supported(self) -> bool:
        template = await self.template()
        if template is None:
            return False
        return self._knows is None or await self._knows(template.tokens)

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text, up to where the model would go on with something else."""
        template = await self.template()
        if template is None:
            model = await self._caller.model(for_fim=True)
            raise FimNotSupported(f"How {model or 'this model'} wants gaps written is not known.")
        stream = _until_control(self._ask(request, template), template)
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                yield chunk


async def _until_control(
    stream: AsyncGenerator[Chunk, None], template: FimTemplate
) -> AsyncGenerator[Chunk, None]:
    """The answer up to the first control string: servers are not sent all that may end it."""
    reader = StopSequenceCutter((*template.tokens, *template.stops))
    async with aclosing(stream) as chunks:
        async for chunk in chunks:
            text = reader.feed(chunk.text)
            if chunk.finish is not None and not reader.ended:
                text += reader.finish()
            if reader.ended:
                yield Chunk(text, finish=FinishReason.STOP, usage=chunk.usage)
                return
            if text or chunk.finish is not None:
                yield replace(chunk, text=text)
