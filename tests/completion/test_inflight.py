"""A stream on its way: what it takes, when it hangs up, and who is told."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.inflight import InflightStream
from devstral_lsp.completion.request_kind import infer_kind
from devstral_lsp.completion.types import CursorContext
from devstral_lsp.providers.base import FimRequest, FinishReason
from tests.support.scripted import Call, ScriptedProvider, settle


async def begun(
    marked: str, stops: tuple[str, ...] = (), longest: int = 1000
) -> tuple[InflightStream, Call, list[InflightStream]]:
    provider, ended = ScriptedProvider(), []
    place = CursorContext.from_marked(marked, "python")
    chunks = provider.fim(FimRequest(prompt=place.before, suffix=place.after, max_tokens=64))
    stream = InflightStream(place, infer_kind(place), stops, chunks, ended.append, longest)
    await settle()
    return stream, provider.calls[0], ended


@pytest.mark.parametrize(
    ("marked", "said", "taken"),
    [
        ("f(│, 1)", "a, b\nc", "a, b\nc"),
        ("x = │\n", "1\na = 1\nb = 2\nc = 3\nd = 4\ne", "1\na = 1\nb = 2\nc = 3\nd = 4\ne"),
        ("x = │\n", "1%%2", "1"),
    ],
)
async def test_it_hangs_up_when_enough_has_come(marked: str, said: str, taken: str) -> None:
    stream, call, ended = await begun(marked, ("%%",))
    call.say(said[:1])
    await settle()
    assert not call.closed
    call.say(said[1:])
    await settle()
    assert call.closed
    assert ended == [stream]
    call.say("more")
    await settle()
    assert stream.text == taken


async def test_a_line_end_may_be_cut_in_two() -> None:
    stream, call, _ = await begun("x = │\n")
    for piece in ("f(\r", "\n  1", ")\r", "\n"):
        call.say(piece)
    await settle()
    assert stream.text == "f(\n  1)\n"


async def test_hanging_up_keeps_what_has_come_and_tells_of_the_end() -> None:
    stream, call, ended = await begun("x = │\n")
    call.say("f(")
    await settle()
    stream.cancel()
    await stream.wait_closed()
    await settle()
    assert (stream.text, stream.finish, stream.error) == ("f(", None, None)
    assert call.closed
    assert ended == [stream]


async def test_a_text_without_an_end_is_cut() -> None:
    stream, call, ended = await begun("x = │\n", longest=20)
    for _ in range(5):
        call.say("call(")
        await settle()
    assert (stream.text, stream.finish) == ("call(" * 4, FinishReason.LENGTH)
    assert call.closed
    assert ended == [stream]


@pytest.mark.parametrize(
    ("said", "finish", "text", "last"),
    [
        ("f(1)\ng(2", FinishReason.LENGTH, "f(1)", FinishReason.STOP),
        ("f(1", FinishReason.LENGTH, "f(1", FinishReason.LENGTH),
        ("f(1)", FinishReason.STOP, "f(1)", FinishReason.STOP),
    ],
)
async def test_only_what_reaches_the_end_may_have_been_cut(
    said: str, finish: FinishReason, text: str, last: FinishReason
) -> None:
    stream, call, _ = await begun("x = │\n")
    call.say(said)
    call.end(finish)
    await settle()
    place = CursorContext.from_marked("x = │\n", "python")
    draft = stream.draft_at(place, infer_kind(place))
    assert draft is not None
    assert (draft.text, draft.finish) == (text, last)
    assert (
        stream.draft_at(CursorContext.from_marked("y = │\n", "python"), infer_kind(place)) is None
    )
