"""Write or update documentation comments, in the convention of the language."""

from __future__ import annotations

import re
from collections.abc import Sequence

from devstral_lsp.languages import get_language
from devstral_lsp.refactor.action import Action, Project
from devstral_lsp.refactor.selection_context import RewriteTarget, SelectionContext, is_comment
from devstral_lsp.refactor.types import ActionOffer, ModelTask
from devstral_lsp.text import Snapshot, Span

_DOCSTRING = re.compile(r"\s*[rRuU]?(?:\"\"\"|''')")


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """For the function or class at the cursor, or those in the selected lines."""
    target = place.target
    if target is None or not place.language.doc_style:
        return []
    if target.unit is None and not place.functions_within(target.span):
        return []
    span = place.with_comments(target.span)
    verb = "Update documentation of" if _is_documented(place, target, span) else "Document"
    title = f"{verb} {target.label}"
    return [ActionOffer(title=title, span=span)]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    convention = get_language(snapshot.language).doc_style or "the usual comments"
    return ModelTask(
        instruction=(
            f"Document the definitions in this code by {convention}. Say what each is for, "
            "what a caller must know of its parameters, result, errors and side effects, and "
            "units where there are any. Bring documentation that is there up to date and keep "
            "what is still right in it. Do not describe the steps of the body, do not document "
            "what is obvious, and do not change any code."
        )
    )


def _is_documented(place: SelectionContext, target: RewriteTarget, span: Span) -> bool:
    if target.unit is None:
        return False
    if place.language.has_docstrings:
        body = target.unit.body
        return body is not None and bool(_DOCSTRING.match(place.slice(body)))
    above = place.text.slice(span.start, target.span.start)
    return any(is_comment(line, place.language) for line in above.splitlines())


ACTION = Action("document", "refactor.document", _find, _model_task, source_kind="source.document")
