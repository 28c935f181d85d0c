"""OpenAI's older wire, text completions: a gap by `suffix`, or by a template in the prompt.

Servers differ in whether they know `suffix`: some refuse it, llama.cpp and gateways ignore it
without a word (`suffix_proof.py` finds that out). Knows the bodies, not how bytes travel.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

from devstral_lsp.providers.base import Chunk, FimRequest
from devstral_lsp.providers.endpoint_client import EndpointClient, drop_empty
from devstral_lsp.providers.fim.templates import FimTemplate
from devstral_lsp.providers.openai_decoder import CompletionDecoder
from devstral_lsp.providers.stop_sequences import stop_sequences_for_request

PATH = "/v1/completions"

Prompt = str | Sequence[int]
"""Text, or ids of tokens for servers that read no control strings out of text."""


def completions_payload(
    request: FimRequest, prompt: Prompt, *, stops: Sequence[str] = ()
) -> dict[str, Any]:
    """The body of POST /v1/completions, streamed. The first MAX_STOPS of all stops are sent.

    `max_tokens` is always there: vLLM would stop at 16. `temperature` too, where it is set.
    """
    return {
        "prompt": prompt,
        "max_tokens": max(request.max_tokens, 1),
        "min_tokens": request.min_tokens or None,
        "stop": stop_sequences_for_request((*request.stop, *stops)),
        "temperature": request.temperature,
        "top_p": request.top_p if request.top_p else None,
        "seed": request.random_seed,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


class SuffixStrategy:
    """Prompt and suffix as they are, for a server that fills the gap itself.

    `seen` finds out whether it really reads the suffix; None where the vendor says so.
    """

    name = "suffix"

    def __init__(
        self,
        caller: EndpointClient,
        path: str = PATH,
        seen: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self._caller = caller
        self._path = path
        self._seen = seen
        self.evidence = (
            "an answer showed that the suffix is read" if seen else "as its vendor describes"
        )

    async def is_supported(self) -> bool:
        return self._seen is None or await self._seen()

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text.

        An empty prompt becomes a line feed, since some answer nothing to it; so does an empty
        suffix, without which Ollama would make a conversation of the prompt.
        """
        model = await self._caller.model(for_fim=True)
        body = {
            "model": model,
            "suffix": request.suffix or "\n",
            **completions_payload(request, request.prompt or "\n"),
        }
        stream = self._caller.stream(self._path, drop_empty(body), CompletionDecoder)
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                yield chunk


async def complete_with_template(
    caller: EndpointClient, request: FimRequest, template: FimTemplate
) -> AsyncGenerator[Chunk, None]:
    """Stream what the model writes behind a gap that stands in the prompt."""
    body = completions_payload(request, template.render(request), stops=template.stops)
    named = drop_empty({"model": await caller.model(for_fim=True), **body})
    async with aclosing(caller.stream(PATH, named, CompletionDecoder)) as chunks:
        async for chunk in chunks:
            yield chunk
