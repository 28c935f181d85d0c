"""Asks for holes: through the product's own application and engine, or as naively as one can.

Both ask the same provider through the same tape. Only the application's own seams are used, so
whatever the product does at a cursor happens here too: context, windows, stops, filters.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.holes.corpus import SourceFile
from benchmarks.holes.judge import Suggestion
from benchmarks.holes.places import Hole
from benchmarks.holes.tape import Heard, Tape, Taped
from benchmarks.replay.tokens import count_tokens
from devstral_lsp.app import App
from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.filters import Filter
from devstral_lsp.completion.token_limits import WANTED_TOKENS
from devstral_lsp.completion.types import CompletionRequest, TriggerKind
from devstral_lsp.config import readers
from devstral_lsp.config.merge import ResolvedSettings, SettingsLayer, resolve
from devstral_lsp.config.setting_spec import Layer
from devstral_lsp.endpoints.resolve import fim_candidates
from devstral_lsp.errors import ConfigError, ProviderError
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Endpoint, FimProvider, FimRequest
from devstral_lsp.text import Snapshot, Text

NAIVE_LINES = (60, 20)
"""Before the cursor's line and after it: what a client sends that thinks no further."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was suggested at a hole and what it took. `heard` is None where no model was asked.

    `latency_ms` is None where the answer came from the tape.
    """

    suggestion: Suggestion
    heard: Heard | None
    latency_ms: float | None

    @property
    def prompt_tokens(self) -> int:
        """As the endpoint counted them, else estimated."""
        if self.heard is None:
            return 0
        if self.heard.usage is not None and self.heard.usage.prompt_tokens:
            return self.heard.usage.prompt_tokens
        return count_tokens(self.heard.prompt) + count_tokens(self.heard.suffix)

    @property
    def generated_tokens(self) -> int:
        """As the endpoint counted them, else estimated: who hangs up is told no number."""
        if self.heard is None:
            return 0
        if self.heard.usage is not None and self.heard.usage.completion_tokens:
            return self.heard.usage.completion_tokens
        return count_tokens(self.heard.text)

    @property
    def failure(self) -> str:
        return self.heard.failure if self.heard is not None else ""


def parse_setting(pair: str) -> tuple[str, object]:
    """A setting and its value, which is JSON or else plain text."""
    key, _, value = pair.partition("=")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def settings_for(options: Mapping[str, object]) -> ResolvedSettings:
    """Defaults, the environment, and `options` (dotted settings) above them.

    No settings file is read, so that a result can be repeated elsewhere. Raises ConfigError.
    """
    typed = SettingsLayer(Layer.ENVIRONMENT, "command line", options)
    resolved = resolve([readers.read_environment(os.environ), typed])
    if resolved.problems:
        raise ConfigError(resolved.problems[0].sentence)
    return resolved


class Engine:
    """The product's application, with the tape between its engine and the provider."""

    def __init__(self, app: App, tape: Tape, trigger: TriggerKind) -> None:
        self._app = app
        self._tape = tape
        self._trigger = trigger
        self._folder: Path | None = None

    async def ask(self, hole: Hole, beside: Sequence[SourceFile]) -> Asked:
        """What the engine shows at `hole` in a session in which the files `beside` are open."""
        await self._move_to(hole.file.folder)
        opened = [_snapshot(file, file.text) for file in beside]
        current = _snapshot(hole.file, hole.before + hole.after)
        for snapshot in (*opened, current):
            self._app.changed(snapshot)
        if self._app.provider == "local":
            await self._app.wait_until_indexed()
        self._tape.last = None
        started_s = time.perf_counter()
        request = CompletionRequest(snapshot=current, offset=hole.start, trigger=self._trigger)
        found = await self._app.completer.complete(request)
        elapsed_ms = (time.perf_counter() - started_s) * 1000
        await self._tape.idle()  # the engine listens on for what comes next, which costs too
        for snapshot in (current, *opened):
            self._app.closed(snapshot.uri)
        suggestion = Suggestion("")
        if found:
            suggestion = Suggestion(found[0].text, found[0].span.end - hole.start)
        return _asked(suggestion, self._tape.last, elapsed_ms)

    async def _move_to(self, folder: Path) -> None:
        if folder != self._folder:
            self._folder = folder
            self._app.set_workspace_folders([folder])


@asynccontextmanager
async def engine(
    resolved: ResolvedSettings, tape: Tape, filters: Sequence[Filter], trigger: TriggerKind
) -> AsyncIterator[Engine]:
    """The application with these settings and filters. Raises ConfigError without a provider."""
    notices: list[str] = []
    app = _TapedApp(resolved, tape, filters, notify=lambda notice: notices.append(notice.message))
    try:
        await app.ready()
        if app.provider == "local" and resolved.settings.fim.provider != "local":
            raise ConfigError(" ".join(notices) or "There is no provider to ask.")
        yield Engine(app, tape, trigger)
    finally:
        await app.close()


class _TapedApp(App):
    """The application, except that its engines hear the provider through a tape."""

    def __init__(
        self, resolved: ResolvedSettings, tape: Tape, filters: Sequence[Filter], **options: object
    ) -> None:
        self._tape = tape
        self._filters = tuple(filters)
        super().__init__(resolved, **options)  # type: ignore[arg-type]

    def _new_completer(self, fim: FimProvider | None) -> CompletionEngine:
        completer = super()._new_completer(Taped(fim, self._tape) if fim is not None else None)
        completer.display.filters = self._filters
        return completer


class Naive:
    """Sixty lines before, twenty after, no context, no filters."""

    def __init__(self, resolved: ResolvedSettings, provider: FimProvider, tape: Tape) -> None:
        self._settings = resolved.settings.fim
        self._provider = Taped(provider, tape)
        self._tape = tape

    async def ask(self, hole: Hole) -> Asked:
        """All that the model says until it ends by itself or by its tokens, as it said it."""
        request = naive_request(hole, self._settings.temperature)
        self._tape.last = None
        started_s = time.perf_counter()
        said = ""
        # A failure leaves nothing to show; the tape remembers why.
        with suppress(ProviderError):
            async with aclosing(self._provider.fim(request)) as chunks:
                async for chunk in chunks:
                    said += chunk.text
        elapsed_ms = (time.perf_counter() - started_s) * 1000
        text = said.replace("\r\n", "\n").rstrip()
        return _asked(Suggestion(text), self._tape.last, elapsed_ms)


def cut_to(hole: Hole, asked: Asked) -> Asked:
    """The same answer with as many lines as `hole` has, which no client can know."""
    lines = asked.suggestion.text.split("\n")[: hole.truth.count("\n") + 1]
    return replace(asked, suggestion=Suggestion("\n".join(lines).rstrip()))


@asynccontextmanager
async def naive(resolved: ResolvedSettings, tape: Tape) -> AsyncIterator[Naive]:
    """The provider that the settings lead to. Raises ConfigError if there is none."""
    chosen = fim_candidates(resolved, os.environ)[0]
    if chosen.endpoint is None and chosen.provider != "local":
        raise ConfigError(" ".join(notice.message for notice in chosen.notices))
    provider = PROVIDERS[chosen.provider].build_fim(chosen.endpoint or Endpoint())
    try:
        yield Naive(resolved, provider, tape)
    finally:
        await provider.close()


def naive_request(hole: Hole, temperature: float | None) -> FimRequest:
    """The window of NAIVE_LINES around `hole`, and the tokens that its kind may need, no stop."""
    above, below = NAIVE_LINES
    *lines, own = hole.before.split("\n")
    rest, *following = hole.after.split("\n")
    return FimRequest(
        prompt="\n".join([*lines[-above:], own]),
        suffix="\n".join([rest, *following[:below]]),
        max_tokens=WANTED_TOKENS[hole.kind],
        temperature=temperature,
        language=hole.file.language,
    )


def _asked(suggestion: Suggestion, heard: Heard | None, elapsed_ms: float) -> Asked:
    replayed = heard is not None and heard.replayed
    return Asked(suggestion, heard, None if replayed else elapsed_ms)


def _snapshot(file: SourceFile, text: str) -> Snapshot:
    return Snapshot(file.path.absolute().as_uri(), 1, file.language, Text.of(text))
