"""Hugging Face's Text Generation Inference: gaps by a template on its native stream.

It refuses `suffix`, marks special tokens, and takes four stop strings. A temperature of 0 is
invalid there: sampling is switched off instead.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from devstral_lsp.providers.base import Chunk, Endpoint, FimRequest
from devstral_lsp.providers.composite import CompositeProvider
from devstral_lsp.providers.endpoint_client import EndpointClient
from devstral_lsp.providers.fim.strategy import TemplateStrategy
from devstral_lsp.providers.fim.templates import FimTemplate
from devstral_lsp.providers.http.client import drop_none
from devstral_lsp.providers.metering import Usage
from devstral_lsp.providers.openai_chat import OpenAiChat
from devstral_lsp.providers.openai_decoder import count_of
from devstral_lsp.providers.stop_sequences import stop_sequences_for_request
from devstral_lsp.providers.streaming import StreamDecoder, finish_reason, piece_of, tokens_of

PATH = "/generate_stream"


def build(name: str, endpoint: Endpoint) -> CompositeProvider:
    """The provider of one server."""
    client = EndpointClient(name, endpoint)

    def complete(request: FimRequest, template: FimTemplate) -> AsyncGenerator[Chunk, None]:
        body = _body(request, template)
        return client.stream(request, PATH, body, TgiDecoder, names_model=False)

    return CompositeProvider(client, OpenAiChat(client), (TemplateStrategy(client, complete),))


def _body(request: FimRequest, template: FimTemplate) -> dict[str, Any]:
    """The body of POST /generate_stream."""
    samples = bool(request.temperature)
    top_p = request.top_p if request.top_p and 0 < request.top_p < 1 else None
    parameters = {
        "max_new_tokens": max(request.max_tokens, 1),
        "stop": stop_sequences_for_request((*request.stop, *template.stops)),
        "do_sample": samples,
        "temperature": request.temperature if samples else None,
        "top_p": top_p if samples else None,
        "seed": request.random_seed,
        "return_full_text": False,
        "details": True,
    }
    return {"inputs": template.render(request), "parameters": drop_none(parameters)}


class TgiDecoder(StreamDecoder):
    """Reads the events of TGI's native stream, one token each."""

    def read(self, event: Mapping[str, Any]) -> str | None:
        """Take one event and give its text; None if it is no part of a completion.

        Raises InvalidResponse.
        """
        token = event.get("token")
        if event.get("generated_text") is not None:
            self._end(event.get("details"))
        if not isinstance(token, dict):
            # Without a token it is the whole answer, of a server that does not stream.
            whole = event.get("generated_text")
            return None if whole is None else piece_of(whole)
        text = "" if token.get("special") else piece_of(token.get("text"))
        self.tokens = tokens_of([{"token": text, "logprob": token.get("logprob")}])
        return text

    def _end(self, details: Any) -> None:
        known = details if isinstance(details, dict) else {}
        self.finish = finish_reason(known.get("finish_reason", "none"))
        tokens, prompt = known.get("generated_tokens"), known.get("input_length")
        if isinstance(tokens, int):
            self.usage = Usage(prompt_tokens=count_of(prompt), completion_tokens=count_of(tokens))
