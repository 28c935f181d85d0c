"""Replace a variable by its value, or a call by the function's body.

Offered for a variable where it is declared and assigned once, and for a call of a function that is
defined in the same file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from devstral_lsp.refactor.action import KEEP, Action, Project
from devstral_lsp.refactor.find_definition import find_definition, is_defined
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, RefactorRefused
from devstral_lsp.text import Snapshot, Span

_MAX_LINES = 60
"""Of a function that replaces a call."""
_NAME = re.compile(r"[\w$]{1,80}")
_VARIABLE, _CALL = "variable ", "call "


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """`argument` is the kind and the name of what is inlined."""
    if place.window is None or place.is_line_selection:
        return []
    if place.is_blank or not place.traits.is_code:
        return []
    variable = place.window.declared_name(place.trimmed).lstrip("$")
    if variable and place.function is not None and _is_set_once(place, variable):
        span = place.whole_lines(place.function.span)
        return [_offer(f"Inline variable `{variable}`", _VARIABLE + variable, span)]
    called = place.window.called_name(place.trimmed)
    if called and is_defined(called, place.whole_text):
        span = place.editable_span(place.trimmed)
        return [_offer(f"Inline call of `{called}`", _CALL + called, span)]
    return []


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    what, _, name = offer.argument.partition(" ")
    if not _NAME.fullmatch(name):
        raise RefactorRefused("What to inline could not be read. Ask for it again.")
    if what == _CALL.strip():
        return ModelTask(instruction=_of_call(name, snapshot), adds_imports=True)
    return ModelTask(
        instruction=(
            f"Inline the variable `{name}`: put its value in the place of each use, with "
            "parentheses where precedence asks for them, and remove its declaration. If the "
            "value must not be computed more than once, or later than now, because that would "
            f"change what the code does, leave it as it is. {KEEP}"
        ),
        may_remove=True,
    )


def _offer(title: str, argument: str, span: Span) -> ActionOffer:
    return ActionOffer(title=title, span=span, argument=argument)


def _is_set_once(place: SelectionContext, name: str) -> bool:
    assert place.function is not None, "asked only within a function"
    code = place.slice(place.function.span)
    word = rf"(?<![\w.]){re.escape(name)}"
    sets = re.findall(
        rf"{word}(?:\s*:(?![:=])[^=\n]{{0,80}})?\s*(?:[-+*/%|&^<>?]{{0,3}}=(?![=>])|:=|\+\+|--)",
        code,
    )
    return len(sets) == 1 and len(re.findall(rf"{word}\b", code)) > 1


def _of_call(name: str, snapshot: Snapshot) -> str:
    function = find_definition(name, snapshot)
    if function is None:
        raise RefactorRefused(f"The definition of `{name}` is no longer in this file.")
    code = snapshot.text.slice(function.span.start, function.span.end)
    if code.count("\n") > _MAX_LINES:
        raise RefactorRefused(f"`{name}` is too long to put in the place of a call.")
    return (
        f"Inline the calls of `{name}` in this code: put the body of the function in their place, "
        "with its parameters replaced by the arguments. Evaluate each argument once, rename what "
        "would clash, and keep early exits and errors as they are. Do not remove or change the "
        f"function itself, which is:\n\n{code}\n\n{KEEP}"
    )


ACTION = Action("inline", "refactor.inline", _find, _model_task)
