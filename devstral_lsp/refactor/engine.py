"""From an offer that the user took to what may be changed: the flow of one refactor, in order.

    errand      what the action wants asked
    material    what the model is told beside the code; less of it if it was too much
    dialogue    one question, streamed; hung up at once when it is given up
    reading     the reply's form, then the smallest edits that make it so, and what speaks against
                them; told to the model, once, for a better answer
    settling    the document as it is by then: the edits move along, or nothing is changed

It knows neither LSP nor HTTP: `server/` and `cli/` take an `RefactorResult` to the user,
`providers/` turn a conversation into chunks.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from devstral_lsp.config.schema import Settings
from devstral_lsp.context.sensitive_files import holds_only_keys, is_sensitive
from devstral_lsp.errors import ContextLengthExceeded
from devstral_lsp.observability.trace import annotate
from devstral_lsp.providers.base import ChatProvider, SupportsVision
from devstral_lsp.refactor import images, registry
from devstral_lsp.refactor.action import Action
from devstral_lsp.refactor.ask import ModelSession
from devstral_lsp.refactor.finalize import RefactorDraft, finalize
from devstral_lsp.refactor.prompt import PromptSession
from devstral_lsp.refactor.prompt_context import PromptContextBuilder
from devstral_lsp.refactor.refactor_task import RefactorTask
from devstral_lsp.refactor.request_builder import build_requests
from devstral_lsp.refactor.task.caution import caution_of_link
from devstral_lsp.refactor.trace import traced_refactor
from devstral_lsp.refactor.types import (
    ActionOffer,
    Progress,
    RefactorRefused,
    RefactorResult,
    RefactorSelection,
)
from devstral_lsp.text import Snapshot

GetProvider = Callable[[], Awaitable[ChatProvider]]
"""Gives the provider that answers, made at its first use.

Raises RefactorRefused where there is none.
"""
SMALLER_SHARE = 0.25
"""Of the material, where all of it did not fit the model."""


class RefactorEngine:
    """Makes offers and does what is taken of them, under one set of settings."""

    def __init__(
        self,
        settings: Settings,
        connect: GetProvider,
        materials: PromptContextBuilder,
        *,
        actions: Mapping[str, Action] | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`actions` are those that the settings leave switched on, unless others are given."""
        self._settings = settings.chat
        self._exclude = settings.privacy.exclude
        self._connect = connect
        self._materials = materials
        self._actions = registry.actions_for(settings.refactor) if actions is None else actions
        self._dialogue = ModelSession(settings.chat.max_tokens, materials.worker, now_s)
        self._session = PromptSession()
        self._running: set[asyncio.Task[RefactorResult]] = set()
        self._closed = False

    def offers(self, selection: RefactorSelection, only: Sequence[str] = ()) -> list[ActionOffer]:
        """What can be done at the selection, the best first; quick, and raises nothing.

        `only` are the code action kinds that are asked for, each with all below it; () for any.
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
        """Do what `offer` says, for the text that `snapshot` holds.

        `now` gives the document as it is by then, None once it is closed; without it the text
        cannot move. Raises RefactorRefused where no edit that can be trusted came of it,
        StaleDocument where the text moved on under it, ProviderError where the endpoint gave no
        answer. Cancelling hangs up at once.
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

    async def close(self) -> None:
        """Hang up on all that is under way. The provider is closed by who made it."""
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
        job = await self._job(offer, snapshot)
        chat = await self._connect()
        annotate("asked %s", chat.name)
        report(Progress("Waiting for the model"))
        draft = await self._draft(job, chat, report)
        link = await self._materials.worker.run(_link_caution, job)
        current = now() if now else snapshot
        return finalize(draft, snapshot, current, offer.title, job.home.path, link)

    async def _job(self, offer: ActionOffer, snapshot: Snapshot) -> RefactorTask:
        action = self._actions.get(offer.action)
        if action is None or offer.disabled:
            raise RefactorRefused(offer.disabled or "There is no such action any more.")
        if not 0 <= offer.span.start <= offer.span.end <= len(snapshot.text):
            raise RefactorRefused(
                "The place of this action is not in the text any more: ask again."
            )
        home = await self._materials.locate(snapshot)
        path = home.file.as_posix() if home.file is not None else home.path
        if is_sensitive(path) or holds_only_keys(snapshot.text):
            raise RefactorRefused(
                "This file is likely to hold secrets, so it is not sent to a model."
            )
        if is_sensitive(path, self._exclude):
            raise RefactorRefused(
                "privacy.exclude names this file, so it is not sent to a model: change it there."
            )
        if reason := await self._materials.worker.run(home.why_not):
            raise RefactorRefused(reason)
        errand = await self._materials.worker.run(action.model_task, offer, snapshot, home)
        return RefactorTask(offer, snapshot, errand, home)

    async def _draft(
        self, job: RefactorTask, chat: ChatProvider, report: Callable[[Progress], None]
    ) -> RefactorDraft:
        """What came of it, with less to read for a model that could not take all of it."""
        shows = job.snapshot.language in images.LANGUAGES
        sees = shows and isinstance(chat, SupportsVision) and await chat.supports_images()
        try:
            return await self._asked(job, chat, report, sees=sees)
        except ContextLengthExceeded:
            return await self._asked(job, chat, report, share=SMALLER_SHARE)

    async def _asked(
        self,
        job: RefactorTask,
        chat: ChatProvider,
        report: Callable[[Progress], None],
        *,
        sees: bool = False,
        share: float = 1.0,
    ) -> RefactorDraft:
        material = await self._materials.gather(
            job.snapshot, job.offer.span, job.home, sees=sees, share=share
        )
        look = partial(self._materials.files, job.home)
        ask = partial(build_requests, job, material, self._session, self._settings, look)
        pose = await self._materials.worker.run(ask)
        return await self._dialogue.ask(chat, pose, report)


def _link_caution(job: RefactorTask) -> str:
    """Why the document is another file than it seems; "" if it is not. Blocks."""
    file, root = job.home.file, job.home.root
    return caution_of_link(file, root) if file is not None and root is not None else ""


def _settings_changed() -> RefactorRefused:
    return RefactorRefused(
        "The settings were changed meanwhile, so nothing was changed: ask again."
    )
