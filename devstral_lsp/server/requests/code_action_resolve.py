"""`codeAction/resolve`: the edit of an action that the user has taken.

The action comes back as anybody's JSON, and editors send those of other servers, too: these go
back as they came. An order is done while the editor waits, but not for long: Emacs gives up after
ten seconds and Helix after twenty, and both stand still meanwhile. What takes longer, or is no
edit, becomes a command, which goes on in the background.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from devstral_lsp.server import dispatch
from devstral_lsp.server.action_data import ActionData
from devstral_lsp.server.convert_edit import apply_command, snippet_edit, workspace_edit

if TYPE_CHECKING:
    from devstral_lsp.refactor.types import RefactorResult
    from devstral_lsp.server.server import Server

_PATIENCE_S = 5.0


async def code_action_resolve(server: Server, action: Any) -> Any:
    """The action with its edit or a command; unchanged if it is not ours or nothing came of it.

    The user is told of a failure. Raises StaleDocument.
    """
    order = ActionData.from_json(action.get("data")) if isinstance(action, dict) else None
    if order is None:
        return action
    found = await dispatch.report_failure(server, types.CODE_ACTION_RESOLVE, _found(server, order))
    return {**action, **(found or {})}


async def _found(server: Server, order: ActionData) -> dict[str, Any]:
    """What is new in the action. Raises what the work raises."""
    job = server.refactoring.start(order)
    refactoring, may_become_command = server.refactoring, server.client.edits.resolves_commands
    outcome = await refactoring.jobs.outcome(job, _PATIENCE_S if may_become_command else None)
    if outcome is not None and not _wants_command(server, outcome):
        return _edit(server, outcome)
    if may_become_command:
        refactoring.jobs.keep_for_claim(job)
        return {"command": apply_command(order)}
    if outcome is not None:
        await refactoring.delivery.present(outcome, job)
    return {}


def _wants_command(server: Server, outcome: RefactorResult) -> bool:
    """Whether it is no edit, or one to be confirmed that the editor would make unseen."""
    if not outcome.changes or server.refactoring.delivery.needs_confirmation_dialog(
        outcome.changes
    ):
        return True
    can = server.client.edits
    unseen = can.annotations and not can.annotated_actions
    return unseen and any(each.needs_confirmation for each in outcome.changes)


def _edit(server: Server, outcome: RefactorResult) -> dict[str, Any]:
    """For the documents as they are at this moment. Raises StaleDocument and RefactorRefused."""
    changes = server.refactoring.delivery.rebase_changes(outcome.changes)
    edit = snippet_edit(changes, server.client) or workspace_edit(changes, server.client)
    server.refactoring.applied.track(outcome.title, changes)
    server.refactoring.delivery.announce_changes(outcome)
    return {"edit": edit}
