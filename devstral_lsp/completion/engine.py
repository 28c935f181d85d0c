"""From a cursor to what may be shown there: the stages of a keystroke, in order.

    standing     what the user sees and types along with: its rest, at once, unless it has grown
    remembered   backspaced, accepted in part, said before: straight to the filters
    joined       a stream on its way that agrees with what was typed
    debounced    only the network is waited for; a newer keystroke takes this one's place
    asked        prompt, bounds, stop strings, stream; hung up as soon as enough has come
    local        meanwhile, what the user's own code is sure of; and all there is without a network
    filtered     the same path for all of them

It knows neither LSP nor HTTP: `server/` turns requests into `CompletionRequest`s, `providers/`
turn prompts into chunks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from devstral_lsp.completion.cache import Answer, Answers, Recalled
from devstral_lsp.completion.candidates import distinct
from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.debounce import Pace
from devstral_lsp.completion.documents import HEARD_OUT_S, LINGER_S, Documents, OpenDocument, Turn
from devstral_lsp.completion.filters import Filter, look_ahead
from devstral_lsp.completion.habits import Habits
from devstral_lsp.completion.inflight import Stream
from devstral_lsp.completion.latency import USUAL_MS
from devstral_lsp.completion.network import Network
from devstral_lsp.completion.own_code import OwnCode
from devstral_lsp.completion.question import Question, Source, after_accepting
from devstral_lsp.completion.request import (
    Completion,
    CompletionRequest,
    Draft,
    Kind,
    Place,
    Tier,
)
from devstral_lsp.completion.screen import Found, Screen
from devstral_lsp.completion.spot import wanted_at
from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.completion.stop import unit
from devstral_lsp.completion.telling import told
from devstral_lsp.completion.upstream import Head, Upstream
from devstral_lsp.completion.wanted import why_not
from devstral_lsp.config.schema import Settings
from devstral_lsp.errors import ProviderError
from devstral_lsp.providers.base import FimProvider
from devstral_lsp.story import note

Asking = asyncio.Future[tuple[Draft | None, Tier]]

SURE_ENOUGH = 4
"""Code points that the user's own code must say to be shown before the network is heard: fewer
are typed as quickly as they are taken."""


class Completer:
    """Answers completion requests. `fim` is None where only `local` can answer."""

    def __init__(
        self,
        settings: Settings,
        *,
        fim: FimProvider | None,
        local: FimProvider | None,
        head: Head | None = None,
        tell: Callable[[Status], None] = lambda status: None,
        ready: Callable[[CompletionRequest], None] = lambda request: None,
        excluded: Callable[[str], Awaitable[str]] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`excluded` finds out why a document (by its URI) is sent to no model, "" if it is."""
        self._settings = settings
        self._excluded = excluded
        self._clock = clock or Clock()
        self._tell = tell
        self._ready = ready
        self._outcome = Status(StatusKind.NORMAL)
        self._answers = Answers(self._clock.now_s)
        self._pace = Pace(self._clock.now_ms, settings.completion.debounce_ms)
        self._habits = Habits(self._clock.now_ms)
        self._documents = Documents(self._clock)
        self._network = self._connected(fim, head) if fim is not None else None
        self._screen = Screen(self._clock.now_ms)
        self._own_code = OwnCode(local, self._screen)
        self.speculated = 0
        """Requests for what would come after a completion that was only shown."""

    @property
    def filters(self) -> Sequence[Filter]:
        """What drafts go through, in this order; a benchmark leaves single ones out."""
        return self._screen.filters

    @filters.setter
    def filters(self, chosen: Sequence[Filter]) -> None:
        self._screen.filters = chosen

    @told
    async def complete(self, request: CompletionRequest) -> list[Completion]:
        """One completion or none; by hand where one was shown, up to three. Raises only
        CancelledError.

        Cancelling ends the answer. The stream goes on for a moment, for the request that follows
        if what was typed agrees with it, and is hung up otherwise. An editor that has little
        patience is told when it is worth asking again.
        """
        if why_not(self._settings, request.snapshot):
            note("switched off here")
            return []
        if self._excluded is not None and await self._excluded(request.snapshot.uri):
            note("kept from assistants")
            return []
        place = Place.of(request)
        # What stands goes on as it began, and to find out what else could be asked takes parsing.
        kind = self._screen.kind(request, place) or self._kind(place)
        question = Question(request, place, kind)
        note(kind.value)
        document = self._documents.of(question.uri)
        self._pace.keys(document.keys_until(request.snapshot.version))
        self._habits.moved(question.uri, place)
        turn = document.next_turn()
        try:
            with document.hurrying(turn, request.patience_ms):
                await turn.others_answered()
                shown = await self._answer(question, document, turn)
                if shown and document.asks_again(request) and question.invoked:
                    shown += await self._further(question, document, turn, shown[0])
            if turn.hurried:
                self._hear_out(question, document, turn, shown)
            return shown
        except asyncio.CancelledError:
            if not turn.stale:
                document.linger(LINGER_S if request.patience_ms is None else HEARD_OUT_S)
                if request.patience_ms is not None:
                    self._hear_out(question, document, turn, [])
            raise
        finally:
            turn.end()

    def changed(self, uri: str) -> None:
        """The document's text is another one: what was asked about it is answered with nothing."""
        self._documents.changed(uri)

    def forget(self, uri: str) -> None:
        """The document was closed: hang up and keep nothing of it."""
        self._documents.close(uri)
        self._answers.forget(uri)
        self._habits.forget(uri)
        self._screen.forget(uri)

    def shown(self, completion_id: str) -> None:
        """The editor says that its user sees this completion now."""
        self._habits.seen(completion_id)

    def accepted(self, completion_id: str) -> None:
        """The editor says that its user took this completion, wholly or in part."""
        self._habits.accepted(completion_id)

    async def close(self) -> None:
        """Hang up every stream, and tell no more. The providers are closed by who made them."""
        self._tell = lambda status: None
        await self._documents.close_all()

    def _connected(self, fim: FimProvider, head: Head | None) -> Network:
        upstream = Upstream(fim, self._settings.fim, head, self._clock)
        return Network(
            upstream,
            self._documents,
            wait_ms=self._wait_ms,
            asked=self._asked,
            ended=self._ended,
        )

    def _kind(self, place: Place) -> Kind:
        if self._settings.completion.multiline == "never":
            return Kind.REST_OF_LINE
        return wanted_at(place)

    async def _answer(
        self, question: Question, document: OpenDocument, turn: Turn
    ) -> list[Completion]:
        if "\0" in question.place.before or "\0" in question.place.after:
            note("no text")
            return []
        standing = self._screen.standing(question.request, question.place)
        document.hang_up_what_disagrees(question.place, is_ahead_wanted=standing is not None)
        recalled = self._answers.recall(question.uri, question.place, question.kind)
        found = self._fitted_to(question, recalled, standing) if recalled is not None else None
        if standing is not None:
            grown = found or self._heard(question, document, standing)
            extends = grown is not None and grown.extends(standing)
            return self._shown(question, grown if extends else standing)
        if found is not None:
            sure = None if question.invoked else await self._own_code.sure(question)
            return self._shown(question, _surer(found, sure))
        # What was asked at this very place would be answered the same again.
        settled = recalled is not None and recalled.exact and not question.invoked
        if self._network is None or settled:
            return self._shown(question, await self._own_code.said(question))
        return await self._from_both(self._network, question, document, turn)

    async def _from_both(
        self, network: Network, question: Question, document: OpenDocument, turn: Turn
    ) -> list[Completion]:
        """The network's answer or, while it is waited for, what the user's own code is sure of."""
        asking = asyncio.ensure_future(network.draft(question, document, turn))
        try:
            quick = await self._is_quick(asking, network.upstream)
            if not quick:
                look_ahead(question.place)
            sure = None if quick or question.invoked else await self._own_code.sure(question)
            if sure is not None and len(sure.draft.text) >= SURE_ENOUGH:
                return self._shown(question, sure)
            said, tier = await asyncio.shield(asking)
        except asyncio.CancelledError:
            asking.cancel()
            raise
        finally:
            if not asking.done():
                document.meanwhile(self._hear_on(network, asking, question))
        if turn.stale:
            return []
        found = self._screen.fitted(question.place, said, Source(network.upstream.name, tier))
        if found is not None:
            return self._shown(question, _surer(found, sure))
        return self._shown(question, sure or await self._own_code.said(question))

    async def _hear_on(self, network: Network, asking: Asking, question: Question) -> None:
        """The answer is given, and the network may say how it goes on; who asks again is told."""
        said, tier = await asking
        shown = self._screen.standing(question.request, question.place)
        found = self._screen.fitted(question.place, said, Source(network.upstream.name, tier))
        grown = shown and found and found.extends(shown) and not shown.extends(found)
        if grown and question.request.patience_ms is not None:
            self._ready(question.request)

    async def _is_quick(self, asking: Asking, upstream: Upstream) -> bool:
        """Whether the network answers before there is time for anything else."""
        pausing = asyncio.ensure_future(self._clock.sleep_s(upstream.head_start_s))
        await asyncio.wait((asking, pausing), return_when=asyncio.FIRST_COMPLETED)
        pausing.cancel()
        return asking.done()

    def _fitted_to(
        self, question: Question, recalled: Recalled, standing: Found | None
    ) -> Found | None:
        text = unit(recalled.text, question.place, question.kind, ended=True) or ""
        source = Source(recalled.answer.provider, Tier.REMEMBERED)
        draft = Draft(text=text, kind=question.kind)
        return self._screen.fitted(question.place, draft, source, known=standing)

    def _heard(self, question: Question, document: OpenDocument, standing: Found) -> Found | None:
        """What has come of the stream that is on its way."""
        stream = document.stream
        if self._network is None or stream is None or stream.error is not None:
            return None
        source = Source(self._network.upstream.name, Tier.JOINED)
        draft = stream.draft_at(question.place, question.kind)
        return self._screen.fitted(question.place, draft, source, known=standing)

    async def _further(
        self, question: Question, document: OpenDocument, turn: Turn, first: Completion
    ) -> list[Completion]:
        """Other completions than the first, for a user who asks again at the same place."""
        if self._network is None:
            return []
        upstream = self._network.upstream
        if document.candidates is None:
            asking = upstream.further(question, document.cache_key)
            document.candidates = await turn.unless_stale(asking)
        source = Source(upstream.name, Tier.ASKED)
        fitted = (
            self._screen.fitted(question.place, each, source) for each in document.candidates or ()
        )
        others = (self._screen.completion(question, each) for each in fitted if each is not None)
        return distinct([first, *others])[1:]

    def _hear_out(
        self, question: Question, document: OpenDocument, turn: Turn, shown: list[Completion]
    ) -> None:
        """Until the next request comes, wait for what this one had no time for, and tell of it."""
        network, stream = self._network, document.stream
        if network is None or stream is None:
            return

        async def tell() -> None:
            draft = await network.upstream.listen(stream, question, turn)
            source = Source(network.upstream.name, Tier.JOINED)
            found = self._screen.fitted(question.place, draft, source)
            if found is not None and found.draft.text not in [each.text for each in shown]:
                self._ready(question.request)

        turn.hurried = False
        document.meanwhile(tell())

    async def _look_ahead(
        self, network: Network, question: Question, document: OpenDocument
    ) -> None:
        """Ask what would be asked next, while the user still looks at what is shown."""
        if self._answers.recall(question.uri, question.place, question.kind) is None:
            self.speculated += await network.ask_ahead(question, document)

    def _wait_ms(self, place: Place) -> float:
        first_token_ms = self._network.upstream.first_token_ms if self._network else USUAL_MS
        unwelcome = self._habits.unwelcome(place)
        return self._pace.wait_ms(place, first_token_ms=first_token_ms, unwelcome=unwelcome)

    def _asked(self) -> None:
        self._pace.asked()
        self._tell(replace(self._outcome, busy=True))

    def _ended(self, uri: str, stream: Stream) -> None:
        assert self._network is not None, "it is the one who asked"
        upstream = self._network.upstream
        if isinstance(stream.error, ProviderError):
            self._outcome = self._trouble(stream.error)
        elif stream.text or stream.finish is not None:
            answer = Answer(stream.anchor, stream.kind, stream.text, stream.finish, upstream.name)
            self._answers.remember(uri, answer)
            self._outcome = upstream.status
        self._tell(replace(self._outcome, busy=self._documents.busy))

    def _trouble(self, error: ProviderError) -> Status:
        if not self._own_code.answers:
            return Status(StatusKind.ERROR, str(error))
        return Status(StatusKind.WARNING, f"{error} Meanwhile `local` completes from your code.")

    def _shown(self, question: Question, found: Found | None) -> list[Completion]:
        if found is None:
            return []
        completion = self._screen.show(question, found)
        self._habits.shown(question.uri, question.place, completion)
        if self._network is not None and self._settings.completion.speculate:
            ahead = after_accepting(question, completion, self._kind)
            document = self._documents.of(question.uri)
            document.meanwhile(self._look_ahead(self._network, ahead, document))
        return [completion]


def _surer(found: Found, sure: Found | None) -> Found:
    """What the network says, unless the user's own code says something else and is sure of it."""
    if sure is None or found.extends(sure) or sure.extends(found):
        return found
    return sure
