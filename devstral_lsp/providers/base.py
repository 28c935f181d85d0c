"""What the rest of the program and a model endpoint say to each other.

Providers take strings and give chunks: they know no document, no path of the user's, no cursor
and no LSP. Adding one is a file in this folder and a line in `providers/__init__.py`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol, runtime_checkable


class Finish(Enum):
    """Why a stream ended, in one vocabulary for all endpoints."""

    STOP = "stop"
    """The model was done, or hit a stop string."""
    LENGTH = "length"
    """Cut by max_tokens or by the context: the last line may be partial."""
    TOOL_CALLS = "tool_calls"
    """Chat only: the model wants tools run."""
    TRUNCATED = "truncated"
    """The stream ended without saying why: treat the tail as partial."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of an answer. The last one of a stream carries `finish`."""

    text: str = ""
    finish: Finish | None = None
    usage: Usage | None = None
    tool_calls: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FimRequest:
    """Fill the gap between `prompt` and `suffix`.

    `max_tokens` is always sent, `None` elsewhere means "leave it out". `stop` may hold more than
    four strings: a provider sends the first four its wire allows, the engine enforces all.
    `cache_key` is random per document and holds nothing of the user's.
    """

    prompt: str
    suffix: str = ""
    max_tokens: int
    min_tokens: int | None = None
    stop: tuple[str, ...] = ()
    temperature: float | None = None
    top_p: float | None = None
    random_seed: int | None = None
    cache_key: str | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """A conversation. `messages` are dicts of the wire's own shape (`role`, `content`, …)."""

    messages: Sequence[Mapping[str, Any]]
    max_tokens: int
    stop: tuple[str, ...] = ()
    temperature: float | None = None
    top_p: float | None = None
    random_seed: int | None = None
    response_format: Mapping[str, Any] | None = None
    tools: Sequence[Mapping[str, Any]] = ()
    tool_choice: str | Mapping[str, Any] | None = None
    prediction: str | None = None
    cache_key: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a prompt for this provider must keep to."""

    prompt_tokens: int = 2048
    """Prompt and suffix together. An estimate is enough; endpoints allow far more."""
    instant: bool = False
    """Needs no network: never debounce, never count against a quota."""


class Secret:
    """A key that cannot be printed by accident. `reveal()` is called where the header is made."""

    __slots__ = ("_value", "source")

    def __init__(self, value: str, source: str) -> None:
        self._value = value
        self.source = source
        """Where it was found, for `doctor`: a variable's name, "keyring", "command"."""

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"<key from {self.source}>"


class Severity(Enum):
    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a user should read once; `topic` tells repetitions of the same matter."""

    topic: str
    sentence: str
    severity: Severity = Severity.WARNING


Notify = Callable[[Notice], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a provider finds its model. Made by `app.py` after the key's host has been checked."""

    base_url: str = ""
    key: Secret | None = None
    model: str = ""
    timeout_ms: int = 10_000
    notify: Notify = field(default=lambda notice: None)


class FimProvider(Protocol):
    """Something that fills gaps."""

    @property
    def name(self) -> str:
        """The word of the settings that chose it."""

    @property
    def limits(self) -> Limits: ...

    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text. Closing the generator hangs up. Raises ProviderError."""

    async def warm(self) -> None:
        """Open what the first request would wait for. Never raises ProviderError."""

    async def close(self) -> None: ...


class ChatProvider(Protocol):
    """Something that answers conversations."""

    @property
    def name(self) -> str: ...

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer. Closing the generator hangs up. Raises ProviderError."""

    async def close(self) -> None: ...


@runtime_checkable
class Sighted(Protocol):
    """A provider of conversations that knows whether its model takes images."""

    async def sees_images(self) -> bool:
        """Whether a message may hold images. Never raises ProviderError."""


@runtime_checkable
class Learner(Protocol):
    """A provider that answers from text it has been shown."""

    def learn(self, name: str, text: str) -> None:
        """Take or replace the text known under `name` (any stable string)."""

    def forget(self, name: str) -> None: ...
