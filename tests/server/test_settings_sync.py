"""Asking the editor for its settings, also one that does not answer."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import Any

import pytest

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


def shown(session: Inside) -> list[str]:
    heard = [each for each in session.heard if each["method"] == "window/showMessage"]
    return [each["params"]["message"] for each in heard]


class Unfinished:
    """What the server has begun since: its tasks, and its requests that wait for an answer."""

    def __init__(self, session: Inside) -> None:
        self._tasks = len(asyncio.all_tasks())
        self._answers: list[asyncio.Future[Any]] = []
        self._send = session.server.protocol.send_request
        session.server.protocol.send_request = self._record  # type: ignore[method-assign]

    def count(self) -> tuple[int, int]:
        waiting = [each for each in self._answers if not each.done()]
        return len(asyncio.all_tasks()) - self._tasks, len(waiting)

    def _record(self, method: str, params: Any) -> asyncio.Future[Any]:
        self._answers.append(self._send(method, params))
        return self._answers[-1]


async def test_questions_that_are_never_answered_do_not_pile_up(inside: StartInside) -> None:
    session = inside(ABLE)
    unfinished = Unfinished(session)
    await asked(session, 1)
    await settled()
    one = unfinished.count()
    await asked(session, 20)
    await settled()
    assert unfinished.count() == one == (1, 1)


async def test_the_answer_to_the_last_question_counts_however_late(inside: StartInside) -> None:
    session = inside(ABLE)
    unfinished = Unfinished(session)
    *earlier, last = await asked(session, 3)
    session.reply(last, {"result": [{"fim": {"max_tokens": 7}}]})
    await settled()
    assert session.server.resolved.settings.fim.max_tokens == 7
    for number in earlier:
        session.reply(number, {"result": [{"fim": {"max_tokens": 9}}]})
    await settled()
    assert session.server.resolved.settings.fim.max_tokens == 7
    assert unfinished.count() == (0, 0)


async def test_an_error_is_no_answer(inside: StartInside) -> None:
    session = inside(ABLE)
    unfinished = Unfinished(session)
    before = session.server.resolved
    (question,) = await asked(session, 1)
    session.reply(question, {"error": {"code": -32603, "message": "no"}})
    await settled()
    assert session.server.resolved == before
    assert unfinished.count() == (0, 0)


@pytest.mark.parametrize("answer", [None, [], [None], [{}]])
async def test_nothing_is_sent_before_the_first_answer(inside: StartInside, answer: Any) -> None:
    session = inside(ABLE)
    assert session.server.resolved.waits
    (question,) = await asked(session, 1)
    session.reply(question, {"result": answer})
    await settled()
    assert session.server.resolved.narrowed == ""


async def test_an_editor_that_does_not_know_the_question_has_no_settings(
    inside: StartInside,
) -> None:
    session = inside(ABLE)
    (question,) = await asked(session, 1)
    session.reply(question, {"error": {"code": -32601, "message": "no such method"}})
    await settled()
    assert session.server.resolved.narrowed == ""


@pytest.mark.parametrize("answer", ["local", {"fim": {"provider": "local"}}, ["local"], [[]], 7])
async def test_an_answer_that_is_none_sends_nothing(inside: StartInside, answer: Any) -> None:
    session = inside(ABLE)
    (question,) = await asked(session, 1)
    session.reply(question, {"result": answer})
    await settled()
    assert session.server.resolved.narrowed


async def test_who_waits_long_is_told_why(
    inside: StartInside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devstral_lsp.server.settings_sync.UNANSWERED_NOTICE_S", 0)
    session = inside(ABLE)
    (question,) = await asked(session, 1)
    await session.until(lambda: shown(session))
    assert "has not answered" in shown(session)[0]
    session.reply(question, {"result": [None]})
    await asked(session, 1)
    await settled()
    assert len(shown(session)) == 1


async def test_a_project_file_applies_before_the_next_message(
    inside: StartInside, tmp_path: Path
) -> None:
    """Also while the editor takes its time to be asked for its own settings."""
    session = inside(ABLE)
    (tmp_path / ".devstral.toml").write_text('fim.provider = "local"')
    folder = {"uri": tmp_path.as_uri(), "name": "clone"}
    change = {"event": {"added": [folder], "removed": []}}
    session.notify("workspace/didChangeWorkspaceFolders", change)
    assert session.server.resolved.settings.fim.provider == "local"


async def test_a_refusal_that_nobody_waits_for_is_no_trouble(inside: StartInside) -> None:
    troubles: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))
    session = inside(ABLE)
    session.server.protocol.send_request(ASK, {"items": []})
    session.reply(questions(session)[-1], {"error": {"code": -32603, "message": "no"}})
    await settled()
    gc.collect()
    await settled()
    assert troubles == []
