"""The sentence that says why, and the document around it."""

from __future__ import annotations

import pytest

from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.filters import FILTERS
from devstral_lsp.completion.why import explain, sentence, show_prompt
from devstral_lsp.config.schema import CompletionSettings, Settings
from devstral_lsp.observability.trace import Event, Fact, Subject, Trace
from devstral_lsp.providers.base import ChatRequest, FimRequest
from tests.support.scripted import ManualClock, ScriptedProvider, request_at

SECRET = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"
NOTHING: dict[str, Fact] = {"result": "nothing"}


def trace(
    *events: tuple[str, dict[str, Fact]],
    outcome: str = "nothing shown",
    facts: dict[str, Fact] = NOTHING,
    work: str = "completion",
) -> Trace:
    """A trace at line 12 of app.py that is over."""
    one = Trace(None)
    one.subject = Subject("refactor: simplify, 9", "file:///w/my%20app.py", 12, {"work": work})
    for words, given in events:
        one.add(words, stage="stage", **given)
    one.add(outcome, stage="outcome", **facts)
    one.is_over = True
    return one


OFF: dict[str, Fact] = {"verdict": "off", "reason": "Completion is switched off for go."}

CASES: dict[str, tuple[Trace, str]] = {
    "off": (trace(("off", OFF)), "because completion is switched off for go."),
    "superseded": (
        trace(("superseded before it was asked", {"verdict": "superseded", "by": "an edit"})),
        "because an edit came before it was asked.",
    ),
    "error": (
        trace(("mistral failed: RateLimited, status 429", {"verdict": "error"})),
        "because mistral failed: RateLimited, status 429.",
    ),
    "refused": (
        trace(("the day's budget is spent", {"verdict": "refused"}), ("x", {"verdict": "empty"})),
        "because the day's budget is spent.",
    ),
    "silent": (trace(), "because no stage had anything to show."),
    "cancelled": (
        trace(facts={"result": "cancelled"}),
        "because the editor took its request back after 0 ms.",
    ),
    "fault": (
        trace(outcome="failed: KeyError", facts={"result": "failed"}),
        "because of a fault in devstral-lsp: failed: KeyError.",
    ),
}


@pytest.mark.parametrize(("one", "because"), CASES.values(), ids=CASES)
def test_why_there_is_nothing(one: Trace, because: str) -> None:
    assert sentence(one) == f"No suggestion at my app.py:12, {because}"


class Kept:
    """Keeps the traces of an engine."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []

    def ended(self, trace: Trace) -> None:
        self.traces.append(trace)

    def continued(self, trace: Trace, event: Event) -> None: ...

    def accepted(self, trace: Trace, uri: str, text: str) -> None: ...


AT_ONCE = Settings(completion=CompletionSettings(debounce_ms=0))


@pytest.mark.parametrize(
    ("near", "marked", "because"),
    [
        (None, "a = │", "because no model is connected, and local.enabled is false."),
        ("", "a = │", "because no model is connected, so your own code alone was asked."),
        ("```\n", "a = │", "because the filter "),
        (None, "\0│", "because the document is no text."),
    ],
)
async def test_without_a_model_it_says_so(near: str | None, marked: str, because: str) -> None:
    kept = Kept()
    local = None if near is None else ScriptedProvider(near, name="local")
    engine = CompletionEngine(AT_ONCE, fim=None, local=local, observer=kept)
    assert await engine.complete(request_at(marked)) == []
    assert because in sentence(kept.traces[-1])


async def test_what_was_read_and_typed_past_says_so() -> None:
    kept, clock = Kept(), ManualClock()
    engine = CompletionEngine(
        AT_ONCE,
        fim=ScriptedProvider("sum(items)\n", "max(items)\n", name="mistral"),
        local=None,
        clock=clock.as_clock(),
        observer=kept,
    )
    assert await engine.complete(request_at("total = │\n"))
    await clock.pass_s(1)
    shown = []
    for version, marked in enumerate(("total = s│\n", "total = sx│\n", "total = s│\n"), 2):
        shown = await engine.complete(request_at(marked, version=version))
    assert shown == []
    assert "because you have read what is suggested here, and typed past it." in sentence(
        kept.traces[-1]
    )


@pytest.mark.parametrize("each", FILTERS, ids=lambda each: each.__name__)
def test_a_filter_says_what_it_does(each: object) -> None:
    name = getattr(each, "__name__", "")
    said = sentence(trace((f"dropped by {name}", {"verdict": "filtered", "filter": name})))
    assert f"because the filter {name} dropped what was said (“" in said
    assert "\n" not in said


def test_what_was_shown_and_what_became_of_it() -> None:
    one = trace(outcome="shown 9 code points of mistral (asked)", facts={"result": "shown"})
    assert sentence(one) == (
        "Suggested 9 code points of mistral (asked) at my app.py:12, after 0 ms."
    )
    one.add("accepted, 9 code points", stage="acceptance")
    assert sentence(one).endswith("after 0 ms; accepted, 9 code points.")


def test_a_refactor_says_what_came_of_it() -> None:
    one = trace(outcome="edits: 1", facts={"result": "shown"}, work="refactor")
    assert sentence(one) == "Refactor: simplify at my app.py:12: edits: 1."


def test_the_name_of_a_file_is_no_markup() -> None:
    one = trace()
    one.subject = Subject("", "file:///w/![x](y)%60%1b.py", 1, {"work": "completion"})
    said = sentence(one)
    assert "\\!\\[x\\](y)\\`" in said
    assert "\x1b" not in said


def test_the_newest_comes_first_and_only_some_have_their_stages() -> None:
    older = [trace((f"number {number}", {})) for number in range(40)]
    document = explain([*older, trace(("a | b", OFF))])
    assert document.startswith("# Why\n\n**No suggestion at my app.py:12, because completion")
    assert "| a \\| b |" in document
    assert document.index("number 39") < document.index("number 38")
    assert "number 21" in document
    assert "number 20" not in document
    assert document.count("No suggestion at") == 41
    assert explain([]).startswith("# Nothing was asked yet")


def test_the_prompt_is_fenced_and_has_no_secrets() -> None:
    one, other = trace(), trace()
    code = f'KEY = "{SECRET}"\n```\nx = '
    one.request = FimRequest(prompt=code, suffix="\n", max_tokens=64, stop=("\n\n",))
    document = show_prompt([one, other])
    assert document.startswith("# What was asked at my app.py:12\n")
    assert "At most 64 tokens; stop at '\\n\\n'." in document
    assert f"````\n{code.replace(SECRET, '')[:7]}" in document
    assert SECRET not in document


def test_the_messages_of_a_chat_have_their_roles() -> None:
    one = trace()
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": SECRET}]
    one.request = ChatRequest(messages=messages, max_tokens=9)
    document = show_prompt([one])
    assert "## system\n\n```\nBe brief.\n```" in document
    assert "## user" in document
    assert SECRET not in document
