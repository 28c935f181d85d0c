"""When an answer is used, when it is asked for once more, and when not at all."""

from __future__ import annotations

import pytest

from devstral_lsp.errors import (
    BudgetExceeded,
    InvalidRequest,
    InvalidResponse,
    RateLimited,
    ServerOverloaded,
)
from devstral_lsp.providers.base import ChatRequest, FinishReason
from devstral_lsp.refactor.ask import ModelSession, PreparedRequest, SerialThreadWorker
from devstral_lsp.refactor.errors import UnusableReply
from devstral_lsp.refactor.types import Progress, RefactorRefused
from tests.support.scripted_chat import Saying, ScriptedChat

QUESTION = ({"role": "user", "content": "Do it."},)
CUT = Saying(("half",), FinishReason.LENGTH)


def pose(structured: bool) -> PreparedRequest[str]:
    schema = {"type": "json_schema"} if structured else None
    request = ChatRequest(messages=QUESTION, max_tokens=100, response_format=schema)
    return PreparedRequest(request, read)


def read(text: str) -> str:
    if "bad" in text:
        raise UnusableReply(f"The reply is {text}.")
    return text.upper()


async def ask(chat: ScriptedChat, *, most_tokens: int = 400) -> str:
    return await ModelSession(most_tokens, SerialThreadWorker()).ask(
        chat, pose, lambda progress: None
    )


async def test_a_good_answer_is_asked_for_once() -> None:
    chat = ScriptedChat("good")
    assert await ask(chat) == "GOOD"
    assert [each.request.messages for each in chat.asked] == [QUESTION]


async def test_what_is_wrong_is_told_once() -> None:
    chat = ScriptedChat("bad one", "good")
    assert await ask(chat) == "GOOD"
    first, said, complaint = chat.asked[1].request.messages
    assert first == QUESTION[0]
    assert said == {"role": "assistant", "content": "bad one"}
    assert "The reply is bad one." in complaint["content"]


async def test_the_user_hears_how_far_it_is() -> None:
    told: list[Progress] = []
    chat = ScriptedChat("bad one", "good")
    await ModelSession(400, SerialThreadWorker()).ask(chat, pose, told.append)
    assert [each.message for each in told] == ["Writing", "Asking once more", "Writing"]
    assert all(each.tokens for each in told if each.message == "Writing")


async def test_a_second_bad_answer_is_the_end() -> None:
    chat = ScriptedChat("bad one", "bad two", "good")
    with pytest.raises(RefactorRefused, match="bad two"):
        await ask(chat)
    assert len(chat.asked) == 2


async def test_a_cut_answer_is_never_read_but_asked_for_with_more_room() -> None:
    chat = ScriptedChat(CUT, "good")
    assert await ask(chat) == "GOOD"
    assert [each.request.max_tokens for each in chat.asked] == [100, 400]
    assert chat.asked[1].request.messages == QUESTION


async def test_a_cut_answer_with_no_more_room_is_refused_with_what_to_do() -> None:
    chat = ScriptedChat(CUT, "good")
    with pytest.raises(RefactorRefused, match=r"chat\.max_tokens"):
        await ask(chat, most_tokens=100)
    assert len(chat.asked) == 1


async def test_two_cut_answers_are_refused() -> None:
    with pytest.raises(RefactorRefused, match="400 tokens"):
        await ask(ScriptedChat(CUT, CUT))


@pytest.mark.parametrize("finish", [FinishReason.INCOMPLETE, FinishReason.TOOL_CALLS])
async def test_an_answer_that_broke_off_is_not_read(finish: FinishReason) -> None:
    chat = ScriptedChat(Saying(("good",), finish), "better")
    assert await ask(chat) == "BETTER"


@pytest.mark.parametrize("name", ["response_format", "json_schema"])
async def test_a_refused_schema_is_left_out_for_good(name: str) -> None:
    chat = ScriptedChat(InvalidRequest("No.", fields=(name,)), "good", "better")
    dialogue = ModelSession(400, SerialThreadWorker())
    assert await dialogue.ask(chat, pose, lambda progress: None) == "GOOD"
    assert await dialogue.ask(chat, pose, lambda progress: None) == "BETTER"
    schemas = [each.request.response_format for each in chat.asked]
    assert schemas == [{"type": "json_schema"}, None, None]


async def paused(chat: ScriptedChat) -> list[float]:
    """How long was waited before each further question; raises what asking does."""
    pauses: list[float] = []

    async def sleep_s(seconds: float) -> None:
        pauses.append(seconds)

    assert (
        await ModelSession(400, SerialThreadWorker(), sleep_s=sleep_s).ask(
            chat, pose, lambda progress: None
        )
        == "GOOD"
    )
    return pauses


async def test_a_busy_endpoint_is_asked_again_after_a_pause() -> None:
    busy, limited = ServerOverloaded("Busy."), RateLimited("Slowly.", retry_after_s=12)
    assert await paused(ScriptedChat(busy, limited, "good")) == [2.0, 12]


async def test_a_quota_that_is_free_within_a_minute_is_waited_for() -> None:
    assert await paused(ScriptedChat(BudgetExceeded("Used up.", retry_after_s=61), "good")) == [61]


@pytest.mark.parametrize("retry_after_s", [None, 600])
async def test_one_that_is_not_is_told(retry_after_s: float | None) -> None:
    chat = ScriptedChat(BudgetExceeded("Too much.", retry_after_s=retry_after_s), "good")
    with pytest.raises(BudgetExceeded):
        await paused(chat)
    assert len(chat.asked) == 1


@pytest.mark.parametrize(
    "answers", [[RateLimited("No.", retry_after_s=60)], [ServerOverloaded("No.")] * 3]
)
async def test_one_that_is_busy_for_long_is_told(
    answers: list[RateLimited | ServerOverloaded],
) -> None:
    chat = ScriptedChat(*answers, "good")
    with pytest.raises(type(answers[0])):
        await paused(chat)
    assert len(chat.asked) == len(answers)


@pytest.mark.parametrize(
    "error", [InvalidRequest("No.", fields=("stop",)), InvalidResponse("What?")]
)
async def test_other_failures_are_told(error: InvalidRequest | InvalidResponse) -> None:
    with pytest.raises(type(error)):
        await ask(ScriptedChat(error, "good"))


async def test_progress_is_told_now_and_then() -> None:
    told: list[Progress] = []
    times = iter(range(1000))
    dialogue = ModelSession(400, SerialThreadWorker(), lambda: next(times) * 0.06)
    pieces = ("x" * 32,) * 40
    await dialogue.ask(ScriptedChat(Saying(pieces)), pose, told.append)
    assert 5 < len(told) < 30
    assert [each.tokens for each in told] == sorted(each.tokens for each in told)
    assert told[-1].tokens > 300
