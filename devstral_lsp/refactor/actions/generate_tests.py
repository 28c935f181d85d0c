"""Write tests for the function or class at the cursor, where the project keeps its tests.

`Language.tests` says where that is: in a separate file, which `tests_location.py` finds, or at the
end of the same file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from devstral_lsp.languages import get_language
from devstral_lsp.languages.language import InlineTests
from devstral_lsp.refactor.action import Action, Project
from devstral_lsp.refactor.find_definition import find_definition
from devstral_lsp.refactor.selection_context import SelectionContext, truncate_title
from devstral_lsp.refactor.tests_location import is_test_file, test_file_path
from devstral_lsp.refactor.types import (
    ActionOffer,
    ModelTask,
    NamePolicy,
    RefactorRefused,
    ReplyKind,
)
from devstral_lsp.text import Snapshot, Span

_IS_TEST = re.compile(r"test(?:_|[A-Z]|$)|Test[A-Z]|setUp|tearDown")
_WANTED = (
    "Test what a caller relies on: the usual cases, the edges (empty, zero, negative, very long, "
    "missing) and every error that the code raises on purpose; each test one behaviour, with a "
    "name that says which. Replace the network, the clock and the disk where the code takes them "
    "as parameters; do not test private details, and do not repeat the code's own computation in "
    "what is expected. Every test has to pass on the code as it is; where you believe that the "
    "code is wrong, say so in a comment instead of expecting the wrong result."
)


def _find(place: SelectionContext) -> Sequence[ActionOffer]:
    """`argument` is the name of the tested code. The span is that code, or the inline tests."""
    target, tests = place.target, place.language.tests
    if target is None or target.unit is None or not target.unit.name:
        return []
    if tests is None or is_test_file(place.snapshot.uri) or _IS_TEST.match(target.unit.name):
        return []
    span: Span | None = target.span
    if isinstance(tests, InlineTests):
        span = _inline_span(place, tests, target.span)
    if span is None:
        return []
    title = f"Generate tests for {target.label}"
    return [ActionOffer(title=title, span=span, argument=target.unit.name)]


def _model_task(offer: ActionOffer, snapshot: Snapshot, project: Project) -> ModelTask:
    tests = get_language(snapshot.language).tests
    if isinstance(tests, InlineTests):
        return ModelTask(instruction=_inline(offer, tests, snapshot), names=NamePolicy.ADDED)
    if tests is None:
        raise RefactorRefused("Where this language keeps its tests is not known.")
    target = test_file_path(tests, project)
    return ModelTask(
        instruction=(
            f"Write tests for this code into `{target}`, with {tests.framework}. "
            "If the file exists, add to it in its own style and leave what it holds as it is; "
            f"otherwise create it whole, with its imports. {_WANTED} Do not change the code "
            "that is tested."
        ),
        answer=ReplyKind.FILES,
        names=NamePolicy.KEPT,
        target_file=target,
    )


def _inline(offer: ActionOffer, tests: InlineTests, snapshot: Snapshot) -> str:
    unit = find_definition(offer.argument, snapshot)
    if unit is None:
        raise RefactorRefused(f"`{truncate_title(offer.argument)}` is no longer in this file.")
    code = snapshot.text.slice(unit.span.start, unit.span.end)
    return (
        "Write unit tests for the following code:\n\n"
        f"{code}\n\n"
        f"{tests.instruction} {_WANTED} Do not change any other code."
    )


def _inline_span(place: SelectionContext, tests: InlineTests, tested: Span) -> Span | None:
    """From the module of tests, or the last line, to the end; None if `tested` are tests."""
    end = len(place.text)
    found = tests.start.search(place.whole_text)
    if found is None:
        return place.whole_lines(Span(end, end))
    return place.whole_lines(Span(found.start(), end)) if found.start() > tested.start else None


ACTION = Action("generate_tests", "refactor.test", _find, _model_task, source_kind="source.test")
