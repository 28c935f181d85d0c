"""The prompt that the product would send at a place, and how long its context took to gather.

Through the product's own application and engine, as an editor would ask; in the model's place
stands one that writes down what it is asked and says nothing.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.holes.asking import settings_for
from benchmarks.members.places import Place
from devstral_lsp.app import App
from devstral_lsp.completion.engine import CompletionEngine
from devstral_lsp.completion.types import CompletionRequest, TriggerKind
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Chunk, Endpoint, FimProvider, FimRequest, FinishReason
from devstral_lsp.providers.metering import ProviderLimits
from devstral_lsp.text import Snapshot, Text

MAX_TOKENS = 24
"""That a model may answer: the rest of a line."""
DEADLINE_MS = 2000
"""As long as the sources may take."""
MOST_ASKED = 4
"""Times that a place is asked about where the sources were late: they go on meanwhile."""
LOOKED_AROUND_S = 15.0
"""After a folder was opened, until its files have been looked through."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent. `head` is what of the prompt tells of other files; times are in ms."""

    head: str
    prompt: str
    suffix: str
    gathered_ms: float
    said: str = ""
    """What the model answered, where one was asked."""

    def has(self, name: str) -> bool:
        """Whether the name stands anywhere in what was sent."""

        return (
            re.search(rf"\b{re.escape(name)}\b", self.head + self.prompt + self.suffix) is not None
        )


class Recorder:
    """A provider that writes down what it is asked."""

    name = "recorder"

    def __init__(self, prompt_tokens: int) -> None:
        self.limits = ProviderLimits(prompt_tokens=prompt_tokens)
        self.asked: FimRequest | None = None
        self.asked_s = 0.0

    async def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        self.asked, self.asked_s = request, time.perf_counter()
        yield Chunk(finish=FinishReason.STOP)

    async def warm(self) -> None:
        pass

    async def close(self) -> None:
        pass


class _RecordedApp(App):
    """The application, except that its engine asks the recorder."""

    def __init__(self, recorder: Recorder, options: Mapping[str, object]) -> None:
        self._recorder = recorder
        super().__init__(settings_for(options), notify=lambda notice: None)

    def _new_completer(self, fim: FimProvider | None) -> CompletionEngine:
        return super()._new_completer(self._recorder)


class Asker:
    """Asks in one session; `close` ends it. Of a document `prompt_tokens` are sent at most, and the
    request goes to the llama.cpp server at `model`, "" for none."""

    def __init__(
        self, options: Mapping[str, object], prompt_tokens: int = 2048, model: str = ""
    ) -> None:
        chosen: dict[str, object] = {
            "fim.provider": "local",
            "completion.debounce_ms": 0,
            "local.workspace": False,
            "context.deadline_ms": DEADLINE_MS,
        }
        self._recorder = Recorder(prompt_tokens)
        self._app = _RecordedApp(self._recorder, chosen | dict(options))
        self._folder: Path | None = None
        endpoint = Endpoint(base_url=model, timeout_ms=600_000)
        self._model = PROVIDERS["llamacpp"].build_fim(endpoint) if model else None

    async def ask(self, place: Place) -> Sent:
        """What is sent where the file was opened, and nothing beside it."""
        if place.file.package.folder != self._folder:
            self._folder = place.file.package.folder
            self._app.set_workspace_folders([self._folder])
            await self._ask(place)
            await asyncio.sleep(LOOKED_AROUND_S)
        sent = await self._ask(place)
        for _ in range(MOST_ASKED - 1):
            if sent.gathered_ms < DEADLINE_MS:
                break
            sent = replace(await self._ask(place), gathered_ms=sent.gathered_ms)
        return sent

    async def _ask(self, place: Place) -> Sent:
        await self._app.ready()
        text = Text.of(place.before + place.after)
        snapshot = Snapshot(place.file.path.as_uri(), 1, place.file.language, text)
        self._app.changed(snapshot)
        self._recorder.asked = None
        request = CompletionRequest(
            snapshot=snapshot, offset=len(place.before), trigger=TriggerKind.INVOKED
        )
        began_s = time.perf_counter()
        await self._app.completer.complete(request)
        self._app.closed(snapshot.uri)
        asked = self._recorder.asked
        if asked is None:
            return Sent("", "", "", 0.0)
        head, prompt = asked.prompt[: asked.context_length], asked.prompt[asked.context_length :]
        gathered_ms = (self._recorder.asked_s - began_s) * 1000
        return Sent(head, prompt, asked.suffix, gathered_ms, await self._said(asked))

    async def _said(self, asked: FimRequest) -> str:
        """The first line that the model answers, greedily."""
        if self._model is None:
            return ""
        said = ""
        request = replace(asked, max_tokens=MAX_TOKENS, temperature=0, stop=("\n",))
        async with aclosing(self._model.fim(request)) as chunks:
            async for chunk in chunks:
                said += chunk.text
                if "\n" in said:
                    break
        return said

    async def close(self) -> None:
        """End the session."""
        if self._model is not None:
            await self._model.close()
        await self._app.close()
