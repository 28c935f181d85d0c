"""What the rest of the program and a model endpoint say to each other.

Providers take strings and give chunks: they know no document, no path of the user's, no cursor
and no LSP. Adding one is a file in this folder and a line in `providers/__init__.py`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from devstral_lsp.providers.fim.strategy_cache import StrategyCache
    from devstral_lsp.providers.http.answer_limits import Deadline


_CHARACTERS_PER_TOKEN, _LEAST_CHARACTERS = 32, 2_000
"""Code points, on average. Code has 3 to 4; the longest tokens of blanks or rules some 130."""


def most_characters(tokens: int) -> int:
    """Code points beyond which a text has more than `tokens` tokens for sure."""
    return _LEAST_CHARACTERS + _CHARACTERS_PER_TOKEN * tokens


class FinishReason(Enum):
    """Why a stream ended, in one vocabulary for all endpoints."""

    STOP = "stop"
    """The model was done, or hit a stop string."""
    LENGTH = "length"
    """Cut by max_tokens or by the context: the last line may be partial."""
    TOOL_CALLS = "tool_calls"
    """Chat only: the model wants tools run."""
    INCOMPLETE = "truncated"
    """The stream ended without saying why: treat the tail as partial."""
    SECRET_BROKEN = "secret_broken"
    """The answer holds a part of what stood for a secret. A gap's text ends there, in a line that
    is not to be shown; a chat's answer is whole, but for no edit."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them.

    Each model counts in its own way: `tokenizer_id` tells those behind one provider apart.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    tokenizer_id: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of an answer. The last one of a stream carries `finish`."""

    text: str = ""
    finish: FinishReason | None = None
    usage: Usage | None = None
    tool_calls: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FimRequest:
    """Fill the gap between `prompt` and `suffix`.

    `max_tokens` is always sent, `None` elsewhere means "leave it out". `stop` may hold more than
    four strings: a provider sends the first four its wire allows, the engine enforces all.
    `cache_key` is random per document and holds nothing of the user's. The first `context_length`
    code points of `prompt` tell of other files, each below a line of `+++++ ` and its name, as
    Codestral was taught to read them; the last such line names the file of the gap itself.
    """

    prompt: str
    suffix: str = ""
    context_length: int = 0
    max_tokens: int
    min_tokens: int | None = None
    stop: tuple[str, ...] = ()
    temperature: float | None = None
    top_p: float | None = None
    random_seed: int | None = None
    cache_key: str | None = None
    language: str = ""
    deadline: Deadline | None = field(default=None, compare=False, repr=False)
    """Set by the provider, for all HTTP requests that this one takes."""


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
    deadline: Deadline | None = field(default=None, compare=False, repr=False)
    """As in FimRequest."""


@dataclass(frozen=True, slots=True)
class ProviderLimits:
    """What a prompt for this provider must keep to."""

    prompt_tokens: int = 2048
    """Prompt and suffix together. An estimate is enough; endpoints allow far more."""
    is_local: bool = False
    """Needs no network: never debounce, never count against a quota."""


class Secret:
    """A key that cannot be printed by accident. `reveal()` is called where the header is made."""

    __slots__ = ("_value", "bound_origin", "source")

    def __init__(self, value: str, source: str, home: str = "") -> None:
        self._value = value
        self.source = source
        """Where it was found, for `doctor`: a variable's name, "keyring", "command"."""
        self.bound_origin = home
        """The one origin it is for, where its keeper names one: "https://host"."""

    def reveal(self) -> str:
        return self._value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return (self._value, self.source) == (other._value, other.source)

    def __hash__(self) -> int:
        return hash((self._value, self.source))

    def __repr__(self) -> str:
        return f"<key from {self.source}>"


class NoticeSeverity(Enum):
    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a user should read once; `topic` tells repetitions of the same matter."""

    topic: str
    message: str
    severity: NoticeSeverity = NoticeSeverity.WARNING


Notify = Callable[[Notice], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOptions:
    """The way to an endpoint: proxy, TLS, further headers, and how long each step may take.

    `proxy` is an address, empty for that of the environment. The files are PEM, empty for none:
    `ca_file` is trusted beside the usual authorities. Times are in ms; None is as long as
    `Endpoint.timeout_ms`, and `connect_ms` is never longer than that.
    """

    proxy: str = ""
    ca_file: str = ""
    client_certificate: str = ""
    client_key: str = ""
    client_key_password: Secret | None = None
    headers: tuple[tuple[str, Secret], ...] = ()
    connect_ms: int | None = None
    read_timeout_ms: int | None = None
    """Between two pieces of an answer."""
    total_timeout_ms: int = 600_000
    """From the request to the end of its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a provider finds its model. Made by `app.py` after the key's host has been checked.

    `timeout_ms` bounds the wait for the first piece of an answer.
    """

    base_url: str = ""
    key: Secret | None = None
    model: str = ""
    timeout_ms: int = 10_000
    connection: ConnectionOptions = ConnectionOptions()
    strategy_cache: StrategyCache | None = field(default=None, compare=False)
    """What was found out about endpoints in earlier sessions."""
    notify: Notify = field(default=lambda notice: None, compare=False)
    local_budget_ms: float | None = None
    """How long a provider without a network may think; None for what a keystroke allows."""
    context_tokens: int | None = None
    """The window of the model by the user's word, which goes before anybody else's."""
    price: Price | None = None
    """Its price, likewise."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens; `cached` is None where it is not told."""

    prompt: float
    completion: float
    cached: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """What is known of the model in use. `source` says who told it: "your settings", "the
    endpoint", or a table.

    `context_tokens` bounds prompt and answer together.
    """

    model: str
    context_tokens: int | None = None
    price: Price | None = None
    source: str = ""


class FimProvider(Protocol):
    """Something that fills gaps."""

    @property
    def name(self) -> str:
        """The word of the settings that chose it."""

    @property
    def limits(self) -> ProviderLimits: ...

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


@dataclass(frozen=True, slots=True)
class ActiveFallback:
    """Who answers in the place of another, by the word of the settings, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.reason} Meanwhile {self.name} answers.".lstrip()


@runtime_checkable
class HasFallback(Protocol):
    """A provider made of several, of which one may stand in for another."""

    @property
    def active_fallback(self) -> ActiveFallback | None:
        """Who answered last; None if it is who was to be asked first."""


@runtime_checkable
class SupportsVision(Protocol):
    """A provider of conversations that knows whether its model takes images."""

    async def supports_images(self) -> bool:
        """Whether a message may hold images. Never raises ProviderError."""


@runtime_checkable
class ProvidesModelInfo(Protocol):
    """A provider that knows what its model reads and costs."""

    async def model_info(self, *, for_fim: bool) -> ModelInfo:
        """Of the model that fills gaps, or of that which chats. Never raises ProviderError."""


@runtime_checkable
class LearnsFromText(Protocol):
    """A provider that answers from text it has been shown."""

    def learn(self, name: str, text: str) -> None:
        """Take or replace the text known under `name` (any stable string)."""

    def forget(self, name: str) -> None: ...
