"""`devstral.commitMessage`: writes a message for the staged changes.

Does not run git, so that no hook, filter or program of the repository runs. Leaves private and
excluded files out of the diff.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.uris import to_fs_path

from devstral_lsp.refactor.types import FileChange, RefactorRefused
from devstral_lsp.server import dispatch
from devstral_lsp.server.progress import Token, WorkDoneProgress
from devstral_lsp.server.server import Server
from devstral_lsp.server.switch_commands import only_argument
from devstral_lsp.text import Edit, Snapshot, Span, Text

TITLE = "Commit message"


def commit_message(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, Any]:
    """`devstral.commitMessage [{uri?, folder?}]`: returns {message}.

    `folder` is the repository; the default is the first workspace folder. If `uri` is an open
    document, the message is inserted at its top instead, after the request has been answered.
    """
    members = only_argument(params)
    uri, folder = members.get("uri", ""), members.get("folder", "")
    if not (isinstance(uri, str) and isinstance(folder, str)):
        raise JsonRpcInvalidParams(f"{params.command} takes {{uri?, folder?}}")
    document = server.session.snapshot(uri) if uri else None
    if uri and document is None:
        raise JsonRpcInvalidParams("The document is not open")
    if document is not None:
        work = _insert(server, document)
        reporting = dispatch.report_failure(server, params.command, work)
        server.create_background_task(params.command, reporting)
        return asyncio.sleep(0)
    path = to_fs_path(folder) if folder else None
    folders = (Path(path),) if path else server.session.folders
    input_box = Snapshot(uri="", version=None, language="scminput", text=Text.of(""))
    return _answer(server, input_box, folders, params.work_done_token)


async def _answer(
    server: Server, input_box: Snapshot, folders: tuple[Path, ...], token: Token | None
) -> dict[str, str] | None:
    message = await _write_message(server, input_box, folders, token)
    return {"message": message} if message is not None else None


async def _insert(server: Server, document: Snapshot) -> None:
    """Insert the message at the top of the document."""
    message = await _write_message(server, document, server.session.folders, None)
    if message is None:
        return
    now = server.session.snapshot(document.uri)
    if now is None:
        raise RefactorRefused("The document has been closed, so the message is not put there.")
    edit = Edit(Span(0, 0), f"{message}\n")
    change = FileChange(uri=now.uri, edits=(edit,), before=now.text, version=now.version)
    await server.refactoring.presenter.apply(TITLE, (change,))


async def _write_message(
    server: Server, document: Snapshot, folders: tuple[Path, ...], token: Token | None
) -> str | None:
    """The message; None if the user cancelled. Raises RefactorRefused and ProviderError."""
    from devstral_lsp.refactor.commit_message import write_commit_message

    app = await server.app()
    progress = WorkDoneProgress(server, TITLE, token)
    work = write_commit_message(
        server.resolved.settings, document, folders, app.connect_chat, progress.report
    )
    return await server.refactoring.jobs.cancellable(progress, work)
