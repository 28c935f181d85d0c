"""Fills a gap by conversation, for models that chat but have no fill-in-the-middle.

The file goes out in tags around the gap and only the gap's text is to come back. Where the
endpoint can be made to continue a message that we began, the answer begins with the cursor's own
line, so that the model goes on in the middle of it. It is slower and dearer than FIM, and knows
no endpoint: any ChatProvider will do.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from devstral_lsp.providers.base import ChatProvider, ChatRequest, Chunk, FimRequest, FinishReason
from devstral_lsp.providers.fim.gap_parser import CLOSING, OPENING, GapParser

MAX_LEAD = 200
"""Code points of the cursor's line that the answer is made to begin with."""

_INSTRUCTION = (
    "You complete code inside an editor. The user's message holds a file with a gap at the cursor: "
    "the text in <before> stands in front of it, the text in <after> follows it. "
    f"Answer with the text that belongs into the gap, between {OPENING} and {CLOSING}, and nothing "
    "else: no explanation, no code fence, nothing of <after>. Keep the indentation. "
    f"If nothing is missing, answer {OPENING}{CLOSING}."
)
_LEAD_INSTRUCTION = (
    f" Begin the answer by repeating the unfinished last line of <before> right after {OPENING}."
)


async def fim_via_chat(
    chat: ChatProvider, request: FimRequest, *, continuing: bool
) -> AsyncGenerator[Chunk, None]:
    """Stream the gap's text. `continuing`: the endpoint continues a message marked `prefix`.

    Raises what `chat` raises. Hangs up on the conversation once the gap is closed.
    """
    lead = _lead(request.prompt) if continuing else ""
    reader = GapParser(lead)
    asked = _chat_request(request, lead, continuing=continuing)
    async with aclosing(chat.chat(asked)) as answer:
        async for chunk in answer:
            if text := reader.feed(chunk.text):
                yield Chunk(text)
            if chunk.finish is not None:
                yield Chunk(reader.finish(), finish=chunk.finish, usage=chunk.usage)
                return
            if reader.closed:
                break
    yield Chunk(
        reader.finish(), finish=FinishReason.STOP if reader.closed else FinishReason.INCOMPLETE
    )


def _lead(prompt: str) -> str:
    """The cursor's line up to the cursor, if it is of a bearable length."""
    line = prompt[max(prompt.rfind("\n"), prompt.rfind("\r")) + 1 :]
    return line if len(line) <= MAX_LEAD else ""


def _chat_request(request: FimRequest, lead: str, *, continuing: bool) -> ChatRequest:
    instruction = _INSTRUCTION + (_LEAD_INSTRUCTION if lead else "")
    messages: list[Mapping[str, Any]] = [
        {"role": "system", "content": instruction},
        {"role": "user", "content": _file(request)},
    ]
    if continuing:
        messages.append({"role": "assistant", "content": OPENING + lead, "prefix": True})
    return ChatRequest(
        messages=messages,
        max_tokens=request.max_tokens,
        stop=(CLOSING, *request.stop),
        temperature=request.temperature,
        top_p=request.top_p,
        random_seed=request.random_seed,
        cache_key=request.cache_key,
    )


def _file(request: FimRequest) -> str:
    language = f"<language>{request.language}</language>\n" if request.language else ""
    return f"{language}<before>{request.prompt}</before>\n<after>{request.suffix}</after>"
