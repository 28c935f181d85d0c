"""The refactor engine of the current settings, and earlier ones that are still running."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from devstral_lsp.providers.base import ChatProvider

if TYPE_CHECKING:
    from devstral_lsp.refactor.engine import RefactorEngine


class ChatLink(Protocol):
    """Connects to the chat endpoint when it is first needed."""

    async def provider(self) -> ChatProvider:
        """Raises RefactorRefused."""

    async def refusal(self) -> str:
        """Why no model can refactor; "" if one can, or if that is not known yet."""

    async def close(self) -> None:
        """Close the provider, if there is one."""


class RefactorEngines:
    """Engines that share one chat endpoint. `build` creates one for the current settings."""

    def __init__(self, chat: ChatLink, build: Callable[[ChatLink], RefactorEngine]) -> None:
        self.chat = chat
        self._build = build
        self._current: RefactorEngine | None = None
        self._earlier: list[RefactorEngine] = []

    @property
    def current(self) -> RefactorEngine:
        """The current engine, which connects to its provider when the user takes an offer."""
        if self._current is None:
            self._current = self._build(self.chat)
        return self._current

    def renew(self) -> None:
        """Build a new engine for the next request; running ones continue with the old engine."""
        if self._current is not None:
            self._earlier = [*(each for each in self._earlier if each.is_running), self._current]
            self._current = None

    def replace_chat(self, chat: ChatLink) -> Coroutine[Any, Any, None]:
        """Use another endpoint from now on. Await the result to close the old engines."""
        self.renew()
        engines, self._earlier = self._earlier, []
        replaced, self.chat = self.chat, chat
        return _close(engines, replaced)

    async def close(self) -> None:
        """Close all engines and the connection."""
        current = [self._current] if self._current is not None else []
        await _close([*self._earlier, *current], self.chat)


async def _close(engines: list[RefactorEngine], chat: ChatLink) -> None:
    for engine in engines:
        await engine.close()
    await chat.close()
