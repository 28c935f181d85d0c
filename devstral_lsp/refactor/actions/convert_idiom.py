"""Turn one idiom of a language into another: loops and comprehensions, callbacks and promises.

Each language lists its idioms, which are recognised by regular expressions. That is enough for an
offer; the model decides whether the conversion is possible.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.languages import get_language
from devstral_lsp.refactor.action import KEEP, REWRITE, Action, Project
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, RefactorRefused
from devstral_lsp.text import Snapshot

MAX_IDIOMS = 2
"""At one place."""
_MAX_SIZE = 20_000
"""Code points that are searched."""


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """One offer for each idiom that is found; `argument` is its name."""
    target = place.target
    if target is None or not place.traits.is_code or len(target.code) > _MAX_SIZE:
        return []
    where = "" if place.is_line_selection else f" in {target.label}"
    return [
        ActionOffer(title=f"{idiom.title}{where}", span=target.span, argument=idiom.name)
        for idiom in place.language.idioms
        if idiom.pattern.search(target.code)
    ][:MAX_IDIOMS]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    idioms = get_language(snapshot.language).idioms
    how = next((each.how for each in idioms if each.name == offer.argument), None)
    if how is None:
        raise RefactorRefused("This conversion is not known.")
    return ModelTask(instruction=f"{how} {KEEP}", adds_imports=True)


ACTION = Action("convert_idiom", REWRITE, _find, _model_task)
