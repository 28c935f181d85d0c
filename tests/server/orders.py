"""A document, an offer in it and what may come of it, for tests of what an editor is told."""

from __future__ import annotations

from typing import Any

from devstral_lsp.refactor.types import ActionOffer, FileChange, RefactorResult
from devstral_lsp.server.action_data import ActionData
from devstral_lsp.text import Edit, Span
from tests.support.inside import Inside, Run

TEXT = "first = 1\nsecond = 2\nthird = 3\nfourth = 4\nfifth = 5\n"
SECOND = Span(10, 20)
"""The line `second = 2`, without its end."""

OFFER = ActionOffer(action="simplify", title="Simplify", kind="refactor.rewrite", span=SECOND)
APPLIED = {"result": {"applied": True}}


def replaced(run: Run, new: str = "second = 22") -> RefactorResult:
    """The second line reads otherwise, in the text as it is by then, which keeps its place."""
    now = run.now()
    assert now is not None
    start = str(now.text).index("second")
    edit = Edit(Span(start, start + 10), new)
    change = FileChange(uri=now.uri, edits=(edit,), before=now.text, version=now.version)
    return RefactorResult(changes=(change,), title="Simplify")


def ordered(uri: str, offer: ActionOffer = OFFER, version: int = 1) -> dict[str, Any]:
    """The action's data."""
    return ActionData(offer, uri, version).to_json


def action(uri: str, offer: ActionOffer = OFFER, version: int = 1) -> dict[str, Any]:
    """A code action as we have sent it."""
    return {"title": offer.title, "kind": offer.kind, "data": ordered(uri, offer, version)}


def code_actions(inside: Inside, uri: str, at: Any, **context: Any) -> Any:
    """Ask for the code actions."""
    params = {"textDocument": {"uri": uri}, "range": at, "context": {"diagnostics": [], **context}}
    return inside.result("textDocument/codeAction", params)


def command(name: str, *arguments: Any, **more: Any) -> dict[str, Any]:
    """The params of a command."""
    return {"command": name, "arguments": list(arguments), **more}
