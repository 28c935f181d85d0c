"""Fills a gap by chat, for models that have no fill-in-the-middle.

The prompt puts the file in tags around the gap, and the answer is to hold only the gap's text, in
tags as well. Where the endpoint continues a message that we began, the answer begins with the
cursor's own line, so that the model continues in the middle of it. This is slower and more
expensive than FIM.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Literal

from devstral_lsp.providers.base import ChatRequest, Chunk, FimRequest, FinishReason
from devstral_lsp.providers.optional_feature import OptionalFeature
from devstral_lsp.providers.stop_sequences import partial_suffix_length

OPENING = "<gap>"
CLOSING = "</gap>"

MAX_LEAD = 200
"""Code points of the cursor's line that the answer is made to begin with."""

_FENCE = "```"
_OPENING_FENCE = re.compile(r"^[ \t]*```[^\n]*\n", re.MULTILINE)
_MAX_WHITESPACE = 400
"""Code points before the text that may still turn out to be a fence."""

_State = Literal["opening", "head", "flowing", "held"]

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


class GapsByChat:
    """Fills gaps by `chat`, which continues a message marked `prefix` if it `can_prefill`."""

    def __init__(
        self, chat: Callable[[ChatRequest], AsyncGenerator[Chunk, None]], *, can_prefill: bool
    ) -> None:
        self._chat = chat
        self._prefill = OptionalFeature(is_offered=can_prefill)

    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text. Raises what `chat` raises."""
        return self._prefill.stream(
            lambda prefills: fim_via_chat(self._chat, request, can_prefill=prefills)
        )


async def fim_via_chat(
    chat: Callable[[ChatRequest], AsyncGenerator[Chunk, None]],
    request: FimRequest,
    *,
    can_prefill: bool,
) -> AsyncGenerator[Chunk, None]:
    """Stream the gap's text. `can_prefill`: the endpoint continues a message marked `prefix`.

    Raises what `chat` raises. Closes the stream once the gap's closing tag has come.
    """
    lead = _lead(request.prompt) if can_prefill else ""
    parser = GapParser(lead)
    chat_request = _chat_request(request, lead, can_prefill=can_prefill)
    async with aclosing(chat(chat_request)) as answer:
        async for chunk in answer:
            if text := parser.feed(chunk.text):
                yield Chunk(text)
            if chunk.finish is not None:
                yield Chunk(parser.finish(), finish=chunk.finish, usage=chunk.usage)
                return
            if parser.closed:
                break
    yield Chunk(
        parser.finish(), finish=FinishReason.STOP if parser.closed else FinishReason.INCOMPLETE
    )


def _lead(prompt: str) -> str:
    """The cursor's line up to the cursor; "" if it is longer than MAX_LEAD."""
    line = prompt[max(prompt.rfind("\n"), prompt.rfind("\r")) + 1 :]
    return line if len(line) <= MAX_LEAD else ""


def _chat_request(request: FimRequest, lead: str, *, can_prefill: bool) -> ChatRequest:
    instruction = _INSTRUCTION + (_LEAD_INSTRUCTION if lead else "")
    messages: list[Mapping[str, Any]] = [
        {"role": "system", "content": instruction},
        {"role": "user", "content": _file(request)},
    ]
    if can_prefill:
        messages.append({"role": "assistant", "content": OPENING + lead, "prefix": True})
    return ChatRequest(
        messages=messages,
        max_tokens=request.max_tokens,
        stop=(CLOSING, *request.stop),
        temperature=request.temperature,
        top_p=request.top_p,
        random_seed=request.random_seed,
        cache_key=request.cache_key,
        priority=request.priority,
        deadline=request.deadline,
    )


def _file(request: FimRequest) -> str:
    language = f"<language>{request.language}</language>\n" if request.language else ""
    return f"{language}<before>{request.prompt}</before>\n<after>{request.suffix}</after>"


class GapParser:
    """Takes the gap's text out of an answer while it arrives, releasing what is certain.

    Text that follows the opening tag and `lead`, the cursor's line up to the cursor, is released
    as it comes. An answer that begins otherwise (prose, a fence) is held until it is complete and
    then searched for its code.
    """

    def __init__(self, lead: str) -> None:
        self.closed = False
        """Whether the closing tag has come, so that the rest of the answer is not needed."""
        self._lead = lead
        self._text = ""
        self._state: _State = "opening"
        self._has_released = False

    def feed(self, piece: str) -> str:
        """The text that `piece` makes certain."""
        if self.closed:
            return ""
        held = len(self._text) if self._state == "held" else 0
        self._text += piece
        if self._state == "opening":
            self._match_opening()
        while self._state == "head" and self._begins_anew():
            self._match_opening()
        if self._state == "head":
            self._match_fence()
        if self._state == "flowing":
            return self._release()
        self.closed = self._text.find(CLOSING, max(0, held - len(CLOSING))) >= 0
        return ""

    def finish(self) -> str:
        """The text that the end of the answer makes certain."""
        rest, self._text = self._text, ""
        if self._state == "held":
            return _code_in(rest).removeprefix(self._lead)
        return "" if self._state == "opening" else rest.removesuffix(CLOSING)

    def _match_opening(self) -> None:
        opening = OPENING + self._lead
        if self._text.startswith(opening):
            self._text = self._text[len(opening) :]
            self._state = "head"
        elif not opening.startswith(self._text):
            self._state = "held"

    def _begins_anew(self) -> bool:
        """Whether the opening tag comes again: the model was to go on, and began from the start."""
        begin = self._text.lstrip()
        if not begin.startswith(OPENING):
            return False
        self._text, self._state = begin, "opening"
        return True

    def _match_fence(self) -> None:
        """A fence can only belong to the answer where the cursor's line is blank."""
        begin = self._text.lstrip()
        if begin and OPENING.startswith(begin):
            return
        is_too_late = len(self._text) - len(begin) > _MAX_WHITESPACE
        if is_too_late or self._lead.strip() or not _FENCE.startswith(begin[: len(_FENCE)]):
            self._state = "flowing"
        elif len(begin) >= len(_FENCE):
            self._state = "held"

    def _release(self) -> str:
        anew = self._text.find(OPENING)
        if anew >= 0 and not self._has_released:
            # Words before a tag are the model's own, such as reasoning whose tag is not sent.
            self._text, self._state = self._text[anew:], "opening"
            return self.feed("")
        ends = [at for at in (anew, self._text.find(CLOSING)) if at >= 0]
        self.closed = bool(ends)
        if ends:
            end = min(ends)
        else:
            held = (partial_suffix_length(self._text, tag) for tag in (OPENING, CLOSING))
            end = len(self._text) - max(held)
        self._has_released |= end > 0
        certain, self._text = self._text[:end], "" if self.closed else self._text[end:]
        return certain


def _code_in(answer: str) -> str:
    """The code of a complete answer: the text inside the tags, and inside a fence there."""
    _, opened, after = answer.partition(OPENING)
    text = (after if opened else answer).partition(CLOSING)[0]
    fence = _OPENING_FENCE.search(text)
    if fence is None:
        return text
    end = text.find(_FENCE, fence.end())
    inside = text[fence.end() : None if end < 0 else end]
    return inside if end < 0 else inside.rstrip(" \t").removesuffix("\n")
