"""The actions that users define in their settings.

A prompt may contain `{language}`, `{path}` and `{names}`; the settings have been checked for other
variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from devstral_lsp.config.refactor_settings import CustomAction
from devstral_lsp.languages import get_language, prompt_facts_of
from devstral_lsp.refactor.action import Action, Project
from devstral_lsp.refactor.removal import asks_to_remove
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, NamePolicy, RefactorSelection
from devstral_lsp.text import Snapshot, Span

PREFIX = "own_"
"""Prefix of the names of these actions, so that none equals a built-in one."""


def custom_actions(actions: Iterable[CustomAction]) -> Mapping[str, Action]:
    """The actions by name. Of those with the same name, the first one counts."""
    made: dict[str, Action] = {}
    for action in actions:
        name = name_of(action)
        made.setdefault(name, _action(name, action))
    return made


def name_of(action: CustomAction) -> str:
    """The name on the command line: "own_translate_comments" for "Translate comments"."""
    words = re.sub(r"\W+", "_", action.title.lower()).strip("_")
    return PREFIX + (words or "action")


def _action(name: str, action: CustomAction) -> Action:
    def find(place: SelectionContext) -> Sequence[ActionOffer]:
        span = _span(action, place) if _is_for(action, place.snapshot.language) else None
        return [] if span is None else [ActionOffer(title=action.title, span=span)]

    def model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
        place = SelectionContext(RefactorSelection(snapshot, offer.span))
        names = [unit.name for unit in place.functions_within(place.lines) if unit.name]
        names = names or [unit.name for unit in place.units if unit.name][:1]
        instruction = action.prompt.format(
            language=prompt_facts_of(snapshot.language).title,
            path=project.path,
            names=", ".join(dict.fromkeys(names)),
        )
        return ModelTask(
            instruction=instruction,
            names=NamePolicy.CHANGED,
            adds_imports=True,
            may_remove=asks_to_remove(action.prompt),
        )

    return Action(name, action.kind, find, model_task)


def _is_for(action: CustomAction, language_id: str) -> bool:
    """Whether the action applies to that language."""
    if not action.languages or language_id in action.languages:
        return True
    known = {get_language(each).name for each in action.languages}
    return get_language(language_id).name in known - {"plain"}


def _span(action: CustomAction, place: SelectionContext) -> Span | None:
    """The span that the action may touch; None if there is none."""
    if action.scope == "file":
        return place.span_of_lines(0, place.text.line_count - 1)
    if place.target is not None:
        return place.target.span
    return None if place.is_blank else place.blank_line_block
