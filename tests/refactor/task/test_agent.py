"""A task from instruction to changes, with a scripted model and with the wire's own schema."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp.edits.line_edits import apply_edits
from devstral_lsp.errors import (
    InvalidRequest,
    ProviderError,
    RateLimited,
    ServerOverloaded,
    Unauthorized,
)
from devstral_lsp.providers.base import ChatRequest, Chunk, Endpoint, FinishReason, Secret
from devstral_lsp.providers.metering import Usage
from devstral_lsp.providers.mistral import MistralProvider
from devstral_lsp.refactor.task.agent import MAX_FAILURES, Task, TaskControl, TaskLimits, run
from devstral_lsp.refactor.task.conversation import Conversation
from devstral_lsp.refactor.task.overlay import WorkspaceOverlay
from devstral_lsp.refactor.task.tools.base import TaskPlan
from devstral_lsp.refactor.types import Progress, RefactorRefused, RefactorResult
from tests.support.answers import Answer
from tests.support.fake_mistral import KEY, FakeMistral


def calls(*wanted: tuple[str, dict[str, Any]]) -> Chunk:
    """The model calls these tools."""
    made = [
        {"id": f"call_{n}", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for n, (name, arguments) in enumerate(wanted)
    ]
    return Chunk(finish=FinishReason.TOOL_CALLS, tool_calls=tuple(made))


EDIT = ("edit_file", {"path": "a.py", "old": "one = 1", "new": "one = 11"})
DONE = Chunk(text="I changed one.", finish=FinishReason.STOP)


class Model:
    """A ChatProvider that answers from a list; its last answer again and again."""

    name = "scripted"

    def __init__(self, *answers: Chunk | ProviderError) -> None:
        self._answers = list(answers)
        self.requests: list[ChatRequest] = []
        self.asked = asyncio.Event()
        self.hangs = False
        self.closed = 0

    async def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        self.requests.append(request)
        is_last = len(self._answers) == 1
        answer = self._answers[0] if is_last else self._answers.pop(0)
        if isinstance(answer, ProviderError):
            raise answer
        try:
            if self.hangs and is_last:
                self.asked.set()
                await asyncio.Event().wait()
            yield answer
        finally:
            self.closed += 1

    async def close(self) -> None: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text("one = 1\ntwo = 2\n")
    (tmp_path / "b.py").write_text("from a import one\nprint(one)\n")
    return tmp_path


def task(folder: Path, instruction: str = "make one eleven") -> Task:
    return Task(instruction=instruction, overlay=WorkspaceOverlay([folder], {}), diagnostics={})


async def done(
    folder: Path,
    model: Model,
    bounds: TaskLimits | None = None,
    now_s: Callable[[], float] = lambda: 0.0,
) -> RefactorResult:
    async def no_sleep(_: float) -> None: ...

    watch = TaskControl(stop=asyncio.Event(), now_s=now_s, sleep_s=no_sleep)
    return await run(task(folder), model, bounds or TaskLimits(), watch)


def texts(outcome: RefactorResult) -> dict[str, str]:
    return {
        change.uri.rsplit("/", 1)[-1]: str(apply_edits(change.before, change.edits))
        for change in outcome.changes
    }


def answers_of(request: ChatRequest) -> Sequence[str]:
    return [each["content"] for each in request.messages if each["role"] == "tool"]


async def test_edits_gather_into_one_outcome(folder: Path) -> None:
    model = Model(
        calls(("find_references", {"name": "one"}), ("read_file", {"path": "a.py"})),
        calls(EDIT, ("create_file", {"path": "c.py", "content": "three = 3"})),
        DONE,
    )
    outcome = await done(folder, model)
    assert texts(outcome) == {"a.py": "one = 11\ntwo = 2\n", "c.py": "three = 3\n"}
    assert outcome.markdown == "I changed one."
    found, read = answers_of(model.requests[1])
    assert "b.py:1" in found
    assert "1│one = 1" in read
    assert (folder / "a.py").read_text() == "one = 1\ntwo = 2\n"


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (("edit_file", {"path": "a.py", "old": "none", "new": "x"}), "does not stand"),
        (("edit_file", {"path": "a.py", "old": "o", "new": "x"}), "several places"),
        (("edit_file", {"path": "a.py", "old": "one = 1", "new": "one = ("}), "not made"),
        (("edit_file", {"path": "a.py", "old": "one = 1", "new": "one = 1"}), "changes nothing"),
        (("edit_file", {"path": "../x.py", "old": "a", "new": "b"}), "out of the workspace"),
        (("edit_file", {"path": "a.py", "old": "", "new": "b"}), "empty"),
        (("edit_file", {"path": "a.py"}), "must be a string"),
        (("read_file", {"path": "gone.py"}), "no file"),
        (("read_file", {"path": "a.py", "first_line": 9}), "3 lines"),
        (("create_file", {"path": "a.py", "content": "x"}), "exists already"),
        (("rename_file", {"path": "a.py", "new_path": "b.py"}), "taken"),
        (("find_references", {"name": "a.b"}), "not a name"),
        (("search_files", {"pattern": ""}), "1 to"),
        (("run_program", {"command": "ls"}), "no such tool"),
    ],
)
async def test_a_failing_call_is_answered_with_the_reason(
    folder: Path, call: tuple[str, dict[str, Any]], reason: str
) -> None:
    model = Model(calls(call), calls(EDIT), DONE)
    outcome = await done(folder, model)
    (answer,) = answers_of(model.requests[1])
    assert answer.startswith("Error: ")
    assert reason in answer
    assert texts(outcome) == {"a.py": "one = 11\ntwo = 2\n"}


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        (TaskLimits(rounds=3), "3 rounds"),
        (TaskLimits(tokens=10), "tokens"),
        (TaskLimits(seconds=0.0), "time is up"),
    ],
)
async def test_every_bound_ends_it(folder: Path, bounds: TaskLimits, why: str) -> None:
    model = Model(calls(("read_file", {"path": "a.py"})))
    with pytest.raises(RefactorRefused, match=why):
        await done(folder, model, bounds)


async def test_what_was_changed_before_a_bound_is_kept(folder: Path) -> None:
    model = Model(calls(EDIT), calls(("read_file", {"path": "a.py"})))
    outcome = await done(folder, model, TaskLimits(rounds=3))
    assert texts(outcome) == {"a.py": "one = 11\ntwo = 2\n"}
    assert "Stopped early" in outcome.markdown


async def test_no_more_files_than_allowed_are_changed(folder: Path) -> None:
    new = ("create_file", {"path": "c.py", "content": "c = 1"})
    model = Model(calls(EDIT, new), DONE)
    outcome = await done(folder, model, TaskLimits(files=1))
    assert list(texts(outcome)) == ["a.py"]
    assert "limit" in answers_of(model.requests[1])[1]


async def test_a_model_that_makes_no_headway_is_left(folder: Path) -> None:
    model = Model(calls(("read_file", {"path": "gone.py"})))
    with pytest.raises(RefactorRefused, match="kept failing"):
        await done(folder, model)
    assert len(model.requests) == MAX_FAILURES


async def test_stopping_keeps_the_work_so_far(folder: Path) -> None:
    model = Model(calls(EDIT), DONE)
    model.hangs = True
    stop = asyncio.Event()
    running = asyncio.ensure_future(run(task(folder), model, TaskLimits(), TaskControl(stop=stop)))
    await model.asked.wait()
    stop.set()
    outcome = await running
    assert texts(outcome) == {"a.py": "one = 11\ntwo = 2\n"}
    assert "you asked for it" in outcome.markdown
    assert model.closed == 2


async def test_cancelling_closes_the_stream(folder: Path) -> None:
    model = Model(DONE)
    model.hangs = True
    running = asyncio.ensure_future(
        run(task(folder), model, TaskLimits(), TaskControl(stop=asyncio.Event()))
    )
    await model.asked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert model.closed == 1


async def test_a_busy_endpoint_is_asked_again(folder: Path) -> None:
    model = Model(ServerOverloaded("busy"), RateLimited("rate", retry_after_s=3), calls(EDIT), DONE)
    assert texts(await done(folder, model)) == {"a.py": "one = 11\ntwo = 2\n"}


async def test_one_that_wants_to_be_left_alone_for_long_is_told(folder: Path) -> None:
    model = Model(RateLimited("The quota is used up.", retry_after_s=3600), calls(EDIT), DONE)
    with pytest.raises(RateLimited):
        await done(folder, model)
    assert len(model.requests) == 1


async def test_an_endpoint_that_fails_late_leaves_the_work_so_far(folder: Path) -> None:
    outcome = await done(folder, Model(calls(EDIT), Unauthorized("The key is revoked.")))
    assert texts(outcome) == {"a.py": "one = 11\ntwo = 2\n"}
    assert "The key is revoked" in outcome.markdown


async def test_an_endpoint_that_fails_at_once_is_told(folder: Path) -> None:
    with pytest.raises(Unauthorized):
        await done(folder, Model(Unauthorized("The key is wrong.")))


async def test_a_model_without_tools_is_told(folder: Path) -> None:
    with pytest.raises(RefactorRefused, match="cannot call tools"):
        await done(folder, Model(InvalidRequest("no", fields=("tools",))))


async def test_usage_counts_where_it_is_told(folder: Path) -> None:
    heavy = Chunk(
        finish=FinishReason.TOOL_CALLS,
        tool_calls=calls(EDIT).tool_calls,
        usage=Usage(prompt_tokens=900, completion_tokens=200),
    )
    outcome = await done(folder, Model(heavy, DONE), TaskLimits(tokens=1000))
    assert "1,000 tokens" in outcome.markdown


async def test_it_says_what_it_is_doing(folder: Path) -> None:
    said: list[Progress] = []
    watch = TaskControl(stop=asyncio.Event(), report=said.append)
    await run(task(folder), Model(calls(EDIT), DONE), TaskLimits(), watch)
    assert [each.message for each in said] == ["editing a.py"]


MADE = [("create_file", {"path": f"{n}.py", "content": "x = 1\n"}) for n in range(5)]
PLAN = ("propose_plan", {"summary": "Five.", "files": [f"{n}.py" for n in range(5)]})


async def planned(
    folder: Path, model: Model, *, agrees: bool, **control: Any
) -> tuple[RefactorResult, list[TaskPlan]]:
    """What comes of a task whose user agrees to all plans or to none, and these plans."""
    shown: list[TaskPlan] = []

    async def agree(plan: TaskPlan) -> bool:
        shown.append(plan)
        return agrees

    watch = TaskControl(stop=asyncio.Event(), agree=agree, **control)
    return await run(task(folder), model, TaskLimits(), watch), shown


async def test_a_fourth_file_needs_a_plan(folder: Path) -> None:
    model = Model(calls(*MADE), calls(PLAN), calls(*MADE[3:]), DONE)
    outcome, shown = await planned(folder, model, agrees=True)
    assert [each.startswith("Error") for each in answers_of(model.requests[1])] == [
        *[False] * 3,
        *[True] * 2,
    ]
    assert "propose_plan" in answers_of(model.requests[1])[3]
    assert [each.files for each in shown] == [tuple(f"{n}.py" for n in range(5))]
    assert len(outcome.changes) == 5


async def test_nothing_beyond_the_plan_is_changed(folder: Path) -> None:
    small = ("propose_plan", {"summary": "Four.", "files": [f"{n}.py" for n in range(4)]})
    model = Model(calls(small, *MADE), DONE)
    outcome, _ = await planned(folder, model, agrees=True)
    assert len(outcome.changes) == 4


async def test_a_plan_that_is_refused_ends_the_task(folder: Path) -> None:
    model = Model(calls(PLAN, *MADE), DONE)
    with pytest.raises(RefactorRefused, match="did not agree to the plan"):
        await planned(folder, model, agrees=False)
    assert len(model.requests) == 1


async def test_the_user_may_take_their_time_over_a_plan(folder: Path) -> None:
    clock = [0.0]

    async def agree(_: TaskPlan) -> bool:
        clock[0] += 10_000
        return True

    watch = TaskControl(stop=asyncio.Event(), agree=agree, now_s=lambda: clock[0])
    outcome = await run(task(folder), Model(calls(PLAN, *MADE), DONE), TaskLimits(), watch)
    assert len(outcome.changes) == 5


async def test_stopping_does_not_wait_for_the_plan(folder: Path) -> None:
    stop = asyncio.Event()

    async def agree(_: TaskPlan) -> bool:
        stop.set()
        await asyncio.Event().wait()
        return True

    watch = TaskControl(stop=stop, agree=agree)
    with pytest.raises(RefactorRefused, match="you asked for it"):
        await run(task(folder), Model(calls(PLAN)), TaskLimits(), watch)


async def test_progress_counts_the_files_of_the_plan(folder: Path) -> None:
    said: list[Progress] = []
    model = Model(calls(EDIT, OTHER_EDIT), calls(PLAN, *MADE[:2]), DONE)
    await planned(folder, model, agrees=True, report=said.append)
    assert [each.message for each in said] == [
        "editing a.py",
        "editing b.py (1 file changed)",
        "planning (2 files changed)",
        "waiting for you to look at the plan",
        "making 0.py (2 of 5 files changed)",
        "making 1.py (3 of 5 files changed)",
    ]


async def test_what_was_stopped_early_needs_a_yes_of_its_own(folder: Path) -> None:
    """Half of a change is not applied along with others."""
    model = Model(calls(EDIT), calls(("read_file", {"path": "a.py"})))
    half = await done(folder, model, TaskLimits(rounds=3))
    assert [each.needs_own_yes for each in half.changes] == [True]
    whole = await done(folder, Model(calls(EDIT), DONE))
    assert [each.needs_own_yes for each in whole.changes] == [False]


async def test_no_request_is_sent_that_would_break_the_budget(folder: Path) -> None:
    model = Model(calls(EDIT), DONE)
    with pytest.raises(RefactorRefused, match="10 tokens"):
        await done(folder, model, TaskLimits(tokens=10))
    assert model.requests == []


async def test_the_transcript_tells_what_was_asked_done_and_said(folder: Path) -> None:
    kept: list[Conversation] = []
    watch = TaskControl(stop=asyncio.Event(), started=kept.append)
    (folder / "a.py").write_text("one = 1\n```\n# no heading\n")
    model = Model(calls(("read_file", {"path": "a.py"})), calls(EDIT), DONE)
    await run(task(folder), model, TaskLimits(), watch)
    told = kept[0].transcript()
    parts = ["make one eleven", "### read_file", "path: a.py", "### edit_file", "I changed one."]
    assert sorted(parts, key=told.index) == parts
    assert "````\n1│one = 1" in told
    assert "You change a software project" not in told


OTHER_EDIT = ("edit_file", {"path": "b.py", "old": "print(one)", "new": "print(1)"})


@pytest.mark.parametrize("finish", [FinishReason.LENGTH, FinishReason.INCOMPLETE])
@pytest.mark.parametrize("made", [(), calls(OTHER_EDIT).tool_calls], ids=["words", "calls"])
async def test_nothing_is_done_of_an_answer_that_was_cut(
    folder: Path, finish: FinishReason, made: tuple[Any, ...]
) -> None:
    """Its words do not end the task, nor are its calls run, even such as look whole."""
    cut = Chunk(text="I will now", finish=finish, tool_calls=made)
    model = Model(cut, calls(EDIT), DONE)
    assert texts(await done(folder, model)) == {"a.py": "one = 11\ntwo = 2\n"}
    said, asked = model.requests[1].messages[-2:]
    assert said == {"role": "assistant", "content": "I will now"}
    assert asked["role"] == "user"
    assert "smaller" in asked["content"]


async def test_a_model_whose_answers_are_all_cut_is_left(folder: Path) -> None:
    model = Model(Chunk(finish=FinishReason.LENGTH))
    with pytest.raises(RefactorRefused, match="kept failing"):
        await done(folder, model)
    assert len(model.requests) == MAX_FAILURES


async def test_mistral_takes_every_message_of_it(folder: Path) -> None:
    """The fake judges each body by Mistral's schema."""
    chunks = [calls(EDIT, ("list_files", {})), calls(("read_file", {"path": "a.py"}))]
    script = [
        *(
            Answer(text=("",), tool_calls=chunk.tool_calls, finish_reason="tool_calls")
            for chunk in chunks
        ),
        Answer(text=("Done.",)),
    ]
    async with FakeMistral(script) as fake:
        endpoint = Endpoint(base_url=fake.url, key=Secret(KEY, "t"), model="devstral-2512")
        provider = MistralProvider("mistral", endpoint)
        outcome = await run(task(folder), provider, TaskLimits(), TaskControl(stop=asyncio.Event()))
        await provider.close()
        assert texts(outcome) == {"a.py": "one = 11\ntwo = 2\n"}
        roles = [each["role"] for each in fake.completions[-1].body["messages"]]
        assert roles == ["system", "user", "assistant", "tool", "tool", "assistant", "tool"]


async def test_the_debug_log_tells_of_it_and_of_nothing_that_was_said(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "devstral_lsp"):
        await done(folder, Model(calls(EDIT), Unauthorized("A wrong key.")))
    (line,) = caplog.messages
    assert line.startswith("task: 15 code points of instruction: edits: 1, files: 1, ")
    assert " ms (asked scripted; about " in line
    assert line.endswith("; ended early, since A wrong key)")
    assert not any(each in line for each in ("eleven", "a.py", "one ="))
