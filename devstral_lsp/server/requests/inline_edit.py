"""`textDocument/copilotInlineEdit`, an extension of Copilot's: the user's next edit in a document.

Returns at most one edit, since one client applies all that it gets, and only whole lines of the
requested document, since another client ignores the URI. Returns no errors, which would pop up.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.refactor.registry import is_sub_kind
from devstral_lsp.refactor.types import FileChange, RefactorRefused
from devstral_lsp.server.convert_edit import workspace_edit
from devstral_lsp.server.positions import offset_at, range_of
from devstral_lsp.server.server import Server
from devstral_lsp.text import Snapshot

if TYPE_CHECKING:
    from devstral_lsp.next_edit.proposal import Proposal

log = logging.getLogger(__name__)

INLINE_EDIT = "textDocument/copilotInlineEdit"
"""{textDocument: {uri, version}, position}, and our own `isTyping`: false if the editor knows that
the user's last change is finished, such as outside of insert mode.
"""

NEXT_EDITS_APPLY_ALL_COMMAND = "devstral.nextEdits.applyAll"
"""[id]: apply the change of a next edit in all files of the workspace."""

EVERYWHERE = "Make the same change in all files"
_ACTION_KIND = "refactor.rewrite"

NEXT_EDIT_ACCEPTED_COMMAND = "devstral.nextEdits.accepted"
"""[id]: the user took a next edit."""

NEXT_EDIT_REFUSED_COMMAND = "devstral.nextEdits.refused"
"""[id]: the user does not want a next edit."""


def inline_edit(server: Server, params: Any) -> Awaitable[dict[str, Any]] | dict[str, Any]:
    """The next edit for the requested version; none if that is not the current one."""
    try:
        where = server.protocol.structure(params, types.TextDocumentPositionParams, "No position")
    except JsonRpcInvalidParams:
        return {"edits": []}
    snapshot = server.session.snapshot(where.text_document.uri)
    version = params["textDocument"].get("version")
    if snapshot is None or (version is not None and version != snapshot.version):
        return {"edits": []}
    return _answer(server, snapshot, where.position, is_finished=params.get("isTyping") is False)


async def _answer(
    server: Server, snapshot: Snapshot, position: types.Position, *, is_finished: bool
) -> dict[str, Any]:
    try:
        return {"edits": await _edits(server, snapshot, position, is_finished=is_finished)}
    except Exception as error:  # noqa: BLE001
        log.error("%s failed: %s", INLINE_EDIT, type(error).__name__)
        return {"edits": []}


async def _edits(
    server: Server, snapshot: Snapshot, position: types.Position, *, is_finished: bool
) -> list[dict[str, Any]]:
    offset = offset_at(snapshot.text, position, server.client.encoding)
    next_edits = (await server.app()).next_edits
    proposal = await next_edits.propose(snapshot, offset, is_finished=is_finished)
    is_current = server.session.snapshot(snapshot.uri) is snapshot
    if proposal is None or not is_current or _shows_ghost_text(server, snapshot, position):
        return []
    edit = {
        "text": proposal.edit.text,
        "range": range_of(snapshot.text, proposal.edit.span, server.client.encoding),
        "textDocument": {"uri": snapshot.uri, "version": snapshot.version},
        "command": types.Command(
            title="Next edit accepted", command=NEXT_EDIT_ACCEPTED_COMMAND, arguments=[proposal.id]
        ),
    }
    return [edit]


async def next_edit_actions(
    server: Server,
    snapshot: Snapshot,
    offset: int,
    only: Sequence[str],
    *,
    is_automatic: bool,
) -> list[types.CodeAction]:
    """The next edit as a code action, for editors that do not display it, and an action that
    applies the change in all files of the workspace.

    [] if there is none, or if the editor wants actions of other kinds or cannot resolve an edit.
    Unless the request is automatic, the user has finished their last change.
    """
    app, can = server.started_app, server.client.edits
    is_wanted = not only or any(is_sub_kind(_ACTION_KIND, kind) for kind in only)
    if app is None or not is_wanted or not can.code_action_literals:
        return []
    proposal = await app.next_edits.propose(
        snapshot, offset, waits=False, is_finished=not is_automatic
    )
    if proposal is None:
        return []
    one = types.CodeAction(
        title=f"Make the same change at line {proposal.first + 1}",
        kind=_ACTION_KIND,
        edit=workspace_edit([_change(snapshot, [proposal])], server.client),
    )
    everywhere = types.CodeAction(
        title=EVERYWHERE,
        kind=_ACTION_KIND,
        command=types.Command(
            title=EVERYWHERE, command=NEXT_EDITS_APPLY_ALL_COMMAND, arguments=[proposal.id]
        ),
    )
    return [one, everywhere]


async def make_everywhere(server: Server, proposal_id: str) -> None:
    """Have the editor preview and make the change of a next edit in all open documents, and in the
    workspace's other files in their languages.

    Raises StaleDocument and RefactorRefused; nothing has been changed then.
    """
    next_edits = (await server.app()).next_edits
    found = await next_edits.everywhere(proposal_id, server.session.snapshots())
    changes = [replace(_change(*each), needs_confirmation=True) for each in found]
    if not changes:
        raise RefactorRefused(
            "No other place matches with enough certainty. Nothing has been changed."
        )
    count = sum(len(each.edits) for each in changes)
    places = "1 place" if count == 1 else f"{count} places"
    files = "1 file" if len(changes) == 1 else f"{len(changes)} files"
    title = f"Make the same change at {places} in {files}"
    await server.refactoring.presenter.apply(title, changes)


def _change(snapshot: Snapshot, proposals: Sequence[Proposal]) -> FileChange:
    edits = sorted((each.edit for each in proposals), key=lambda edit: edit.span.start)
    return FileChange(
        uri=snapshot.uri, edits=tuple(edits), before=snapshot.text, version=snapshot.version
    )


def _shows_ghost_text(server: Server, snapshot: Snapshot, position: types.Position) -> bool:
    """Whether a completion may be displayed at the cursor: it takes precedence."""
    return server.ghost_text is not None and server.ghost_text == (snapshot, position)
