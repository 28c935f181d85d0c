"""Text Generation Inference, of Hugging Face: gaps by a template on its native stream.

It refuses `suffix`, says which tokens are special ones, and takes four stop strings. A temperature
of 0 is invalid there: it is asked not to sample instead.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from devstral_lsp.errors import BadReply
from devstral_lsp.providers.base import Chunk, Endpoint, FimRequest, Finish, Usage
from devstral_lsp.providers.caller import Caller, present
from devstral_lsp.providers.openai_chat import ChatWay, OpenAiChat
from devstral_lsp.providers.reply import count_of
from devstral_lsp.providers.served import Served
from devstral_lsp.providers.stop_text import sent_stops
from devstral_lsp.providers.template_way import TemplateWay
from devstral_lsp.providers.templates import Template

PATH = "/generate_stream"

_FINISHES: Mapping[str, Finish] = {
    "eos_token": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "length": Finish.LENGTH,
}


class TgiProvider(Served):
    """A FimProvider and a ChatProvider for one server."""

    def __init__(self, endpoint: Endpoint) -> None:
        caller = Caller("tgi", endpoint)
        chat = OpenAiChat(caller)

        def ask(request: FimRequest, template: Template) -> AsyncGenerator[Chunk, None]:
            return caller.stream(PATH, body_of(request, template), TgiReply)

        super().__init__(caller, chat, (TemplateWay(caller, ask), ChatWay(caller, chat)))


def body_of(request: FimRequest, template: Template) -> dict[str, Any]:
    """The body of POST /generate_stream."""
    samples = bool(request.temperature)
    share = request.top_p if request.top_p and 0 < request.top_p < 1 else None
    parameters = {
        "max_new_tokens": max(request.max_tokens, 1),
        "stop": sent_stops((*request.stop, *template.stops)),
        "do_sample": samples,
        "temperature": request.temperature if samples else None,
        "top_p": share if samples else None,
        "seed": request.random_seed,
        "return_full_text": False,
        "details": True,
    }
    return {
        "inputs": template.render(request),
        "parameters": present(parameters),
    }


class TgiReply:
    """Reads the events of TGI's native stream, one token each."""

    def __init__(self) -> None:
        self.finish: Finish | None = None
        self._usage: Usage | None = None

    def read(self, event: Mapping[str, Any]) -> str:
        """Take one event and give its text. Raises BadReply."""
        token = event.get("token")
        if not isinstance(token, dict):
            raise BadReply("The endpoint sent an event that is no part of a completion.")
        if event.get("generated_text") is not None:
            self._end(event.get("details"))
        text = token.get("text")
        return text if isinstance(text, str) and not token.get("special") else ""

    def last(self) -> Chunk:
        """The chunk that ends the stream; TRUNCATED if no event said why it ended."""
        return Chunk(finish=self.finish or Finish.TRUNCATED, usage=self._usage)

    def _end(self, details: Any) -> None:
        told = details if isinstance(details, dict) else {}
        self.finish = _FINISHES.get(str(told.get("finish_reason")), Finish.TRUNCATED)
        tokens, prompt = told.get("generated_tokens"), told.get("input_length")
        if isinstance(tokens, int):
            self._usage = Usage(prompt_tokens=count_of(prompt), completion_tokens=count_of(tokens))
