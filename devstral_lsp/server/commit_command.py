"""`devstral.commitMessage`: writes the message for what is staged.

git is not started, so that no hook, filter or program of the repository is run. What is private or
excluded is no part of the diff.
"""

from __future__ import annotations

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
    """`devstral.commitMessage [{uri?, folder?}]`: answers {message}.

    `folder` is that of the repository, without which the first workspace folder counts. Where `uri`
    is an open document, the message is put at its top instead, and the answer does not wait for it.
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
        return _nothing()
    path = to_fs_path(folder) if folder else None
    folders = (Path(path),) if path else server.session.folders
    box = Snapshot(uri="", version=None, language="scminput", text=Text.of(""))
    return _answer(server, box, folders, params.work_done_token)


async def _nothing() -> None:
    return None


async def _answer(
    server: Server, box: Snapshot, folders: tuple[Path, ...], token: Token | None
) -> dict[str, str] | None:
    message = await _written(server, box, folders, token)
    return {"message": message} if message is not None else None


async def _insert(server: Server, document: Snapshot) -> None:
    """Put the message above what the document holds by then."""
    message = await _written(server, document, server.session.folders, None)
    if message is None:
        return
    now = server.session.snapshot(document.uri)
    if now is None:
        raise RefactorRefused("The document has been closed, so the message is not put there.")
    edit = Edit(Span(0, 0), f"{message}\n")
    change = FileChange(uri=now.uri, edits=(edit,), before=now.text, version=now.version)
    await server.refactoring.presenter.apply(TITLE, (change,))


async def _written(
    server: Server, document: Snapshot, folders: tuple[Path, ...], token: Token | None
) -> str | None:
    """The message; None if the user cancels. Raises RefactorRefused and ProviderError."""
    from devstral_lsp.refactor.commit_message import write_commit_message

    app = await server.app()
    progress = WorkDoneProgress(server, TITLE, token)
    work = write_commit_message(
        server.resolved.settings, document, folders, app.connect_chat, progress.report
    )
    return await server.refactoring.jobs.cancellable(progress, work)
