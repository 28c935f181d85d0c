"""From a cursor to what may be shown there: the stages of a keystroke, in order.

    standing     what the user sees and types along with: its rest, at once, unless it has grown
    remembered   backspaced, accepted in part, said before: straight to the filters
    joined       a stream on its way that agrees with what was typed
    debounced    only the network is waited for; a newer keystroke takes this one's place
    asked        prompt, limits, stop strings, stream; cancelled as soon as enough has come
    local        until the model answers, and without a network: the user's own code
    filtered     the same path for all of them

It knows neither LSP nor HTTP: `server/` turns requests into `CompletionRequest`s, `providers/`
turn prompts into chunks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from devstral_lsp.completion.acceptance import AcceptanceTracker
from devstral_lsp.completion.alternatives import deduplicate
from devstral_lsp.completion.availability import disabled_reason, silence_of_settings
from devstral_lsp.completion.cache import CachedAnswer, CompletionCache
from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.cursor_position import infer_kind_with_syntax
from devstral_lsp.completion.debounce import Debouncer
from devstral_lsp.completion.display import DisplayState, FilteredDraft
from devstral_lsp.completion.filters import prewarm
from devstral_lsp.completion.inflight import InflightStream
from devstral_lsp.completion.latency import USUAL_MS
from devstral_lsp.completion.local import LocalCompleter
from devstral_lsp.completion.remote import RemoteCompleter
from devstral_lsp.completion.sessions import (
    ORPHAN_STREAM_TTL_S,
    READY_NOTIFICATION_TTL_S,
    DocumentSession,
    DocumentSessions,
    RequestTurn,
)
from devstral_lsp.completion.status import Status, StatusKind, failure_status
from devstral_lsp.completion.task import CompletionSource, CompletionTask, next_task_after
from devstral_lsp.completion.trace import traced_completion
from devstral_lsp.completion.types import (
    Completion,
    CompletionKind,
    CompletionRequest,
    CursorContext,
    Draft,
    Origin,
)
from devstral_lsp.completion.upstream import ContextPrefix, Upstream
from devstral_lsp.config.schema import Settings
from devstral_lsp.errors import ProviderError
from devstral_lsp.observability.trace import TraceObserver, annotate
from devstral_lsp.providers.base import FimProvider

Asking = asyncio.Future[tuple[Draft | None, Origin]]

MIN_LOCAL_LENGTH = 4
"""Code points that the user's own code must say to be shown before the network is heard: fewer
are typed as quickly as they are taken."""


class CompletionEngine:
    """Answers completion requests. `fim` is None where only `local` can answer."""

    def __init__(
        self,
        settings: Settings,
        *,
        fim: FimProvider | None,
        local: FimProvider | None,
        head: ContextPrefix | None = None,
        tell: Callable[[Status], None] = lambda status: None,
        ready: Callable[[CompletionRequest], None] = lambda request: None,
        excluded: Callable[[str], Awaitable[str]] | None = None,
        settings_for: Callable[[str], Settings] | None = None,
        silence: Callable[[CompletionRequest], str] = lambda request: "",
        clock: Clock | None = None,
        observer: TraceObserver | None = None,
    ) -> None:
        """For a URI, `excluded` says why it is sent to no model, `settings_for` its settings.
        `silence` says why a request gets nothing."""
        self._settings, self.observer = settings, observer
        self._settings_for = settings_for or (lambda uri: settings)
        self._excluded = excluded
        self._silence = silence
        self._clock = clock or Clock()
        self._tell = tell
        self._ready = ready
        self._outcome = Status(StatusKind.NORMAL)
        self._answers = CompletionCache(self._clock.now_s)
        self._pace = Debouncer(self._clock.now_ms, settings.completion.debounce_ms)
        self._habits = AcceptanceTracker(self._clock.now_ms)
        self._documents = DocumentSessions(self._clock)
        self._network: RemoteCompleter | None = None
        if fim is not None:
            upstream = Upstream(fim, settings.fim, head, self._clock)
            self._network = RemoteCompleter(
                *(upstream, self._documents),
                wait_ms=self._wait_ms,
                asked=self._asked,
                ended=self._ended,
            )
        self.display = DisplayState(self._clock.now_ms)
        self._own_code = LocalCompleter(local, self.display)
        self.speculative_requests = 0
        """Requests for the continuation of a completion that was displayed but not accepted."""

    @traced_completion
    async def complete(self, request: CompletionRequest) -> list[Completion]:
        """One completion or none; by hand where one was shown, up to three. Raises only
        CancelledError.

        Cancelling ends the answer. The stream goes on for a moment, for a next request whose typed
        text agrees with it, and is cancelled otherwise. An editor with a short timeout gets a
        notification once a longer answer is ready.
        """
        settings = self._settings_for(request.snapshot.uri)
        silence = silence_of_settings(settings, request, self._documents.parser)
        if silence := silence or self._silence(request):
            reason = disabled_reason(settings, request.snapshot) or silence
            annotate(silence, stage="mode", verdict="off", reason=reason)
            return []
        if self._excluded and (reason := await self._excluded(request.snapshot.uri)):
            annotate("kept from assistants", stage="mode", verdict="off", reason=reason)
            return []
        place = CursorContext.of(request, self._documents.parser)
        # What stands goes on as it began, and to find out what else could be asked takes parsing.
        kind = self.display.kind(request, place) or self._kind(place)
        question = CompletionTask(request, place, kind)
        annotate(kind.value, stage="mode", kind=kind.value)
        document = self._documents.get(question.uri)
        self._pace.record_keystrokes(keys := document.keystrokes_since(request.snapshot.version))
        self._habits.moved(question.uri, place, keys)
        turn = document.next_turn()
        try:
            with document.deadline(turn, request.deadline_ms):
                await turn.wait_for_previous()
                shown = await self._answer(question, document, turn)
                is_repeated = shown and document.is_repeated_request(request)
                if is_repeated and question.is_manual and self._network is not None:
                    drafts = await self._network.alternatives(question, document, turn)
                    source = CompletionSource(self._network.upstream.name, Origin.REQUEST)
                    others = self.display.alternatives(question, drafts, source)
                    shown = deduplicate([*shown, *others])
            if turn.deadline_passed:
                self._notify_when_ready(question, document, turn, shown)
            return shown
        except asyncio.CancelledError:
            if not turn.is_superseded:
                document.cancel_stream_later(
                    ORPHAN_STREAM_TTL_S if request.deadline_ms is None else READY_NOTIFICATION_TTL_S
                )
                if request.deadline_ms is not None:
                    self._notify_when_ready(question, document, turn, [])
            raise
        finally:
            turn.end()

    def changed(self, uri: str) -> None:
        """The document's text is another one: what was asked about it is answered with nothing."""
        self._documents.changed(uri)

    def forget(self, uri: str) -> None:
        """The document was closed: cancel its streams and forget all about it."""
        self._documents.close(uri)
        self._answers.forget(uri)
        self._habits.forget(uri)
        self.display.forget(uri)

    def shown(self, completion_id: str) -> None:
        """The editor says that its user sees this completion now."""
        self._habits.displayed(completion_id)

    def accepted(self, completion_id: str, *, whole: bool = True) -> None:
        """The editor says that its user took this completion, wholly or in part."""
        self._habits.accepted(completion_id, whole=whole)

    async def close(self) -> None:
        """Cancel all streams and send no more statuses. Does not close the providers."""
        self._tell = lambda status: None
        await self._documents.close_all()

    def _kind(self, place: CursorContext) -> CompletionKind:
        is_one_line = self._settings.completion.multiline == "never"
        return CompletionKind.REST_OF_LINE if is_one_line else infer_kind_with_syntax(place)

    async def _answer(
        self, question: CompletionTask, document: DocumentSession, turn: RequestTurn
    ) -> list[Completion]:
        if "\0" in question.place.before + question.place.after:
            annotate("the document is no text", stage="mode", verdict="off")
            return []
        standing = self.display.current(question.request, question.place)
        begun = self.display.unfinished(question)
        place = (begun or question).place
        document.cancel_conflicting_stream(place, is_ahead_wanted=standing is not None)
        if begun is not None and (part := await self._next_part(begun, question, document, turn)):
            return self._shown(question, part)
        if not question.is_manual and self._habits.is_passed_over(question.uri, question.place):
            words = "you have read what is suggested here, and typed past it"
            annotate(words, stage="acceptance", verdict="empty")
            return []
        if standing is not None and standing.is_final:
            return self._shown(question, standing)
        recalled = self._answers.lookup(question.uri, question.place, question.kind)
        if recalled is not None and question.wants_more_than(recalled.answer.finish):
            recalled = None
        found = None
        if recalled is not None:
            first, source = recalled.draft_for(question), recalled.source
            found = self.display.apply_filters(question.place, first, source, known=standing)
        if standing is not None:
            if found is None and self._network is not None:
                draft = self._network.coming(question, document)
                source = CompletionSource(self._network.upstream.name, Origin.INFLIGHT)
                found = self.display.apply_filters(question.place, draft, source, known=standing)
            replaces = found is not None and found.replaces(standing)
            return self._shown(question, found if replaces else standing)
        if found is not None:
            return self._shown(question, await self._own_code.agreed_start(question, found))
        # What was asked at this very place would be answered the same again.
        settled = recalled is not None and recalled.exact and not question.is_manual
        if (alone := self._network is None) or settled:
            return self._shown(question, await self._own_code.complete(question, alone=alone))
        return await self._race_local_and_remote(self._network, question, document, turn)

    async def _race_local_and_remote(
        self,
        network: RemoteCompleter,
        question: CompletionTask,
        document: DocumentSession,
        turn: RequestTurn,
    ) -> list[Completion]:
        """The network's answer or, while it is waited for, what the user's own code is sure of."""
        asking = asyncio.ensure_future(network.complete(question, document, turn))
        try:
            quick = await network.upstream.answers_at_once(asking)
            if not quick:
                prewarm(question.place)
            sure = None if quick else await self._own_code.complete_if_instant(question)
            if sure is not None and len(sure.draft.text) >= MIN_LOCAL_LENGTH:
                return self._shown(question, sure)
            said, tier = await asyncio.shield(asking)
        except asyncio.CancelledError:
            asking.cancel()
            raise
        finally:
            if not asking.done():
                document.run_in_background(self._watch_for_longer_answer(network, asking, question))
        if turn.is_superseded:
            return []
        source = CompletionSource(network.upstream.name, tier)
        found = self.display.apply_filters(question.place, said, source)
        said_here = found or sure or await self._own_code.complete(question)
        return self._shown(question, said_here)

    async def _watch_for_longer_answer(
        self, network: RemoteCompleter, asking: Asking, question: CompletionTask
    ) -> None:
        """After a local answer: wait for the model's longer one, and notify the editor of it."""
        said, tier = await asking
        shown = self.display.current(question.request, question.place)
        source = CompletionSource(network.upstream.name, tier)
        found = self.display.apply_filters(question.place, said, source)
        replaces = shown and found and found.replaces(shown) and not shown.extends(found)
        if replaces and question.request.deadline_ms is not None:
            self._ready(question.request)

    async def _next_part(
        self,
        begun: CompletionTask,
        question: CompletionTask,
        document: DocumentSession,
        turn: RequestTurn,
    ) -> FilteredDraft | None:
        """What follows in a unit of which the first part was accepted, without asking for it."""
        network = self._network
        if network is not None and (draft := await network.heard(begun, document, turn)):
            source = CompletionSource(network.upstream.name, Origin.INFLIGHT)
            return self.display.next_part(question, begun, draft, source)
        if (known := self._answers.lookup(begun.uri, begun.place, begun.kind)) is None:
            return None
        return self.display.next_part(question, begun, known.draft_for(begun), known.source)

    def _notify_when_ready(
        self,
        question: CompletionTask,
        document: DocumentSession,
        turn: RequestTurn,
        shown: list[Completion],
    ) -> None:
        """After an early answer: wait for the rest until the next request comes, and notify."""
        network, stream = self._network, document.stream
        if network is None or stream is None:
            return

        async def tell() -> None:
            draft = await network.upstream.await_suggestion(stream, question, turn)
            source = CompletionSource(network.upstream.name, Origin.INFLIGHT)
            found = self.display.apply_filters(question.place, draft, source)
            if found is not None and found.draft.text not in [each.text for each in shown]:
                self._ready(question.request)

        turn.deadline_passed = False
        document.run_in_background(tell())

    async def _prefetch_next(
        self, network: RemoteCompleter, question: CompletionTask, document: DocumentSession
    ) -> None:
        """Ask what would be asked next, while the user still looks at what is shown."""
        if self._answers.lookup(question.uri, question.place, question.kind) is None:
            self.speculative_requests += await network.prefetch(question, document)

    def _wait_ms(self, place: CursorContext) -> float:
        upstream = self._network.upstream if self._network else None
        first_token_ms = upstream.first_token_ms if upstream else USUAL_MS
        unwelcome = self._habits.is_suppressed(place) or (upstream and upstream.is_scarce) or False
        return self._pace.delay_ms(place, first_token_ms=first_token_ms, unwelcome=unwelcome)

    def _asked(self) -> None:
        self._pace.record_request()
        self._tell(replace(self._outcome, busy=True))

    def _ended(self, uri: str, stream: InflightStream) -> None:
        assert self._network is not None, "it is the one who asked"
        upstream = self._network.upstream
        if isinstance(stream.error, ProviderError):
            self._outcome = failure_status(stream.error, has_local=self._own_code.is_enabled)
        elif stream.text or stream.finish is not None:
            answer = CachedAnswer(
                stream.anchor, stream.kind, stream.text, stream.finish, upstream.name
            )
            self._answers.store(uri, answer)
            self._outcome = upstream.status
        self._tell(replace(self._outcome, busy=self._documents.busy))

    def _shown(self, question: CompletionTask, found: FilteredDraft | None) -> list[Completion]:
        if found is None:
            return []
        completion = self.display.display(question, found)
        self._habits.shown(question.uri, question.place, completion)
        if (network := self._network) and network.upstream.speculates(self._settings.completion):
            ahead = next_task_after(question, completion, self._kind)
            document = self._documents.get(question.uri)
            document.run_in_background(self._prefetch_next(network, ahead, document))
        return [completion]
