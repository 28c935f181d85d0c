"""The actions that users write into their settings. No entry of `ACTIONS`: there may be many.

A prompt may hold `{language}`, `{path}` and `{names}`; the settings have checked that it holds no
others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from devstral_lsp.config.refactor_settings import CustomAction
from devstral_lsp.languages import get_language, prompt_facts_of
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import (
    ActionOffer,
    ModelTask,
    NamePolicy,
    Project,
    RefactorSelection,
)
from devstral_lsp.text import Snapshot, Span

PREFIX = "own_"
_FILE = "file"


@dataclass(frozen=True, slots=True)
class CustomActionAdapter:
    """One action of the settings. `name` begins with `PREFIX`, so that it is none of ours."""

    name: str
    action: CustomAction

    @property
    def kind(self) -> str:
        return self.action.kind

    def offers(self, place: SelectionContext) -> Sequence[ActionOffer]:
        if not self._speaks(place.snapshot.language):
            return ()
        span = self._span(place)
        if span is None:
            return ()
        title = self.action.title
        return (ActionOffer(action=self.name, title=title, kind=self.kind, span=span),)

    def model_task(self, offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
        place = SelectionContext(RefactorSelection(snapshot, offer.span))
        names = [unit.name for unit in place.functions_within(place.lines) if unit.name]
        names = names or [unit.name for unit in place.units if unit.name][:1]
        instruction = self.action.prompt.format(
            language=prompt_facts_of(snapshot.language).title,
            path=project.path,
            names=", ".join(dict.fromkeys(names)),
        )
        return ModelTask(instruction=instruction, names=NamePolicy.CHANGED, adds_imports=True)

    def _speaks(self, language_id: str) -> bool:
        languages = self.action.languages
        if not languages or language_id in languages:
            return True
        known = {get_language(each).name for each in languages}
        return get_language(language_id).name in known - {"plain"}

    def _span(self, place: SelectionContext) -> Span | None:
        if self.action.scope == _FILE:
            return place.span_of_lines(0, place.text.line_count - 1)
        if place.target is not None:
            return place.target.span
        return None if place.is_blank else place.blank_line_block


def custom_actions(actions: Iterable[CustomAction]) -> Mapping[str, CustomActionAdapter]:
    """The actions by their names. Of those with the same name the first one counts."""
    made: dict[str, CustomActionAdapter] = {}
    for action in actions:
        name = name_of(action)
        made.setdefault(name, CustomActionAdapter(name, action))
    return made


def name_of(action: CustomAction) -> str:
    """The word for the command line: "own_translate_comments" for "Translate comments"."""
    words = re.sub(r"\W+", "_", action.title.lower()).strip("_")
    return PREFIX + (words or "action")
