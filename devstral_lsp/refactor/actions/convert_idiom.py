"""Turn one idiom of a language into another: loops and comprehensions, callbacks and promises.

Each language lists its idioms. A conversion is recognised by an expression over the text, which is
enough to offer it: the model decides whether it can be done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devstral_lsp.languages import get_language
from devstral_lsp.refactor.rewrite_action import KEEP, REWRITE
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, Project, RefactorRefused
from devstral_lsp.text import Snapshot

MOST_IDIOMS = 2
"""At one place."""
_LARGEST = 20_000
"""Code points that are searched."""


@dataclass(frozen=True, slots=True)
class ConvertIdiom:
    """One offer for each idiom that is found; `argument` is its name."""

    name: str = "convert_idiom"
    kind: str = REWRITE

    def offers(self, place: SelectionContext) -> Sequence[ActionOffer]:
        target = place.target
        if target is None or not place.traits.is_code or len(target.code) > _LARGEST:
            return ()
        found = [each for each in place.language.idioms if each.pattern.search(target.code)]
        return [
            ActionOffer(
                action=self.name,
                title=idiom.title
                if place.is_line_selection
                else f"{idiom.title} in {target.label}",
                kind=self.kind,
                span=target.span,
                argument=idiom.name,
            )
            for idiom in found[:MOST_IDIOMS]
        ]

    def model_task(self, offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
        idioms = get_language(snapshot.language).idioms
        idiom = next((each for each in idioms if each.name == offer.argument), None)
        if idiom is None:
            raise RefactorRefused("This conversion is not known.")
        return ModelTask(instruction=f"{idiom.how} {KEEP}", adds_imports=True)


ACTION = ConvertIdiom()
