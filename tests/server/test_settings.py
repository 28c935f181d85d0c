"""Asking the editor for its settings, also one that does not answer."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

from tests.server.conftest import StartInside
from tests.support.inside import Inside

ASK = "workspace/configuration"
CHANGED = "workspace/didChangeConfiguration"
ABLE: Any = {"workspace": {"configuration": True}}


def questions(session: Inside) -> list[Any]:
    """The ids under which the editor was asked."""
    return [each["id"] for each in session.heard if each["method"] == ASK]


async def asked(session: Inside, times: int) -> list[Any]:
    for _ in range(times):
        count = len(questions(session))
        session.notify(CHANGED, {"settings": None})
        await session.until(lambda: len(questions(session)) > count)  # noqa: B023
    return questions(session)


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def waiting(session: Inside) -> tuple[int, int]:
    """Tasks, and requests that are still to be answered."""
    return len(session.server._tasks), len(session.server.protocol._request_futures)


async def test_questions_that_are_never_answered_do_not_pile_up(inside: StartInside) -> None:
    session = inside(ABLE)
    await asked(session, 1)
    await settled()
    one = waiting(session)
    await asked(session, 20)
    await settled()
    assert waiting(session) == one


async def test_the_answer_to_the_last_question_counts_however_late(inside: StartInside) -> None:
    session = inside(ABLE)
    *earlier, last = await asked(session, 3)
    session.reply(last, {"result": [{"fim": {"max_tokens": 7}}]})
    await settled()
    assert session.server.resolved.settings.fim.max_tokens == 7
    for number in earlier:
        session.reply(number, {"result": [{"fim": {"max_tokens": 9}}]})
    await settled()
    assert session.server.resolved.settings.fim.max_tokens == 7
    assert waiting(session) == (0, 0)


async def test_an_error_is_no_answer(inside: StartInside) -> None:
    session = inside(ABLE)
    before = session.server.resolved
    (question,) = await asked(session, 1)
    session.reply(question, {"error": {"code": -32603, "message": "no"}})
    await settled()
    assert session.server.resolved == before
    assert waiting(session) == (0, 0)


async def test_a_refusal_that_nobody_waits_for_is_no_trouble(inside: StartInside) -> None:
    troubles: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))
    session = inside(ABLE)
    session.server.protocol.send_request_async(ASK, {"items": []}, msg_id="left alone")
    session.reply("left alone", {"error": {"code": -32603, "message": "no"}})
    await settled()
    gc.collect()
    await settled()
    assert troubles == []
