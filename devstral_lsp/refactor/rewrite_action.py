"""The form of an action that rewrites what it finds and asks for it in a few sentences.

Most actions are one of these and differ in their data. Knows no action by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devstral_lsp.languages import prompt_facts_of
from devstral_lsp.languages.language import LanguagePromptFacts
from devstral_lsp.refactor.selection_context import RewriteTarget, SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, NamePolicy, Project
from devstral_lsp.text import Snapshot

REWRITE = "refactor.rewrite"

KEEP = (
    "Keep what the code does for every input, its public names and signatures, and all comments "
    "that still hold."
)
"""What most rewrites must leave as it is."""


def is_code(place: SelectionContext, _: RewriteTarget) -> bool:
    """Anything in a programming language."""
    return place.traits.is_code


def is_function(place: SelectionContext, target: RewriteTarget) -> bool:
    """A function, or lines of code that were picked."""
    return place.traits.is_code and (place.is_line_selection or place.function is target.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteAction:
    """An action on the target of a place. `title` has `{}` where its name goes."""

    name: str
    title: str
    instruction: Callable[[LanguagePromptFacts], str]
    fits: Callable[[SelectionContext, RewriteTarget], bool] = is_code
    kind: str = REWRITE
    names: NamePolicy = NamePolicy.KEPT
    adds_imports: bool = False

    def offers(self, place: SelectionContext) -> Sequence[ActionOffer]:
        target = place.target
        if target is None or not self.fits(place, target):
            return ()
        title = self.title.format(target.label)
        return (ActionOffer(action=self.name, title=title, kind=self.kind, span=target.span),)

    def model_task(self, offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
        return ModelTask(
            instruction=self.instruction(prompt_facts_of(snapshot.language)),
            names=self.names,
            adds_imports=self.adds_imports,
        )
