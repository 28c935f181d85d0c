"""The actions that users write into their settings. No entry of `ACTIONS`: there may be many.

A prompt may hold `{language}`, `{path}` and `{names}`; the settings have checked that it holds no
others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from devstral_lsp.config.refactoring import OwnAction
from devstral_lsp.languages import language_of
from devstral_lsp.refactor.base import Errand, Names, Offer, Project, Selection
from devstral_lsp.refactor.selection import Place
from devstral_lsp.refactor.traits import traits_of
from devstral_lsp.text import Snapshot, Span

PREFIX = "own_"
_FILE = "file"


@dataclass(frozen=True, slots=True)
class Own:
    """One action of the settings. `name` begins with `PREFIX`, so that it is none of ours."""

    name: str
    action: OwnAction

    @property
    def kind(self) -> str:
        return self.action.kind

    def offers(self, place: Place) -> Sequence[Offer]:
        if not self._speaks(place.snapshot.language):
            return ()
        span = self._span(place)
        if span is None:
            return ()
        title = self.action.title
        return (Offer(action=self.name, title=title, kind=self.kind, span=span),)

    def errand(self, offer: Offer, snapshot: Snapshot, project: Project) -> Errand:
        place = Place(Selection(snapshot, offer.span))
        names = [unit.name for unit in place.functions_within(place.lines) if unit.name]
        names = names or [unit.name for unit in place.units if unit.name][:1]
        instruction = self.action.prompt.format(
            language=traits_of(snapshot.language).title,
            path=project.path,
            names=", ".join(dict.fromkeys(names)),
        )
        return Errand(instruction=instruction, names=Names.CHANGED, adds_imports=True)

    def _speaks(self, language_id: str) -> bool:
        languages = self.action.languages
        if not languages or language_id in languages:
            return True
        known = {language_of(each).name for each in languages}
        return language_of(language_id).name in known - {"plain"}

    def _span(self, place: Place) -> Span | None:
        if self.action.scope == _FILE:
            return place.span_of_lines(0, place.text.line_count - 1)
        if place.target is not None:
            return place.target.span
        return None if place.is_blank else place.paragraph


def own_actions(actions: Iterable[OwnAction]) -> Mapping[str, Own]:
    """The actions by their names. Of those with the same name the first one counts."""
    made: dict[str, Own] = {}
    for action in actions:
        name = name_of(action)
        made.setdefault(name, Own(name, action))
    return made


def name_of(action: OwnAction) -> str:
    """The word for the command line: "own_translate_comments" for "Translate comments"."""
    words = re.sub(r"\W+", "_", action.title.lower()).strip("_")
    return PREFIX + (words or "action")
