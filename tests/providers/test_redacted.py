"""What every request passes before it leaves."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Any

from devstral_lsp.providers.base import (
    ChatRequest,
    Chunk,
    FimRequest,
    FinishReason,
    HasFallback,
    ProvidesModelInfo,
    SupportsVision,
)
from devstral_lsp.providers.metering import ProviderLimits
from devstral_lsp.providers.redacted import RedactedChat, RedactedFim

KEY = b"k" * 16
TOKEN = "gh" + "p_" + "a1B2c3D4e5F6" * 3
OTHER = "gh" + "p_" + "Z9y8X7w6V5u4" * 3


class Echo:
    """Answers what `say` makes of a request, a few characters at a time."""

    name = "echo"
    limits = ProviderLimits()

    def __init__(self, say: Callable[[Any], str]) -> None:
        self._say = say
        self.asked: list[Any] = []
        self.is_closed = False

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        self.asked.append(request)
        text = self._say(request)
        for at in range(0, len(text), 5):
            yield Chunk(text[at : at + 5])
        yield Chunk(finish=FinishReason.STOP)

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        self.asked.append(request)
        content = str(request.messages[-1]["content"])
        call = {"function": {"name": "read", "arguments": f'{{"path": "{content}"}}'}}
        yield Chunk(self._say(request))
        yield Chunk(finish=FinishReason.TOOL_CALLS, tool_calls=(call,))

    async def warm(self) -> None:
        return None

    async def close(self) -> None:
        self.is_closed = True


async def text_of(chunks: AsyncGenerator[Chunk, None]) -> str:
    return "".join([chunk.text async for chunk in chunks])


async def test_prompt_and_suffix_and_stops_are_redacted_and_the_answer_is_not() -> None:
    echo = Echo(lambda request: request.prompt + request.suffix)
    request = FimRequest(
        prompt=f'a = "{TOKEN}"\nb = ', suffix=f'\nc = "{TOKEN}"\n', max_tokens=9, stop=(TOKEN,)
    )
    said = await text_of(RedactedFim(echo, KEY).fim(request))
    assert said == request.prompt + request.suffix
    (asked,) = echo.asked
    assert TOKEN not in asked.prompt + asked.suffix + asked.stop[0]
    assert len(asked.prompt) == len(request.prompt)


async def test_a_stop_that_only_the_prompt_tells_to_be_a_secret() -> None:
    secret = "Tr0ub4dor9Zx"
    echo = Echo(lambda request: "x")
    filled = FimRequest(prompt=f'password = "{secret}"\n', max_tokens=9, stop=(f'"{secret}")',))
    await text_of(RedactedFim(echo, KEY).fim(filled))
    messages = [{"role": "user", "content": f'password = "{secret}"'}]
    asked = ChatRequest(messages=messages, max_tokens=9, stop=(f"{secret})", TOKEN))
    await text_of(RedactedChat(echo, KEY).chat(asked))
    assert not [each for each in echo.asked if secret in str(each) or TOKEN in str(each)]


async def test_a_secret_of_another_file_ends_the_answer() -> None:
    head = f'+++++ b.py\nkey = "{OTHER}"\n+++++ a.py\n'
    echo = Echo(lambda request: f"x = {request.prompt[request.prompt.index('gh') :][:40]} + 1")
    request = FimRequest(prompt=f"{head}x = 1\n", context_length=len(head), max_tokens=9)
    chunks = [chunk async for chunk in RedactedFim(echo, KEY).fim(request)]
    assert "".join(chunk.text for chunk in chunks) == "x = "
    assert chunks[-1].finish is FinishReason.INCOMPLETE


async def test_messages_predictions_and_calls() -> None:
    echo = Echo(lambda request: str(request.messages[-1]["content"]))
    request = ChatRequest(
        messages=[
            {"role": "system", "content": f"token: {TOKEN}"},
            {"role": "assistant", "content": "", "tool_calls": [
                {"function": {"name": "x", "arguments": f'{{"text": "{TOKEN}"}}'}}
            ]},
            {"role": "user", "content": TOKEN},
        ],
        max_tokens=9,
        prediction=f'{{"code": "a = \\"{TOKEN}\\""}}',
    )  # fmt: skip
    chunks = [chunk async for chunk in RedactedChat(echo, KEY).chat(request)]
    assert chunks[0].text + chunks[1].text == TOKEN
    assert chunks[1].tool_calls[0]["function"]["arguments"] == f'{{"path": "{TOKEN}"}}'
    (asked,) = echo.asked
    assert TOKEN not in str(asked)
    assert TOKEN in str(request), "the caller's own request is left alone"


async def test_it_passes_for_what_it_wraps() -> None:
    echo = Echo(lambda request: "")
    fim, chat = RedactedFim(echo, KEY), RedactedChat(echo, KEY)
    assert isinstance(fim, HasFallback)
    assert isinstance(fim, ProvidesModelInfo)
    assert isinstance(chat, SupportsVision)
    assert fim.active_fallback is None
    assert not await chat.supports_images()
    assert (await fim.model_info(for_fim=True)).model == ""
    assert (fim.name, fim.limits) == ("echo", ProviderLimits())
    await fim.warm()
    await fim.close()
    assert echo.is_closed


def _halves(text: str) -> str:
    at = text.index("gh") + 20
    return f'{text[:at]}" "{text[at:]}'


async def test_a_chat_that_breaks_a_placeholder_says_so() -> None:
    request = ChatRequest(messages=[{"role": "user", "content": f'a = "{TOKEN}"'}], max_tokens=9)
    echo = Echo(lambda request: _halves(str(request.messages[-1]["content"])))
    chunks = [chunk async for chunk in RedactedChat(echo, KEY).chat(request)]
    assert chunks[-1].finish is FinishReason.SECRET_BROKEN
    # With tools, what is said changes nothing, and the call repeats it as it is.
    asked = ChatRequest(messages=request.messages, max_tokens=9, tools=({"type": "function"},))
    chunks = [chunk async for chunk in RedactedChat(echo, KEY).chat(asked)]
    assert chunks[-1].finish is FinishReason.TOOL_CALLS


async def test_a_gap_ends_where_a_placeholder_is_broken() -> None:
    echo = Echo(lambda request: f"x = 1\ny = {_halves(request.prompt)}")
    request = FimRequest(prompt=f'a = "{TOKEN}"\n', max_tokens=9)
    chunks = [chunk async for chunk in RedactedFim(echo, KEY).fim(request)]
    assert chunks[-1].finish is FinishReason.SECRET_BROKEN
    said = "".join(chunk.text for chunk in chunks)
    assert said.startswith('x = 1\ny = a = "gh')
    assert len(said) < 26
