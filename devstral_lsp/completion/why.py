"""Explains each trace, why something was suggested or nothing was, as a Markdown document.

First the sentence, then the stages. The prompt of the last request is shown apart, with secrets
replaced, since it holds source text.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from devstral_lsp.characters import printable
from devstral_lsp.completion.filters import FILTERS
from devstral_lsp.observability.trace import Event, Trace
from devstral_lsp.providers.base import ChatRequest, FimRequest
from devstral_lsp.secrets.placeholders import Placeholders

MAX_DETAILED = 20
"""Traces that are shown with their stages; of the others, the sentence is."""

_MARKUP = re.compile(r"[\\`*\[\]<>!|]")
"""What a file's name may hold that Markdown would take for its own."""

_NOTHING = "# Nothing was asked yet\n\nType in a document, and ask again.\n"
_NO_PROMPT = "# No prompt was sent yet\n\nNothing has been asked of a model in this session.\n"
_EMPTY_CAUSE = "no stage had anything to show"


def explain(traces: Sequence[Trace]) -> str:
    """The document about `traces`, of which the last is the newest and stands first."""
    if not traces:
        return _NOTHING
    newest, *older = reversed(traces)
    lines = ["# Why", "", f"**{sentence(newest)}**", "", *_stages(newest)]
    if older:
        lines += ["", "## Before that", ""]
    for number, each in enumerate(older, 2):
        at = time.strftime("%H:%M:%S", time.localtime(each.started_s))
        lines += [f"{at} {sentence(each)}", ""]
        if number <= MAX_DETAILED:
            lines += [*_stages(each), ""]
    return "\n".join(lines) + "\n"


def sentence(trace: Trace) -> str:
    """What came of it, and why nothing did if so."""
    where, outcome = _place(trace), trace.outcome
    result, took = outcome.facts["result"], f"after {outcome.at_ms:.0f} ms"
    if (trace.subject.facts or {}).get("work") != "completion":
        return f"{trace.subject.words.partition(',')[0].capitalize()}{where}: {outcome.words}."
    if result == "shown":
        shown = outcome.words.removeprefix("shown ")
        became = [each.words for each in trace.events if each.stage == "acceptance"]
        return f"Suggested {shown}{where}, {took}{'; ' if became else ''}{'; '.join(became)}."
    if result == "cancelled":
        return f"No suggestion{where}, because the editor took its request back {took}."
    if result == "failed":
        return f"No suggestion{where}, because of a fault in devstral-lsp: {outcome.words}."
    cause = _cause(trace.reason) if trace.reason is not None else _EMPTY_CAUSE
    return f"No suggestion{where}, because {cause}."


def show_prompt(traces: Iterable[Trace]) -> str:
    """The document with what was last asked of a model, secrets replaced by placeholders."""
    for trace in reversed(list(traces)):
        if isinstance(trace.request, FimRequest | ChatRequest):
            return "\n".join([f"# What was asked{_place(trace)}", "", *_prompt(trace.request)])
    return _NO_PROMPT


def _cause(reason: Event) -> str:
    """What goes on from "because": an event with a verdict is worded for that."""
    facts = reason.facts
    if named := str(facts.get("reason", "")):
        return named[0].lower() + named[1:].rstrip(".")
    if name := facts.get("filter"):
        does = next((each.__doc__ or "" for each in FILTERS if each.__name__ == name), "")
        summary = does.strip().partition("\n")[0].rstrip(".:")
        return f"the filter {name} dropped what was said" + (f" (“{summary}”)" if summary else "")
    if by := facts.get("by"):
        return f"{by} came {reason.words.removeprefix('superseded ')}"
    return reason.words


def _place(trace: Trace) -> str:
    """` at app.py:12`; "" where there is no document."""
    name = PurePosixPath(unquote(urlsplit(trace.subject.uri).path)).name
    plain = _MARKUP.sub(r"\\\g<0>", printable(name))
    return f" at {plain}:{trace.subject.line}" if name else ""


def _stages(trace: Trace) -> Iterator[str]:
    yield "| after | stage | what it did |"
    yield "|---:|---|---|"
    for each in trace.events:
        words = each.words.replace("|", "\\|")
        yield f"| {each.at_ms:.0f} ms | {each.stage} | {words} |"


def _prompt(request: FimRequest | ChatRequest) -> Iterator[str]:
    page = Placeholders(secrets.token_bytes(16)).page()
    if isinstance(request, ChatRequest):
        for message in page.redact_value(list(request.messages)):
            yield f"## {message.get('role', '')}"
            yield from ("", *_fenced(str(message.get("content", ""))), "")
        return
    prompt, suffix = page.redact_around(request.prompt, request.suffix)
    yield f"At most {request.max_tokens} tokens; stop at {', '.join(map(repr, request.stop))}."
    yield from ("", "## Before the cursor, after the context", "", *_fenced(prompt))
    yield from ("", "## After the cursor", "", *_fenced(suffix), "")


def _fenced(text: str) -> tuple[str, str, str]:
    """A code block that `text` cannot end."""
    runs = [len(line) - len(line.lstrip("`")) for line in text.split("\n")]
    fence = "`" * max(3, 1 + max(runs))
    return fence, text, fence
