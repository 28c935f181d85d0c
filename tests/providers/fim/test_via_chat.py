"""A gap filled by conversation: what is asked, what comes out, when the line is hung up."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from devstral_lsp.providers.base import ChatRequest, Chunk, FimRequest, FinishReason
from devstral_lsp.providers.fim.via_chat import MAX_LEAD, fim_via_chat
from devstral_lsp.providers.metering import Usage
from tests.providers.conftest import Connect
from tests.support.answers import Answer
from tests.support.fake_mistral import FakeMistral
from tests.support.streams import collect, text_of

REQUEST = FimRequest(
    prompt="def add(a, b):\n    return ",
    suffix="\n",
    max_tokens=64,
    stop=("\n\n",),
    language="python",
)


class Scripted:
    """A ChatProvider that says what it was told to."""

    name = "scripted"

    def __init__(self, *chunks: Chunk) -> None:
        self.chunks = chunks
        self.asked: ChatRequest | None = None
        self.given = 0
        self.left = False

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        self.asked = request
        try:
            for chunk in self.chunks:
                self.given += 1
                yield chunk
        finally:
            self.left = True

    async def close(self) -> None:
        pass


async def test_the_answer_begins_with_the_cursors_line(connect: Connect) -> None:
    async with FakeMistral([Answer(text=("a ", "+ b", "</gap>", " Done."))]) as fake:
        provider = connect(fake, model="devstral-2512")
        *pieces, last = await collect(provider.fim(REQUEST))
    *_, lead = fake.received[0].body["messages"]
    assert lead == {"role": "assistant", "content": "<gap>    return ", "prefix": True}
    assert [piece.text for piece in pieces] == ["a ", "+ b"]
    assert last.finish is FinishReason.STOP
    assert last.usage == Usage(prompt_tokens=21, completion_tokens=5)


async def test_the_file_and_the_settings_are_passed_on() -> None:
    chat = Scripted(Chunk("x"), Chunk(finish=FinishReason.STOP))
    await collect(fim_via_chat(chat.chat, REQUEST, can_prefill=True))
    assert chat.asked is not None
    assert chat.asked.stop == ("</gap>", "\n\n")
    assert chat.asked.max_tokens == 64
    file = chat.asked.messages[1]["content"]
    assert f"<before>{REQUEST.prompt}</before>" in file
    assert f"<after>{REQUEST.suffix}</after>" in file
    assert "python" in file


async def test_elsewhere_no_message_is_begun() -> None:
    chat = Scripted(Chunk("<gap>a"), Chunk(" + b</gap>"), Chunk(finish=FinishReason.STOP))
    assert await text_of(fim_via_chat(chat.chat, REQUEST, can_prefill=False)) == "a + b"
    assert chat.asked is not None
    assert [message["role"] for message in chat.asked.messages] == ["system", "user"]


async def test_a_very_long_line_is_not_repeated() -> None:
    chat = Scripted(Chunk("<gap>1"), Chunk(finish=FinishReason.LENGTH))
    request = FimRequest(prompt="x" * (MAX_LEAD + 1), max_tokens=9)
    chunks = await collect(fim_via_chat(chat.chat, request, can_prefill=True))
    assert chat.asked is not None
    assert chat.asked.messages[-1]["content"] == "<gap>"
    assert "".join(chunk.text for chunk in chunks) == "1"
    assert chunks[-1].finish is FinishReason.LENGTH


@pytest.mark.parametrize(
    ("chunks", "taken", "text", "finish"),
    [
        ((Chunk("<gap>a</gap>"), Chunk("b"), Chunk("c")), 1, "a", FinishReason.STOP),
        ((Chunk("```\na\n```</gap>"), Chunk("b"), Chunk("c")), 1, "a", FinishReason.STOP),
        ((Chunk("<gap>a"),), 1, "a", FinishReason.INCOMPLETE),
        (
            (Chunk("<gap>a </ga"), Chunk(finish=FinishReason.LENGTH)),
            2,
            "a </ga",
            FinishReason.LENGTH,
        ),
    ],
)
async def test_once_the_gap_is_closed_the_line_is_hung_up(
    chunks: tuple[Chunk, ...], taken: int, text: str, finish: FinishReason
) -> None:
    chat = Scripted(*chunks)
    found = await collect(fim_via_chat(chat.chat, REQUEST, can_prefill=False))
    assert "".join(chunk.text for chunk in found) == text
    assert found[-1].finish is finish
    assert chat.given == taken
    assert chat.left
