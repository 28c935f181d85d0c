"""OpenAI's older API, text completions: a gap by `suffix`, or by a template in the prompt.

Servers differ in whether they know `suffix`: some refuse it; llama.cpp and gateways silently ignore
it (`fim/suffix_probe.py` finds out).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any

from devstral_lsp.providers.base import Chunk, FimRequest
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.templates import FimTemplate
from devstral_lsp.providers.openai_decoder import CompletionDecoder
from devstral_lsp.providers.stop_sequences import stop_sequences_for_request

PATH = "/v1/completions"


def completions_payload(
    request: FimRequest, prompt: str | Sequence[int], *, stops: Sequence[str] = ()
) -> dict[str, Any]:
    """The body of POST /v1/completions, streamed. The first MAX_STOPS of all stops are sent.

    `prompt` is text, or token ids for servers that read no control strings out of text.
    `max_tokens` is always present: vLLM would stop at 16.
    """
    return {
        "prompt": prompt,
        "max_tokens": max(request.max_tokens, 1),
        "min_tokens": request.min_tokens or None,
        "stop": stop_sequences_for_request((*request.stop, *stops)),
        "temperature": request.temperature,
        "top_p": request.top_p if request.top_p else None,
        "seed": request.random_seed,
        "logprobs": 1,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


class SuffixStrategy:
    """Sends prompt and suffix as they are, to a server that fills the gap itself.

    `probe` tells whether it really reads the suffix; None where the vendor documents it.
    """

    name = "suffix"

    def __init__(
        self, client: EndpointClient, path: str, probe: Callable[[], Awaitable[bool]] | None = None
    ) -> None:
        self._client = client
        self._path = path
        self._probe = probe
        self.evidence = (
            "an answer showed that the suffix is read" if probe else "as its vendor describes"
        )

    async def is_supported(self) -> bool:
        return self._probe is None or await self._probe()

    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text.

        An empty prompt becomes a line feed, since some servers answer nothing to it; so does an
        empty suffix, without which Ollama would treat the prompt as a chat message.
        """
        body = {
            "suffix": request.suffix or "\n",
            **completions_payload(request, request.prompt or "\n"),
        }
        return self._client.stream(request, self._path, body, CompletionDecoder)


def complete_with_template(
    client: EndpointClient, request: FimRequest, template: FimTemplate
) -> AsyncGenerator[Chunk, None]:
    """Stream the continuation of a prompt that the template has written the gap into."""
    body = completions_payload(request, template.render(request), stops=template.stops)
    return client.stream(request, PATH, body, CompletionDecoder)
