"""One request on its way through the stages, and its translations at both ends.

`CompletionTask` holds the editor's request; `fim_request` turns it into the request to a provider,
and `to_completion` builds the answer for the editor. Pure; knows neither network nor LSP.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from devstral_lsp.completion.cursor_position import PositionKind, position_kind
from devstral_lsp.completion.prompt import build_prompt
from devstral_lsp.completion.stopping import stop_sequences
from devstral_lsp.completion.token_limits import token_limits
from devstral_lsp.completion.types import (
    Completion,
    CompletionKind,
    CompletionRequest,
    CursorContext,
    Draft,
    Origin,
    TriggerKind,
)
from devstral_lsp.config.schema import FimSettings
from devstral_lsp.providers.base import FimRequest, FinishReason
from devstral_lsp.providers.metering import Priority
from devstral_lsp.text import Span, normalize_newlines

LOCAL_WINDOW = 400_000
"""Code points on either side that `local` is shown: about 10,000 lines."""

LOCAL_MAX_TOKENS = 64

_OPEN_POSITIONS = (PositionKind.LINE_START, PositionKind.OPENED, PositionKind.BETWEEN)
"""Where what comes next is the question, and not how a word goes on."""

KindAt = Callable[[CursorContext], CompletionKind]

FILE_MARKER_STOP = "\n+++++ "
"""How a model that was shown several files begins the next one."""


@dataclass(frozen=True, slots=True)
class CompletionTask:
    """A request, the strings around its cursor, and what kind of answer it wants.

    `accepted`: the part of the answer that was displayed and accepted since; it follows `place`.
    `is_pause`: the request is sent only if the user pauses. `is_speculative`: the cursor is not at
    `place` yet.
    """

    request: CompletionRequest
    place: CursorContext
    kind: CompletionKind
    accepted: str = ""
    is_pause: bool = False
    is_speculative: bool = False

    @property
    def lines_accepted(self) -> int:
        return self.accepted.count("\n") + 1 if self.accepted else 0

    @property
    def uri(self) -> str:
        return self.request.snapshot.uri

    @property
    def is_manual(self) -> bool:
        return self.request.trigger is TriggerKind.INVOKED

    def wants_more_than(self, finish: FinishReason | None) -> bool:
        """Whether an answer that ended so is too little: by hand, all of it is wanted."""
        return self.is_manual and finish is FinishReason.UNCERTAIN

    @property
    def priority(self) -> Priority:
        """What it gets of a quota that is nearly used up."""
        if self.is_manual:
            return Priority.MANUAL
        if self.is_speculative:
            return Priority.SPECULATIVE
        is_open = self.is_pause or position_kind(self.place) in _OPEN_POSITIONS
        return Priority.AUTOMATIC if is_open else Priority.INSIDE_WORD


@dataclass(frozen=True, slots=True)
class CompletionSource:
    """Where a draft comes from: the provider's word, and the stage."""

    provider: str
    tier: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptOptions:
    """What a prompt is built with, beside the document: limits and what stands around it.

    `budget` counts code points. `context_prefix` goes before the prompt's own text; `cache_key` is
    the document's, and random.
    """

    budget: int
    context_prefix: str = ""
    cache_key: str = ""


def fim_request(
    question: CompletionTask, settings: FimSettings, frame: PromptOptions
) -> FimRequest:
    """The request to a model behind a network."""
    request = question.request
    windows = build_prompt(request.snapshot.text, request.offset, frame.budget)
    bounds = token_limits(question.kind, request.trigger, settings)
    stops = stop_sequences(question.kind, settings.stop)
    return FimRequest(
        prompt=frame.context_prefix + request.with_selected(windows.prompt),
        suffix=windows.suffix,
        context_length=len(frame.context_prefix),
        max_tokens=bounds.max_tokens,
        min_tokens=bounds.min_tokens,
        stop=(*stops, FILE_MARKER_STOP) if frame.context_prefix else stops,
        temperature=settings.temperature,
        top_p=settings.top_p,
        random_seed=settings.random_seed,
        cache_key=frame.cache_key,
        language=request.snapshot.language,
        priority=question.priority,
    )


def local_request(question: CompletionTask) -> FimRequest:
    """The request to `local`, which sees the whole document and costs nothing."""
    request = question.request
    text, offset = request.snapshot.text, request.offset
    before = text.slice(max(0, offset - LOCAL_WINDOW), offset)
    return FimRequest(
        prompt=request.with_selected(normalize_newlines(before)),
        suffix=normalize_newlines(text.slice(offset, offset + LOCAL_WINDOW)),
        max_tokens=LOCAL_MAX_TOKENS,
        language=request.snapshot.language,
    )


def to_completion(
    request: CompletionRequest, kept: Draft, source: CompletionSource, completion_id: str
) -> Completion:
    """What may be shown of a filtered draft; it begins with the editor's chosen popup item."""
    start, before = request.offset, ""
    if request.selected is not None:
        start, before = request.selected.span.start, request.selected.text
    return Completion(
        text=before + kept.text,
        span=Span(start, request.offset + kept.replaces_after),
        provider=source.provider,
        tier=source.tier,
        id=completion_id,
    )


def next_task_after(
    question: CompletionTask, completion: Completion, kind_at: KindAt
) -> CompletionTask:
    """The question that would be asked next if `completion` were accepted now."""
    snapshot, span = question.request.snapshot, completion.span
    text = snapshot.text.replace(span.start, span.end, completion.text)
    request = CompletionRequest(
        snapshot=replace(snapshot, version=None, text=text),
        offset=span.start + len(completion.text),
        cells_above=question.request.cells_above,
        cells_below=question.request.cells_below,
    )
    place = CursorContext.of(request, question.place.parser)
    return CompletionTask(request, place, kind_at(place), is_speculative=True)
