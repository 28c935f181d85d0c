"""Progress: begun by server or client, ended however the work ends, cancelled by a click."""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp.refactor.types import Progress, RefactorResult
from tests.server.conftest import StartInside
from tests.server.orders import OFFER, TEXT, action, command, ordered
from tests.support.inside import Inside
from tests.support.scripted import settle
from tests.support.workbench import EVERYTHING, NOTHING

CREATE = "window/workDoneProgress/create"
DONE: Any = {"result": None}


def told(session: Inside, token: Any = None) -> list[tuple[str, str | None]]:
    """What was said of the progress, by kind, and the words."""
    return [
        (each["value"]["kind"], each["value"].get("message"))
        for each in session.all("$/progress")
        if token is None or each["token"] == token
    ]


async def begun(session: Inside, **more: Any) -> Any:
    """Start a command; gives its answer to come."""
    params = command("devstral.apply", ordered(session.open(TEXT)), **more)
    answer = session.request("workspace/executeCommand", params)
    await session.until(lambda: session.engine.runs)
    return answer


async def test_the_server_begins_it_once_the_client_has_made_the_token(
    inside: StartInside,
) -> None:
    session = inside(EVERYTHING)
    session.replies[CREATE] = DONE
    await begun(session)
    await session.until(lambda: told(session))
    (wanted,) = session.all(CREATE)
    (begin,) = session.all("$/progress")
    assert begin["token"] == wanted["token"]
    assert begin["value"] == {"kind": "begin", "title": OFFER.title, "cancellable": True}
    session.engine.runs[0].report(Progress("Writing", 12))
    session.engine.runs[0].outcome.set_result(RefactorResult(title=""))
    await session.until(lambda: len(told(session)) == 3)
    assert told(session)[1:] == [("report", "Writing, 12 tokens"), ("end", None)]


async def test_a_stream_of_tokens_is_not_a_stream_of_messages(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    session.replies[CREATE] = DONE
    await begun(session)
    await session.until(lambda: told(session))
    for tokens in range(100):
        session.engine.runs[0].report(Progress("Writing", tokens))
    assert len(told(session)) < 5


@pytest.mark.parametrize("answer", [None, {"error": {"code": -32603, "message": "no"}}])
async def test_a_client_that_makes_no_token_gets_the_work_without_it(
    inside: StartInside, answer: Any
) -> None:
    session = inside(EVERYTHING)
    session.replies[CREATE] = answer
    await begun(session)
    session.engine.runs[0].report(Progress("Writing", 12))
    session.engine.runs[0].outcome.set_result(RefactorResult(title="It"))
    await session.until(lambda: session.shown)
    assert told(session) == []


async def test_a_token_that_comes_after_the_end_begins_nothing(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    await begun(session)
    await session.until(lambda: session.all(CREATE))
    session.engine.runs[0].outcome.set_result(RefactorResult(title="It"))
    await session.until(lambda: session.shown)
    (asked,) = [each for each in session.heard if each["method"] == CREATE]
    session.reply(asked["id"], DONE)
    await settle()
    assert told(session) == []


async def test_a_client_without_progress_is_not_asked(inside: StartInside) -> None:
    session = inside(NOTHING)
    await begun(session)
    session.engine.runs[0].outcome.set_result(RefactorResult(title="It"))
    await session.until(lambda: session.shown)
    assert session.all(CREATE) == []
    assert told(session) == []


async def test_a_client_s_own_token_lives_until_its_request_is_answered(
    inside: StartInside,
) -> None:
    session = inside(NOTHING)
    answer = await begun(session, workDoneToken="theirs")
    assert told(session, "theirs") == [("begin", None)]
    assert not answer.done()
    session.engine.runs[0].outcome.set_result(RefactorResult(title=""))
    assert (await answer)["result"] is None
    assert [kind for kind, _ in told(session, "theirs")] == ["begin", "end"]
    assert session.all(CREATE) == []


async def test_cancelling_the_request_behind_a_token_hangs_up(inside: StartInside) -> None:
    session = inside(NOTHING)
    answer = await begun(session, workDoneToken=7)
    session.notify("$/cancelRequest", {"id": session.last_number})
    assert await session.error(answer) == -32800
    await session.engine.runs[0].ended.wait()
    await session.until(lambda: len(told(session, 7)) == 2)


async def test_the_cancel_button_hangs_up_and_answers(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    session.replies[CREATE] = DONE
    answer = session.request("codeAction/resolve", action(session.open(TEXT)))
    await session.until(lambda: session.engine.runs and told(session))
    (begin,) = session.all("$/progress")
    session.notify("window/workDoneProgress/cancel", {"token": "another"})
    session.notify("window/workDoneProgress/cancel", {"token": begin["token"]})
    assert await session.error(answer) == -32800
    await session.engine.runs[0].ended.wait()
    await session.until(lambda: len(told(session)) == 2)
    assert told(session)[-1] == ("end", None)
    assert session.shown == []
