"""`codeAction/resolve`: the edit of an action that the user has taken.

Editors also send actions of other servers, which are returned unchanged. Emacs times out after ten
seconds and Helix after twenty, and both block until the answer: work that takes longer, or whose
result is no edit, becomes a command, which goes on in the background.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from devstral_lsp.server import dispatch
from devstral_lsp.server.action_data import ActionData
from devstral_lsp.server.change_review import needs_question
from devstral_lsp.server.convert_edit import apply_command, snippet_edit, workspace_edit

if TYPE_CHECKING:
    from devstral_lsp.refactor.types import RefactorResult
    from devstral_lsp.server.server import Server

RESOLVE_TIMEOUT_S = 5.0


async def code_action_resolve(server: Server, action: Any) -> Any:
    """The action with its edit or a command; unchanged if it is another server's or has neither.

    A failure is shown to the user. Raises StaleDocument.
    """
    order = ActionData.from_json(action.get("data")) if isinstance(action, dict) else None
    if order is None:
        return action
    found = await dispatch.report_failure(
        server, types.CODE_ACTION_RESOLVE, _resolve(server, order)
    )
    return {**action, **(found or {})}


async def _resolve(server: Server, order: ActionData) -> dict[str, Any]:
    """The new members of the action. Raises what the work raises."""
    job = server.refactoring.start(order)
    refactoring, may_become_command = server.refactoring, server.client.edits.resolves_commands
    outcome = await refactoring.jobs.outcome(job, RESOLVE_TIMEOUT_S if may_become_command else None)
    if outcome is not None and not _wants_command(server, outcome):
        return _edit(server, outcome)
    if may_become_command:
        refactoring.jobs.keep_for_claim(job)
        return {"command": apply_command(order)}
    if outcome is not None:
        await refactoring.delivery.present(outcome, job)
    return {}


def _wants_command(server: Server, outcome: RefactorResult) -> bool:
    """Whether it is no edit, or one that the user may discard: of an action's own edit the server
    never learns whether it was made.
    """
    if not outcome.changes or needs_question(outcome.changes, server.client):
        return True
    asks = any(each.needs_confirmation or each.needs_own_yes for each in outcome.changes)
    return server.client.edits.annotations and asks


def _edit(server: Server, outcome: RefactorResult) -> dict[str, Any]:
    """The edit for the current documents. Raises StaleDocument and RefactorRefused."""
    changes = server.refactoring.delivery.rebase_changes(outcome.changes)
    edit = snippet_edit(changes, server.client) or workspace_edit(changes, server.client)
    expected = server.refactoring.applied.track(outcome.title, changes)
    if outcome.markdown:
        landing = server.refactoring.delivery.announce_when_applied(expected, outcome.markdown)
        server.create_background_task("note", landing)
    return {"edit": edit}
