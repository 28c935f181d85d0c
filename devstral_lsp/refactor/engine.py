"""Runs one refactor, from the offer that the user took to the changes:

task        the action's task for the model
context     context besides the code; less of it if it exceeds the context window
ask         one request, streamed; cancelling closes the stream immediately
read        parse the reply, compute minimal edits, and check them; the model gets one retry
finalize    rebase the edits onto the current document, or change nothing
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from devstral_lsp.config.schema import Settings
from devstral_lsp.context.sensitive_files import holds_only_keys, is_sensitive
from devstral_lsp.errors import ContextLengthExceeded
from devstral_lsp.observability.trace import TraceObserver, annotate
from devstral_lsp.providers.base import ChatProvider, SupportsVision
from devstral_lsp.refactor import images, registry
from devstral_lsp.refactor.action import Action
from devstral_lsp.refactor.ask import ModelSession, RequestFactory
from devstral_lsp.refactor.file_edits import ReplyFiles
from devstral_lsp.refactor.prompt import PromptSession, build_requests
from devstral_lsp.refactor.prompt_context import DocumentLocation, PromptContextBuilder
from devstral_lsp.refactor.reply_to_edits import RefactorDraft, finalize
from devstral_lsp.refactor.task.caution import caution_of_link
from devstral_lsp.refactor.trace import traced_refactor
from devstral_lsp.refactor.types import (
    ActionOffer,
    Progress,
    RefactorRefused,
    RefactorResult,
    RefactorSelection,
    RefactorTask,
)
from devstral_lsp.text import Snapshot

GetProvider = Callable[[], Awaitable[ChatProvider]]
"""Returns the provider, created on first use. Raises RefactorRefused if there is none."""
SMALLER_SHARE = 0.25
"""Of the context, if all of it exceeds the model's context window."""


class RefactorEngine:
    """Makes offers and performs them, with one set of settings."""

    def __init__(
        self,
        settings: Settings,
        connect: GetProvider,
        context: PromptContextBuilder,
        *,
        actions: Mapping[str, Action] | None = None,
        now_s: Callable[[], float] = time.monotonic,
        observer: TraceObserver | None = None,
    ) -> None:
        """`actions` default to those that the settings enable."""
        self.observer = observer
        self._settings = settings.chat
        self._exclude = settings.privacy.exclude
        self._preview = settings.refactor.preview
        self._connect = connect
        self._context = context
        self._actions = registry.actions_for(settings.refactor) if actions is None else actions
        self._model = ModelSession(settings.chat.max_tokens, context.worker, now_s)
        self._session = PromptSession()
        self._running: set[asyncio.Task[RefactorResult]] = set()
        self._closed = False

    def offers(self, selection: RefactorSelection, only: Sequence[str] = ()) -> list[ActionOffer]:
        """The offers at the selection, the best first; fast, and raises nothing.

        `only` are the requested code action kinds, each with its sub-kinds; () for any.
        """
        return registry.collect_offers(selection, only=only, actions=self._actions)

    @traced_refactor
    async def run(
        self,
        offer: ActionOffer,
        snapshot: Snapshot,
        *,
        now: Callable[[], Snapshot | None] | None = None,
        report: Callable[[Progress], None] = lambda progress: None,
    ) -> RefactorResult:
        """Perform `offer` on the text of `snapshot`.

        `now` returns the current document, None if it is closed; without it, the text cannot
        change. Raises RefactorRefused if the reply gives no reliable edit, StaleDocument if the
        lines have changed meanwhile, ProviderError if the endpoint fails. Cancelling closes the
        stream immediately.
        """
        if self._closed:
            raise _settings_changed()
        task = asyncio.create_task(self._run(offer, snapshot, now, report), name="refactor")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await task
        except asyncio.CancelledError:
            own = asyncio.current_task()
            if own is not None and own.cancelling():
                raise
            raise _settings_changed() from None

    @property
    def is_running(self) -> bool:
        return bool(self._running)

    async def close(self) -> None:
        """Cancel everything that is running. Does not close the provider."""
        self._closed = True
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run(
        self,
        offer: ActionOffer,
        snapshot: Snapshot,
        now: Callable[[], Snapshot | None] | None,
        report: Callable[[Progress], None],
    ) -> RefactorResult:
        report(Progress("Reading the code"))
        action = self._actions.get(offer.action)
        if action is None or offer.disabled:
            raise RefactorRefused(offer.disabled or "There is no such action any more.")
        if not 0 <= offer.span.start <= offer.span.end <= len(snapshot.text):
            raise RefactorRefused(
                "The place of this action is not in the text any more: ask again."
            )
        home = await self._context.locate(snapshot)
        await self._check_may_be_sent(snapshot, home)
        model_task = await self._context.worker.run(action.model_task, offer, snapshot, home)
        chat = await self._connect()
        annotate("asked %s", chat.name)
        report(Progress("Waiting for the model"))
        draft = await self._draft(RefactorTask(offer, snapshot, model_task), home, chat, report)
        link = await self._context.worker.run(_link_caution, home)
        current = now() if now else snapshot
        return finalize(draft, snapshot, current, offer.title, home.path, link, self._preview)

    async def _check_may_be_sent(self, snapshot: Snapshot, home: DocumentLocation) -> None:
        """Raises RefactorRefused for a document that must not be sent."""
        path = home.file.as_posix() if home.file is not None else home.path
        if is_sensitive(path) or holds_only_keys(snapshot.text):
            raise RefactorRefused(
                "This file is likely to hold secrets, so it is not sent to a model."
            )
        if is_sensitive(path, self._exclude):
            raise RefactorRefused(
                "privacy.exclude names this file, so it is not sent to a model: change it there."
            )
        if reason := await self._context.worker.run(home.why_not):
            raise RefactorRefused(reason)

    async def _draft(
        self,
        job: RefactorTask,
        home: DocumentLocation,
        chat: ChatProvider,
        report: Callable[[Progress], None],
    ) -> RefactorDraft:
        """The draft; retries with less context if it exceeds the context window."""
        shows = job.snapshot.language in images.LANGUAGES
        sees = shows and isinstance(chat, SupportsVision) and await chat.supports_images()
        try:
            return await self._ask(job, home, chat, report, sees=sees)
        except ContextLengthExceeded:
            return await self._ask(job, home, chat, report, share=SMALLER_SHARE)

    async def _ask(
        self,
        job: RefactorTask,
        home: DocumentLocation,
        chat: ChatProvider,
        report: Callable[[Progress], None],
        *,
        sees: bool = False,
        share: float = 1.0,
    ) -> RefactorDraft:
        context = await self._context.gather(
            job.snapshot, job.offer.span, home, sees=sees, share=share
        )

        def prepare() -> RequestFactory[RefactorDraft]:
            target, words = job.model_task.target_file, job.model_task.words
            files = ReplyFiles(lambda: self._context.files(home), target, home.path, words)
            return build_requests(job, context, self._session, self._settings, files)

        return await self._model.ask(chat, await self._context.worker.run(prepare), report)


def _link_caution(home: DocumentLocation) -> str:
    """Why the document is another file than its name suggests; "" if it is not. Blocks."""
    if home.file is None or home.root is None:
        return ""
    return caution_of_link(home.file, home.root)


def _settings_changed() -> RefactorRefused:
    return RefactorRefused(
        "The settings were changed meanwhile, so nothing was changed: ask again."
    )
