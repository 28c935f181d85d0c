"""What an editor does beside typing: code actions, the server's edits, progress, documents to show.

Around an `Editor`. It keeps the text of each open document, makes the edits that it is given by an
applier written from the specification alone, and tells the server of them as editors do. What it
answers to the server's requests is for the test to choose.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types

from tests.support.editor import Editor, Place
from tests.support.lsp_edits import WireEdit, applied, expanded

EVERYTHING: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix"]}},
            "isPreferredSupport": True,
            "disabledSupport": True,
            "dataSupport": True,
            "resolveSupport": {"properties": ["edit", "command"]},
            "honorsChangeAnnotations": True,
        },
        "publishDiagnostics": {"versionSupport": True},
    },
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "rename", "delete"],
            "changeAnnotationSupport": {"groupsOnLabel": True},
            "snippetEditSupport": True,
        },
    },
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
}
"""A client that can do all that we look at; VS Code comes close."""

NOTHING: dict[str, Any] = {}
"""A client that declares nothing."""

Answers = Callable[[Any], Any]


class Workbench:
    """One editor's documents and what the server does to them."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.texts: dict[str, str] = {}
        self.edits: list[types.ApplyWorkspaceEditParams] = []
        self.progress: list[tuple[int | str, Any]] = []
        self.shown_documents: list[str] = []
        self.questions: list[types.ShowMessageRequestParams] = []
        self.diagnostics: dict[str, list[types.Diagnostic]] = {}
        self.apply: Answers = self._apply
        self.choose: Answers = self.never
        self.create_progress: Answers = lambda _: None
        self._over = asyncio.Event()
        self._listen()

    async def never(self, _: Any) -> Any:
        """The answer of an editor that gives none."""
        await self._over.wait()

    def end(self) -> None:
        """The test is over: pygls' client cannot stop while it owes an answer."""
        self._over.set()

    def open(self, marked: str, uri: str = "file:///work/a.py", language: str = "python") -> Place:
        """Open a document from text with one cursor mark in it."""
        place = self.editor.open(marked, uri, language)
        self.texts[uri] = marked.replace("│", "")
        return place

    def change(self, uri: str, start: int, end: int, text: str) -> None:
        """Replace a stretch (code points) of a document."""
        old = self.texts[uri]
        at = types.Range(
            self.editor.position_after(old[:start]), self.editor.position_after(old[:end])
        )
        self.texts[uri] = old[:start] + text + old[end:]
        self.editor.change(uri, types.TextDocumentContentChangePartial(at, text))

    async def actions(self, place: Place, end: Place | None = None, **context: Any) -> list[Any]:
        """Ask for the code actions at a place, or from there to another one."""
        context.setdefault("diagnostics", [])
        params = types.CodeActionParams(
            text_document=place.document,
            range=types.Range(place.position, (end or place).position),
            context=types.CodeActionContext(**context),
        )
        asked = self.editor.client.text_document_code_action_async(params)
        return list(await self.editor.patiently(asked) or ())

    async def action(self, place: Place, title: str, **context: Any) -> Any:
        """The one code action whose title begins so."""
        found = [
            each for each in await self.actions(place, **context) if each.title.startswith(title)
        ]
        assert len(found) == 1, [each.title for each in found]
        return found[0]

    def asking(self, action: types.CodeAction) -> Any:
        """Resolve an action; gives the answer to come."""
        return self.editor.client.code_action_resolve_async(action)

    async def resolve(self, action: types.CodeAction) -> types.CodeAction:
        """Resolve an action."""
        answer = await self.editor.patiently(self.asking(action))
        assert isinstance(answer, types.CodeAction)
        return answer

    async def take(self, action: types.CodeAction) -> None:
        """Resolve an action and do what it says, as an editor does on a click."""
        resolved = await self.resolve(action)
        if resolved.edit is not None:
            self.make(resolved.edit)
        if resolved.command is not None:
            await self.run(resolved.command)

    async def run(self, command: types.Command, token: int | str | None = None) -> None:
        """Execute a command; returns when it has been answered."""
        params = types.ExecuteCommandParams(command.command, command.arguments, token)
        asked = self.editor.client.workspace_execute_command_async(params)
        assert await self.editor.patiently(asked) is None

    async def command(self, name: str, *arguments: Any, token: int | str | None = None) -> None:
        """The same by name."""
        await self.run(types.Command(title="", command=name, arguments=list(arguments)), token)

    def make(self, edit: types.WorkspaceEdit) -> None:
        """Make an edit: in open documents, of which the server is told, and in files."""
        for uri, edits in self._edits(edit):
            made = [_wire_edit(each) for each in edits]
            if uri not in self.texts:
                _change_file(uri, made, self.editor.encoding.value)
                continue
            self.texts[uri] = applied(self.texts[uri], made, self.editor.encoding.value)
            whole = types.TextDocumentContentChangeWholeDocument(self.texts[uri])
            self.editor.change(uri, whole)
        self.editor.wake()

    def kinds(self, token: int | str) -> list[str]:
        """What was said of a progress, in order."""
        return [value["kind"] for each, value in self.progress if each == token]

    @property
    def tokens(self) -> list[int | str]:
        """The progresses that were begun."""
        return [token for token, value in self.progress if value["kind"] == "begin"]

    def _edits(self, edit: types.WorkspaceEdit) -> Iterable[tuple[str, Any]]:
        if edit.changes is not None:
            yield from edit.changes.items()
        for each in edit.document_changes or ():
            if isinstance(each, types.TextDocumentEdit):
                yield each.text_document.uri, each.edits

    def _apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        for each in params.edit.document_changes or ():
            if isinstance(each, types.TextDocumentEdit):
                uri, version = each.text_document.uri, each.text_document.version
                if version is not None and version != self.editor.version(uri):
                    return types.ApplyWorkspaceEditResult(applied=False, failure_reason="stale")
        asyncio.get_running_loop().call_soon(self.make, params.edit)
        return types.ApplyWorkspaceEditResult(applied=True)

    def _listen(self) -> None:
        async def apply(params: types.ApplyWorkspaceEditParams) -> Any:
            self.edits.append(params)
            self.editor.wake()
            return await _awaited(self.apply(params))

        async def ask(params: types.ShowMessageRequestParams) -> Any:
            self.questions.append(params)
            self.editor.wake()
            return await _awaited(self.choose(params))

        async def create(params: types.WorkDoneProgressCreateParams) -> Any:
            return await _awaited(self.create_progress(params))

        def progress(params: types.ProgressParams) -> None:
            self.progress.append((params.token, params.value))
            self.editor.wake()

        def show(params: types.ShowDocumentParams) -> types.ShowDocumentResult:
            path = Path(params.uri.removeprefix("file://"))
            self.shown_documents.append(path.read_text(encoding="utf-8"))
            self.editor.wake()
            return types.ShowDocumentResult(success=True)

        def publish(params: types.PublishDiagnosticsParams) -> None:
            self.diagnostics[params.uri] = list(params.diagnostics)
            self.editor.wake()

        self.editor.handle(types.WORKSPACE_APPLY_EDIT, apply)
        self.editor.handle(types.WINDOW_SHOW_MESSAGE_REQUEST, ask)
        self.editor.handle(types.WINDOW_WORK_DONE_PROGRESS_CREATE, create)
        self.editor.handle(types.PROGRESS, progress)
        self.editor.handle(types.WINDOW_SHOW_DOCUMENT, show)
        self.editor.handle(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, publish)


async def _awaited(answer: Any) -> Any:
    return await answer if asyncio.iscoroutine(answer) else answer


def _change_file(uri: str, edits: Sequence[WireEdit], encoding: str) -> None:
    path = Path(uri.removeprefix("file://"))
    old = path.read_bytes().decode() if path.exists() else ""
    path.write_bytes(applied(old, edits, encoding).encode())


def _wire_edit(edit: Any) -> WireEdit:
    start, end = edit.range.start, edit.range.end
    is_snippet = isinstance(edit, types.SnippetTextEdit)
    new_text = expanded(edit.snippet.value) if is_snippet else edit.new_text
    return WireEdit((start.line, start.character), (end.line, end.character), new_text)
