"""Write missing code: the one that a TODO at the cursor describes, or the body of a stub."""

from __future__ import annotations

import re
from collections.abc import Sequence

from devstral_lsp.languages import prompt_facts_of
from devstral_lsp.refactor.action import Action, Project
from devstral_lsp.refactor.selection_context import (
    SelectionContext,
    is_comment,
    truncate_title,
    words_of_comment,
)
from devstral_lsp.refactor.types import ActionOffer, ModelTask, NamePolicy
from devstral_lsp.syntax.definitions_at import EnclosingDefinition
from devstral_lsp.text import Snapshot, Span

_TODO_WORD = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
_TODO = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?:\([^)]*\))?[:\s-]*(?P<words>.*)")
_BEGINS_COMMENT = re.compile(r"(?:#|//|/\*|--|<!--|^\s*\*|;|%)")
_UNWRITTEN = re.compile(
    r"""^(?:raise\s+NotImplementedError\b.*
    | (?:return\s+)?(?:todo|unimplemented)!\(.*
    | throw\s+(?:new\s+)?[\w.]*(?:NotImplemented|UnsupportedOperation)\w*\(.*
    | throw\s+(?:new\s+)?Error\(\s*["'`](?:not\ (?:yet\ )?implemented|todo|unimplemented)\b.*
    | (?:panic|fatalError|error|abort|die)\(\s*["']
        (?:not\ (?:yet\ )?implemented|todo|unimplemented)\b.*
    | panic!\(\s*"(?:not\ (?:yet\ )?implemented|todo)\b.*
    | TODO\(.*\)
    | \?\?\?
    | throw\s+UnimplementedError\(.*
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
"""Statements that mark code as not written yet."""
_EMPTY = re.compile(r"(?:pass|\.\.\.|…|;|end|return;?|return\s+(?:nil|null|None|undefined);?)?")
_DOCSTRING = re.compile(r"\A\s*[rRuU]?(\"\"\"|''')[\s\S]*?\1")
_MEANT_SO = re.compile(
    r"\b(?:abstract|abstractmethod|overload|Protocol|noop|virtual|declare|extern)\b"
)
"""Words in the header of a function or its class that say that the body is empty on purpose."""
_CONSTRUCTOR = re.compile(r"\bconstructor\b|__init__|\binitialize\b|__construct")
_MAX_STUB_LENGTH = 4_000
"""Code points, documentation included."""


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """`argument` is the text of the TODO; "" for a stub."""
    if place.is_blank or not place.traits.is_code:
        return []
    words = _todo(place)
    if words is not None:
        title = f"Complete TODO: {truncate_title(words, 50)}" if words else "Complete TODO"
        return [_offer(place, title, words)]
    function = place.function
    if function is not None and _is_stub(place, function):
        return [_offer(place, f"Complete `{function.name}`", "")]
    if _UNWRITTEN.match(place.code.strip()):
        return [_offer(place, "Complete the missing code", "")]
    return []


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    language = prompt_facts_of(snapshot.language).title
    what = f"what the TODO says: {offer.argument}" if offer.argument else "what is missing"
    return ModelTask(
        instruction=(
            f"Write the {language} code for {what}. Go by the names, the signature, the "
            "documentation and the code around it, and use what the file and its imports offer "
            "already. Remove the TODO or the placeholder that the code replaces, and leave the "
            "rest as it is. Write all of it: no new placeholders, and no invented interfaces."
        ),
        names=NamePolicy.ADDED,
        adds_imports=True,
        may_remove=True,
    )


def _offer(place: SelectionContext, title: str, words: str) -> ActionOffer:
    function = place.function
    span = place.blank_line_block
    if function is not None:
        lines = place.whole_lines(function.span)
        span = Span(min(lines.start, place.lines.start), max(lines.end, place.lines.end))
    return ActionOffer(title=title, span=span, argument=words.strip())


def _todo(place: SelectionContext) -> str | None:
    """The text of the first TODO in the selected lines; None without one."""
    for line in place.code.splitlines()[:200]:
        found = _TODO.search(line)
        if found is None:
            continue
        last = [match.start() for match in _TODO_WORD.finditer(line)][-1]
        if _BEGINS_COMMENT.search(line, 0, last):
            return words_of_comment(found["words"], place.language)
    return None


def _is_stub(place: SelectionContext, function: EnclosingDefinition) -> bool:
    if function.body is None or place.snapshot.uri.endswith(".pyi"):
        return False
    body = place.slice(function.body)
    around = place.class_.header if place.class_ is not None else ""
    if len(body) > _MAX_STUB_LENGTH or _MEANT_SO.search(f"{function.header} {around}"):
        return False
    inner = _DOCSTRING.sub("", body.strip()).strip().removeprefix("{").removesuffix("}")
    lines = [each.strip() for each in inner.splitlines()]
    code = " ".join(each for each in lines if each and not is_comment(each, place.language))
    if _UNWRITTEN.match(code):
        return True
    if _CONSTRUCTOR.search(function.header) or "return" in code:
        return False
    return bool(_EMPTY.fullmatch(code))


ACTION = Action("complete_todo", "quickfix", _find, _model_task, source_kind="source.complete")
