"""An editor for end-to-end tests: pytest-lsp's client around the real server in its own process.

It keeps what the server tells, lets a test wait for that without sleeping, and counts positions by
a plain reference of its own, in the encoding that was agreed on. It knows no endpoint.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from lsprotocol import types
from lsprotocol.converters import get_converter
from pytest_lsp import LanguageClient, make_test_lsp_client

from tests.support.clients import NEOVIM

CURSOR = "│"
PATIENCE_S = 20.0
SERVER = (sys.executable, "-m", "devstral_lsp", "--stdio")
TOKEN = "what-the-clients-of-the-tests-present"
"""The token of each server that listens; it stands in the environment of all."""
_STRUCTURE = get_converter()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor in an open document."""

    uri: str
    position: types.Position

    @property
    def document(self) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(uri=self.uri)


class Editor:
    """One client with one server."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.capabilities = types.ServerCapabilities()
        self.registered: dict[str, Any] = {}
        self.statuses: list[Any] = []
        self._news = asyncio.Event()
        self._versions: dict[str, int] = {}
        self._listen()

    @classmethod
    async def start(
        cls,
        where: Mapping[str, str] | int,
        capabilities: Any = NEOVIM,
        configuration: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Self:
        """Shake hands with a server: one started in this environment, or one on this port.

        `configuration` answers `workspace/configuration`; `params` go into `initialize`.
        """
        editor = cls(make_test_lsp_client())
        editor.client.set_configuration(dict(configuration or {}))
        if isinstance(where, int):
            await editor.client.start_tcp("127.0.0.1", where)
            params["initialization_options"] = with_token(params.get("initialization_options"))
        else:
            await editor.client.start_io(*SERVER, env=dict(where))
        params.setdefault("root_uri", None)
        wanted = _STRUCTURE.structure(capabilities, types.ClientCapabilities)
        result = await editor.client.initialize_session(
            types.InitializeParams(capabilities=wanted, **params)
        )
        editor.capabilities = result.capabilities
        return editor

    async def stop(self) -> None:
        """End the session, unless it has ended."""
        if self.client.stopped:
            return
        writer = self.client.protocol.writer
        await self.client.shutdown_session()
        await self.client.stop()
        if isinstance(writer, asyncio.StreamWriter):
            writer.close()

    @property
    def shown(self) -> list[str]:
        """What popped up."""
        return [each.message for each in self.client.messages]

    @property
    def logged(self) -> list[str]:
        return [each.message for each in self.client.log_messages]

    def shown_about(self, words: str) -> list[str]:
        """What popped up and says these words."""
        return [each for each in self.shown if words in each]

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until what the server has told makes `holds` true."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._news.clear()
                await self._news.wait()

    @property
    def encoding(self) -> types.PositionEncodingKind:
        """What positions are counted in."""
        return types.PositionEncodingKind(self.capabilities.position_encoding or "utf-16")

    def version(self, uri: str) -> int:
        """The version of an open document."""
        return self._versions[uri]

    def wake(self) -> None:
        """There is news for whoever waits in `until`."""
        self._news.set()

    def handle(self, method: str, handler: Callable[[Any], Any]) -> None:
        """Answer a request of the server's, or hear a notification, in the place of pytest-lsp."""
        self.client.protocol.fm.features[method] = handler

    def open(
        self, marked: str, uri: str = "untitled:Untitled-1", language: str = "python"
    ) -> Place:
        """Open a document from text with one CURSOR in it."""
        before, after = marked.split(CURSOR)
        self._versions[uri] = 1
        item = types.TextDocumentItem(uri, language, 1, before + after)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return Place(uri, self.position_after(before))

    def change(self, uri: str, *changes: types.TextDocumentContentChangeEvent) -> None:
        self._versions[uri] += 1
        document = types.VersionedTextDocumentIdentifier(self._versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, changes))

    def type(self, place: Place, text: str) -> Place:
        """Insert `text`, which has no line end, at a place; gives the place after it."""
        at = types.Range(place.position, place.position)
        self.change(place.uri, types.TextDocumentContentChangePartial(at, text))
        end = types.Position(place.position.line, place.position.character + self._units(text))
        return Place(place.uri, end)

    def push(self, settings: Any) -> None:
        """Send settings, as editors do that are not asked for them."""
        params = types.DidChangeConfigurationParams(settings=settings)
        self.client.workspace_did_change_configuration(params)

    def tell(self, method: str, params: Any = None) -> None:
        """Send a notification that LSP does not know."""
        self.client.protocol.notify(method, params)

    def position_after(self, before: str) -> types.Position:
        lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return types.Position(len(lines) - 1, self._units(lines[-1]))

    async def inline(
        self,
        place: Place,
        kind: types.InlineCompletionTriggerKind = types.InlineCompletionTriggerKind.Automatic,
        selected: types.SelectedCompletionInfo | None = None,
    ) -> list[types.InlineCompletionItem]:
        """Ask for inline completions."""
        context = types.InlineCompletionContext(kind, selected)
        params = types.InlineCompletionParams(context, place.document, place.position)
        answer = await self.patiently(self.client.text_document_inline_completion_async(params))
        assert isinstance(answer, types.InlineCompletionList)
        return list(answer.items)

    async def menu(self, place: Place) -> types.CompletionList:
        """Ask for the menu."""
        params = types.CompletionParams(place.document, place.position)
        answer = await self.patiently(self.client.text_document_completion_async(params))
        assert isinstance(answer, types.CompletionList)
        return answer

    async def patiently(self, answer: Awaitable[T]) -> T:
        """Await an answer, but not for ever."""
        async with asyncio.timeout(PATIENCE_S):
            return await answer

    def _units(self, text: str) -> int:
        encoding = self.capabilities.position_encoding or "utf-16"
        width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
        return len(text.encode(f"{encoding}-le" if width > 1 else encoding)) // width

    def _listen(self) -> None:
        """Hear what pytest-lsp has no use for, and wake up whoever waits."""
        client = self.client

        @client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params: types.RegistrationParams) -> None:
            self.registered.update({each.method: each for each in params.registrations})
            self._news.set()

        @client.feature(types.CLIENT_UNREGISTER_CAPABILITY)
        def unregister(params: types.UnregistrationParams) -> None:
            for each in params.unregisterations:
                del self.registered[each.method]
            self._news.set()

        @client.feature("didChangeStatus")
        def status(params: Any) -> None:
            self.statuses.append(params)
            self._news.set()

        for method in (types.WINDOW_SHOW_MESSAGE, types.WINDOW_LOG_MESSAGE):
            self._wake_after(method)

    def _wake_after(self, method: str) -> None:
        features = self.client.protocol.fm.features
        inner = features[method]

        def outer(params: Any) -> None:
            inner(params)
            self._news.set()

        features[method] = outer


def environment(directory: Path, **variables: str) -> dict[str, str]:
    """A process environment without keys, in which nothing of the user's own is found."""
    config = directory / "config.toml"
    config.touch()
    kept = {"PATH": "/usr/bin:/bin", "HOME": str(directory), "XDG_CONFIG_HOME": str(directory)}
    beside = directory.parent.with_name(f"{directory.parent.name}-state")
    ours = {
        "DEVSTRAL_CONFIG": str(config),
        "DEVSTRAL_TOKEN": TOKEN,
        "DEVSTRAL_STATE": str(beside / directory.name),
    }
    return {**kept, **ours, "PYTHONWARNINGS": "default", **variables}


def with_token(options: Any) -> Any:
    """`initializationOptions` for a server on a port: what is given, and the token."""
    return {**(options or {}), "token": TOKEN}
