"""One request on its way through the stages, and what it becomes on either end.

`Question` holds what the editor asked; `fim_request` makes of it what a provider is asked, and
`completion_of` what the editor gets. Pure; knows neither network nor LSP.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from devstral_lsp.completion.bounds import bounds_for
from devstral_lsp.completion.prompt import build
from devstral_lsp.completion.request import (
    Completion,
    CompletionRequest,
    Draft,
    Kind,
    Place,
    Tier,
    Trigger,
)
from devstral_lsp.completion.stop import stops_for
from devstral_lsp.config.schema import FimSettings
from devstral_lsp.providers.base import FimRequest
from devstral_lsp.text import Span, with_newlines

LOCAL_WINDOW = 400_000
"""Code points on either side that `local` is shown: about 10,000 lines."""

LOCAL_MAX_TOKENS = 64

KindAt = Callable[[Place], Kind]

NEXT_FILE = "\n+++++ "
"""How a model that was shown several files begins the next one."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request, the strings around its cursor, and what kind of answer it wants."""

    request: CompletionRequest
    place: Place
    kind: Kind

    @property
    def uri(self) -> str:
        return self.request.snapshot.uri

    @property
    def invoked(self) -> bool:
        return self.request.trigger is Trigger.INVOKED


@dataclass(frozen=True, slots=True)
class Source:
    """Where a draft comes from: the provider's word, and the stage."""

    provider: str
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a prompt is built with, beside the document: limits and what stands around it.

    `budget` counts code points. `head` goes before the prompt's own text; `cache_key` is the
    document's, and random.
    """

    budget: int
    head: str = ""
    cache_key: str = ""


def fim_request(question: Question, settings: FimSettings, frame: Frame) -> FimRequest:
    """What a model behind a network is asked."""
    request = question.request
    windows = build(request.snapshot.text, request.offset, frame.budget)
    bounds = bounds_for(question.kind, request.trigger, settings)
    stops = stops_for(question.place, question.kind, settings.stop)
    return FimRequest(
        prompt=frame.head + request.with_selected(windows.prompt),
        suffix=windows.suffix,
        head_length=len(frame.head),
        max_tokens=bounds.max_tokens,
        min_tokens=bounds.min_tokens,
        stop=(*stops, NEXT_FILE) if frame.head else stops,
        temperature=settings.temperature,
        top_p=settings.top_p,
        random_seed=settings.random_seed,
        cache_key=frame.cache_key,
        language=request.snapshot.language,
    )


def local_request(question: Question) -> FimRequest:
    """What `local` is asked: it sees the whole document, and costs nothing."""
    request = question.request
    text, offset = request.snapshot.text, request.offset
    before = text.slice(max(0, offset - LOCAL_WINDOW), offset)
    return FimRequest(
        prompt=request.with_selected(with_newlines(before)),
        suffix=with_newlines(text.slice(offset, offset + LOCAL_WINDOW)),
        max_tokens=LOCAL_MAX_TOKENS,
        language=request.snapshot.language,
    )


def completion_of(
    request: CompletionRequest, kept: Draft, source: Source, completion_id: str
) -> Completion:
    """What may be shown of a filtered draft; it begins with the editor's chosen popup item."""
    start, before = request.offset, ""
    if request.selected is not None:
        start, before = request.selected.span.start, request.selected.text
    return Completion(
        text=before + kept.text,
        span=Span(start, request.offset + kept.covers),
        provider=source.provider,
        tier=source.tier,
        id=completion_id,
    )


def after_accepting(question: Question, completion: Completion, kind_at: KindAt) -> Question:
    """The question that would be asked next if `completion` were accepted now."""
    snapshot, span = question.request.snapshot, completion.span
    text = snapshot.text.replace(span.start, span.end, completion.text)
    request = CompletionRequest(
        snapshot=replace(snapshot, version=None, text=text),
        offset=span.start + len(completion.text),
        cells_above=question.request.cells_above,
        cells_below=question.request.cells_below,
    )
    place = Place.of(request)
    return Question(request, place, kind_at(place))
