"""`textDocument/codeAction`: the actions at a range, determined from the text alone.

Editors send it at every move of the cursor, so an action only carries its data; its edit is
computed when the user takes it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from importlib import import_module

from lsprotocol import types

from devstral_lsp.refactor.types import RefactorSelection
from devstral_lsp.server import convert_edit
from devstral_lsp.server.action_data import ActionData, DiagnosticMap
from devstral_lsp.server.positions import span_of
from devstral_lsp.server.requests.inline_edit import next_edit_actions
from devstral_lsp.server.server import Server
from devstral_lsp.server.session import DocumentView

ActionOrCommand = types.CodeAction | types.Command


async def code_action(
    server: Server, view: DocumentView, params: types.CodeActionParams
) -> list[ActionOrCommand]:
    """The actions at the range, the best first."""
    app = await server.app()
    # In threads: importing the actions and parsing the selection would each block the event loop.
    await asyncio.to_thread(import_module, "devstral_lsp.refactor.engine")
    refactorer = app.refactorer
    snapshot, can = view.snapshot, server.client.edits
    here, known = _diagnostics(server, view, params)
    selection = RefactorSelection(
        snapshot=snapshot,
        span=span_of(snapshot.text, params.range, server.client.encoding),
        diagnostics=tuple(here),
        other_diagnostics=tuple(each for each in known if each not in here),
        automatic=params.context.trigger_kind == types.CodeActionTriggerKind.Automatic,
    )
    only = tuple(params.context.only or ())
    offers = await asyncio.to_thread(refactorer.offers, selection, only)
    if offers and can.disabled and (refusal := await server.refactoring.refusal()):
        offers = [replace(each, disabled=each.disabled or refusal) for each in offers]
    next_edits = await next_edit_actions(
        server, snapshot, selection.span.end, only, is_automatic=selection.automatic
    )
    actions = [
        convert_edit.code_action(ActionData(each, snapshot.uri, snapshot.version or 0), known, can)
        for each in offers
        if can.disabled or not each.disabled
    ]
    return [*next_edits, *actions]


def _diagnostics(
    server: Server, view: DocumentView, params: types.CodeActionParams
) -> tuple[DiagnosticMap, DiagnosticMap]:
    """The diagnostics at the range, and all known ones.

    Includes the server's own review comments, which some clients do not send.
    """
    text, encoding = view.snapshot.text, server.client.encoding
    here = {
        convert_edit.from_lsp_diagnostic(text, each, encoding): each
        for each in params.context.diagnostics
    }
    ours = server.refactoring.review_comments.sent(view.snapshot)
    span = span_of(text, params.range, encoding)
    for found, each in ours.items():
        if found.span.start <= span.end and span.start <= found.span.end:
            here.setdefault(found, each)
    return here, server.refactoring.recent_offers.keep(view.snapshot, {**ours, **here})
