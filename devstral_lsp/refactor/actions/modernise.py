"""Modernise code for the language version that the project targets.

Offered in languages with `Language.modernisation`, which says where a project states that version,
what to assume otherwise, and what is outdated.
"""

from __future__ import annotations

from collections.abc import Sequence

from devstral_lsp.languages import get_language
from devstral_lsp.refactor.action import KEEP, REWRITE, Action, Project
from devstral_lsp.refactor.selection_context import SelectionContext
from devstral_lsp.refactor.types import ActionOffer, ModelTask, NamePolicy, RefactorRefused
from devstral_lsp.text import Snapshot


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    target = place.target
    if target is None or place.language.modernisation is None or not place.is_function(target):
        return []
    return [ActionOffer(title=f"Modernise {target.label}", span=target.span)]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    known = get_language(snapshot.language).modernisation
    if known is None:
        raise RefactorRefused("What is out of date in this language is not known.")
    return ModelTask(
        instruction=(
            "Bring this code to what is idiomatic in the version of the language that the "
            f"project targets: {known.version}, if you are told; otherwise use nothing newer "
            f"than {known.floor}. Replace what is out of date, such as {known.replace}. {KEEP} "
            "Change only what has a better form in that version, and leave the rest as it is."
        ),
        names=NamePolicy.ADDED,
        adds_imports=True,
        may_remove=True,
    )


ACTION = Action("modernise", REWRITE, _find, _model_task)
