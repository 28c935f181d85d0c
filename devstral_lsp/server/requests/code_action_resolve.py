"""`codeAction/resolve`: the edit of an action that the user has taken.

Editors also send actions of other servers, which are returned unchanged. Emacs times out after ten
seconds and Helix after twenty, and both block until the answer. So work that takes longer, or whose
result is no edit, becomes a command, which continues in the background.
"""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from devstral_lsp.refactor.types import RefactorResult
from devstral_lsp.server import dispatch
from devstral_lsp.server.action_data import ActionData
from devstral_lsp.server.change_review import needs_question
from devstral_lsp.server.convert_edit import apply_command, snippet_edit, workspace_edit
from devstral_lsp.server.server import Server

RESOLVE_TIMEOUT_S = 5.0


async def code_action_resolve(server: Server, action: Any) -> Any:
    """The action with its edit or a command; unchanged if it is another server's or has neither.

    A failure is shown to the user. Raises StaleDocument.
    """
    data = ActionData.from_json(action.get("data")) if isinstance(action, dict) else None
    if data is None:
        return action
    found = await dispatch.report_failure(server, types.CODE_ACTION_RESOLVE, _resolve(server, data))
    return {**action, **(found or {})}


async def _resolve(server: Server, data: ActionData) -> dict[str, Any]:
    """The new members of the action. Raises what the work raises."""
    job = server.refactoring.start(data)
    refactoring, may_become_command = server.refactoring, server.client.edits.resolves_commands
    result = await refactoring.jobs.result(job, RESOLVE_TIMEOUT_S if may_become_command else None)
    if result is not None and not _wants_command(server, result):
        return _edit(server, result)
    if may_become_command:
        refactoring.jobs.keep_for_claim(job)
        return {"command": apply_command(data)}
    if result is not None:
        await refactoring.presenter.present(result, job)
    return {}


def _wants_command(server: Server, result: RefactorResult) -> bool:
    """Whether the result is no edit, or one that the user may discard.

    The server does not learn whether an action's own edit was applied.
    """
    if not result.changes or needs_question(result.changes, server.client):
        return True
    asks = any(each.needs_confirmation or each.needs_own_yes for each in result.changes)
    return server.client.edits.annotations and asks


def _edit(server: Server, result: RefactorResult) -> dict[str, Any]:
    """The edit for the current documents. Raises StaleDocument and RefactorRefused."""
    changes = server.refactoring.presenter.rebase_changes(result.changes)
    edit = snippet_edit(changes, server.client) or workspace_edit(changes, server.client)
    expected = server.refactoring.applied_edits.track(result.title, changes)
    if result.markdown:
        landing = server.refactoring.presenter.announce_when_applied(expected, result.markdown)
        server.create_background_task("note", landing)
    return {"edit": edit}
