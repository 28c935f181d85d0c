"""`textDocument/copilotInlineEdit`: the user's next edit in a document, in Copilot's dialect.

One edit at most, since one client makes all that it gets, and of whole lines of the document that
was asked about, since another draws it there whatever its URI. There are no errors: they pop up.
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
"""{textDocument: {uri, version}, position}, and of ours, `isTyping`: false where the editor knows
that the user's last change is finished, such as outside of insert mode.
"""

NEXT_EDITS_APPLY_ALL_COMMAND = "devstral.nextEdits.applyAll"
"""[id]: make the change of a next edit in all open documents."""

EVERYWHERE = "Make the same change in all open files"
_ACTION_KIND = "refactor.rewrite"

NEXT_EDIT_ACCEPTED_COMMAND = "devstral.nextEdits.accepted"
"""[id]: the user took a next edit."""

NEXT_EDIT_REFUSED_COMMAND = "devstral.nextEdits.refused"
"""[id]: the user does not want a next edit."""


def inline_edit(server: Server, params: Any) -> Awaitable[dict[str, Any]] | dict[str, Any]:
    """The next edit for the version that was asked about; none where that is not the current."""
    try:
        asked = server.protocol.structure(params, types.TextDocumentPositionParams, "No position")
    except JsonRpcInvalidParams:
        return {"edits": []}
    snapshot = server.session.snapshot(asked.text_document.uri)
    version = params["textDocument"].get("version")
    if snapshot is None or (version is not None and version != snapshot.version):
        return {"edits": []}
    return _answer(server, snapshot, asked.position, is_finished=params.get("isTyping") is False)


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
    """The next edit as a code action, for editors that show none by itself, and one that makes the
    change in all open documents. [] where there is none, or the editor wants actions of other kinds
    or cannot take an edit. Unless the editor asks by itself (`is_automatic`), the user has finished
    their last change.
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
    """Have the editor preview and make the change of a next edit in all open documents.

    Raises StaleDocument and RefactorRefused; nothing has been changed then.
    """
    documents = server.session.snapshots()
    found = await (await server.app()).next_edits.everywhere(proposal_id, documents)
    changes = [
        replace(_change(each, mine), needs_confirmation=True)
        for each in documents
        if (mine := [proposal for proposal in found if proposal.uri == each.uri])
    ]
    if not changes:
        raise RefactorRefused(
            "There is no place left that is sure enough. Nothing has been changed."
        )
    await server.refactoring.presenter.apply(EVERYWHERE, changes)


def _change(snapshot: Snapshot, proposals: Sequence[Proposal]) -> FileChange:
    edits = sorted((each.edit for each in proposals), key=lambda edit: edit.span.start)
    return FileChange(
        uri=snapshot.uri, edits=tuple(edits), before=snapshot.text, version=snapshot.version
    )


def _shows_ghost_text(server: Server, snapshot: Snapshot, position: types.Position) -> bool:
    """Whether a completion may stand at the cursor: it wins over a next edit."""
    return server.ghost_text is not None and server.ghost_text == (snapshot, position)
