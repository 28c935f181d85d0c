"""Answers that were given, kept raw, for the cursor to come back to.

Keyed by what determines an answer: the document, the text before and after the cursor as far as it
matters, and the kind of question. Looked up for a cursor that has moved on inside an answer as
well: typed-through, backspaced over, or accepted in part. Holds no error, nothing filtered, and
nothing for longer than it is likely to be true. Knows no network and no LSP.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from sys import getsizeof

from cachetools import TTLCache

from devstral_lsp.completion.stopping import Measured, measure
from devstral_lsp.completion.task import CompletionSource, CompletionTask
from devstral_lsp.completion.typed_through import RequestAnchor, could_lead_to, remaining_text
from devstral_lsp.completion.types import CompletionKind, CursorContext, Draft, Origin
from devstral_lsp.observability.trace import annotate
from devstral_lsp.providers.base import FinishReason

MAX_BYTES = 4_000_000
"""About five hundred answers with the text around them."""

TTL_S = 900.0
"""A quarter of an hour: the rest of a project has moved on by then."""

MAX_EXAMINED = 20
"""How many of a document's latest answers are examined after the cursor moved."""

_Key = tuple[str, RequestAnchor, CompletionKind]


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """A model's answer at an anchor: `text` raw, with "\\n" line ends.

    `finish` is None if the stream was cancelled; the last line may then be partial, as it may be if
    `finish` says that the model was cut off.
    """

    anchor: RequestAnchor
    kind: CompletionKind
    text: str
    finish: FinishReason | None
    provider: str

    @property
    def ends_cleanly(self) -> bool:
        return self.finish in (FinishReason.STOP, FinishReason.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class CacheHit:
    """What of an answer is left at a place; `exact` where it was given for this very place."""

    text: str
    answer: CachedAnswer
    exact: bool = False

    @property
    def source(self) -> CompletionSource:
        return CompletionSource(self.answer.provider, Origin.CACHE)

    def draft_for(self, question: CompletionTask) -> Draft:
        """The first unit that is left."""
        place, kind, beyond = question.place, question.kind, question.lines_accepted
        measured = measure(self.text, place, kind, ended=True, beyond=beyond)
        measured = measured or Measured(self.text)
        is_cut = self.answer.finish is FinishReason.UNCERTAIN and measured.text == self.text
        finish = FinishReason.UNCERTAIN if is_cut else FinishReason.STOP
        goes_on = not measured.is_complete
        return Draft(text=measured.text, kind=kind, finish=finish, goes_on=goes_on)


class CompletionCache:
    """Remembers answers, bounded in bytes and time. `clock` gives seconds."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        max_bytes: int = MAX_BYTES,
        ttl_s: float = TTL_S,
    ) -> None:
        self._cache: TTLCache[_Key, CachedAnswer] = TTLCache(
            maxsize=max_bytes, ttl=ttl_s, timer=clock, getsizeof=_size
        )
        self._newest: dict[str, OrderedDict[_Key, int]] = {}
        """Of each document, the newest last, with the answer's length in code points. They may have
        left the cache since."""

    def store(self, uri: str, answer: CachedAnswer) -> None:
        """Keep an answer of the document `uri`; one that is larger than the whole bound is not."""
        key = (uri, answer.anchor, answer.kind)
        self._cache.pop(key, None)
        if _size(answer) <= self._cache.maxsize:
            self._cache[key] = answer
            newest = self._newest.setdefault(uri, OrderedDict())
            newest[key] = len(answer.text)
            newest.move_to_end(key)
            if len(newest) > MAX_EXAMINED:
                newest.popitem(last=False)

    def lookup(self, uri: str, place: CursorContext, kind: CompletionKind) -> CacheHit | None:
        """The newest answer that still holds at `place` and has something left to say.

        An answer that was empty counts where it was given, exactly: asking again there would get
        nothing again.
        """
        exact = self._cache.get((uri, RequestAnchor.of(place), kind))
        if exact is not None:
            kept = _trusted(exact.text, exact)
            if kept is not None or exact.ends_cleanly:
                facts = {} if kept else {"verdict": "empty"}
                annotate("this very place was asked about before", stage="cache", **facts)
                return CacheHit(kept or "", exact, exact=True)
        for key, length in reversed(self._newest.get(uri, OrderedDict()).items()):
            if not could_lead_to(key[1], place, length) or (answer := self._cache.get(key)) is None:
                continue
            rest = remaining_text(answer.text, answer.anchor, place)
            if rest and (left := _trusted(rest, answer)) is not None:
                annotate("an earlier answer still holds", stage="cache")
                return CacheHit(left, answer)
        annotate("nothing remembered", stage="cache")
        return None

    def forget(self, uri: str) -> None:
        """Drop every answer of a document."""
        self._newest.pop(uri, None)
        for key in [key for key in self._cache if key[0] == uri]:
            self._cache.pop(key, None)

    def __len__(self) -> int:
        return len(self._cache)


def _trusted(rest: str, answer: CachedAnswer) -> str | None:
    """`rest` without a last line that may have been cut; None if nothing worth showing is left."""
    if not answer.ends_cleanly:
        rest = rest[: rest.rfind("\n") + 1].rstrip("\n")
    return rest if rest.strip() else None


def _size(answer: CachedAnswer) -> int:
    """In bytes."""
    anchor = answer.anchor
    return sum(map(getsizeof, (answer, anchor, answer.text, anchor.before, anchor.after)))
