"""`workspace/executeCommand`: the `devstral.*` commands. `routes.py` lists them by name.

A command does immediately what must happen before the next message is read, and returns the rest as
a coroutine. It raises JsonRpcInvalidParams for invalid arguments. The request is answered at once,
because Emacs shows an error after ten seconds. Only if the client sent a progress token, the answer
waits for the work: the token is valid until then (LSP 3.17, "Client Initiated Progress").
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Coroutine, Mapping, Sequence
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from devstral_lsp.errors import DevstralError
from devstral_lsp.observability.trace import Trace
from devstral_lsp.refactor.types import RefactorSelection
from devstral_lsp.server import dispatch
from devstral_lsp.server.action_data import ActionData
from devstral_lsp.server.positions import span_of
from devstral_lsp.server.project_task import task_action_data
from devstral_lsp.server.requests.inline_edit import make_everywhere
from devstral_lsp.server.server import Server

Command = Callable[[Server, types.ExecuteCommandParams], Coroutine[Any, Any, Any] | str | None]


def execute_command(
    server: Server,
    params: types.ExecuteCommandParams,
    commands: Mapping[str, Command],
    answered: Container[str],
) -> Awaitable[Any] | str | None:
    """Run one of `commands`; a string is its result. `answered` are those that return a result.

    Raises JsonRpcInvalidParams if the command is unknown or its arguments are wrong. Any other
    failure is shown to the user, and is no error to the editor.
    """
    command = commands.get(params.command)
    if command is None:
        raise JsonRpcInvalidParams("This command is not one of devstral-lsp's")
    try:
        work = command(server, params)
    except DevstralError as error:
        server.messages.show(types.MessageType.Error, str(error))
        return None
    if work is None or isinstance(work, str):
        return work
    if params.command in answered:
        return dispatch.report_failure(server, params.command, work)
    task = server.create_background_task(
        params.command, dispatch.report_failure(server, params.command, work)
    )
    return None if params.work_done_token is None else _until_done(task)


async def _until_done(task: asyncio.Task[None]) -> None:
    """Wait for the work. Cancelling the request cancels the work."""
    try:
        await task
    except asyncio.CancelledError:
        task.cancel()
        raise


def accepted(server: Server, params: types.ExecuteCommandParams) -> None:
    """`devstral.accepted [id, …]`: record that an item was accepted as a whole."""
    match params.arguments:
        case [str(completion_id), *_]:
            if server.started_app is not None:
                server.started_app.completer.accepted(completion_id)
        case _:
            raise JsonRpcInvalidParams(f"{params.command} takes the id of a completion")


def next_edit_accepted(server: Server, params: types.ExecuteCommandParams) -> None:
    """`devstral.nextEdits.accepted [id]`: record that the user took a next edit."""
    if server.started_app is not None:
        server.started_app.next_edits.accepted(_next_edit_id(params))


def next_edit_refused(server: Server, params: types.ExecuteCommandParams) -> None:
    """`devstral.nextEdits.refused [id]`: do not propose this next edit again, nor similar ones."""
    if server.started_app is not None:
        server.started_app.next_edits.refused(_next_edit_id(params))


def next_edits_apply_all(
    server: Server, params: types.ExecuteCommandParams
) -> Coroutine[Any, Any, None]:
    """`devstral.nextEdits.applyAll [id]`: make the change of a next edit in all files of the
    workspace.

    The editor previews it. Only places with the probability of a next edit are changed.
    """
    return make_everywhere(server, _next_edit_id(params))


def _next_edit_id(params: types.ExecuteCommandParams) -> str:
    match params.arguments:
        case [str(proposal_id), *_]:
            return proposal_id
    raise JsonRpcInvalidParams(f"{params.command} takes the id of a next edit")


def apply(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, None]:
    """`devstral.apply [data]`: perform a code action, or join it if it is running.

    For editors that cannot resolve actions, and for actions that take too long to resolve.
    """
    data = ActionData.from_json(params.arguments[0]) if params.arguments else None
    if data is None:
        raise JsonRpcInvalidParams(f"{params.command} takes the data of a code action")
    job = server.refactoring.start(data, params.work_done_token)
    return server.refactoring.run_and_present(job)


def rewrite(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, None]:
    """`devstral.rewrite [{uri, range, instruction}]`: change the selected code as instructed.

    For editors that can prompt for an instruction. Raises RefactorRefused.
    """
    # Imported here because actions load the parser.
    from devstral_lsp.refactor.actions.instruct import offer_of

    match params.arguments:
        case [{"uri": str(uri), "range": dict(raw_range), "instruction": str(instruction)}]:
            range_ = server.protocol.structure(raw_range, types.Range, "The range cannot be read")
        case _:
            raise JsonRpcInvalidParams(f"{params.command} takes {{uri, range, instruction}}")
    snapshot = server.session.snapshot(uri)
    if snapshot is None:
        raise JsonRpcInvalidParams("The document is not open")
    span = span_of(snapshot.text, range_, server.client.encoding)
    offer = offer_of(RefactorSelection(snapshot, span), instruction)
    data = ActionData(offer, uri, snapshot.version or 0)
    job = server.refactoring.start(data, params.work_done_token)
    return server.refactoring.run_and_present(job)


def task(server: Server, params: types.ExecuteCommandParams) -> Coroutine[Any, Any, None]:
    """`devstral.task [{instruction, uri?}]`: change the project as instructed.

    `uri` is the document in focus. The editor previews all changes before any is made.
    """
    match params.arguments:
        case [{"instruction": str(instruction), "uri": str(focus)}] if instruction.strip():
            data = task_action_data(instruction.strip(), focus)
        case [{"instruction": str(instruction)}] if instruction.strip():
            data = task_action_data(instruction.strip(), "")
        case _:
            raise JsonRpcInvalidParams(f"{params.command} takes {{instruction, uri?}}")
    job = server.refactoring.start(data, params.work_done_token)
    return server.refactoring.run_and_present(job)


def undo_last(server: Server, _: types.ExecuteCommandParams) -> Coroutine[Any, Any, None]:
    """`devstral.undoLast`: undo the server's last edit, unless its lines have changed since."""
    return server.refactoring.presenter.undo()


def show_again(server: Server, _: types.ExecuteCommandParams) -> Coroutine[Any, Any, None]:
    """`devstral.showAgain`: offer unapplied changes again, else show the last edit as a diff."""
    return server.refactoring.presenter.show_again()


def export_patch(server: Server, _: types.ExecuteCommandParams) -> Coroutine[Any, Any, None]:
    """`devstral.exportPatch`: show unapplied changes, else the last edit, as a patch."""
    return server.refactoring.presenter.export_patch()


def show_transcript(server: Server, _: types.ExecuteCommandParams) -> Coroutine[Any, Any, None]:
    """`devstral.showTranscript`: show the messages and tool calls of the last task."""
    return server.refactoring.show_transcript()


def why(server: Server, params: types.ExecuteCommandParams) -> str | Coroutine[Any, Any, None]:
    """`devstral.why [{reply: true}?]`: why there was no suggestion, and what each stage did.

    With `reply` the Markdown is the command's result; else the editor shows it as a document.
    """
    from devstral_lsp.completion.why import explain

    return _show_traces(server, params, "Why", explain)


def show_prompt(
    server: Server, params: types.ExecuteCommandParams
) -> str | Coroutine[Any, Any, None]:
    """`devstral.showPrompt [{reply: true}?]`: the last request to a model, without secrets."""
    from devstral_lsp.completion.why import show_prompt as describe_prompt

    return _show_traces(server, params, "Prompt", describe_prompt)


def _show_traces(
    server: Server,
    params: types.ExecuteCommandParams,
    title: str,
    describe: Callable[[Sequence[Trace]], str],
) -> str | Coroutine[Any, Any, None]:
    app = server.started_app
    markdown = describe(list(app.recorder.traces) if app is not None else [])
    match params.arguments:
        case [{"reply": True}]:
            return markdown
    return server.refactoring.explanations.show_alone(title, markdown)


def cancel(server: Server, _: types.ExecuteCommandParams) -> None:
    """`devstral.cancel`: cancel all refactors, for editors that show no cancel button."""
    if not server.refactoring.jobs.cancel():
        server.messages.show(types.MessageType.Info, "devstral-lsp is running no refactoring.")
