"""The interface of providers: requests go in as strings, answers come out as streams of chunks.

To add a provider, add a row to `providers/__init__.py` and, unless the vendor speaks OpenAI's API,
a module with a function `build`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from devstral_lsp.providers.metering import Meter, Price, Priority, ProviderLimits, Usage

if TYPE_CHECKING:
    from devstral_lsp.providers.fim.strategy_cache import StrategyCache
    from devstral_lsp.providers.http.answer_limits import Deadline


LOADING_TIMEOUT_S = 300.0
"""How long a model may take to load; Ollama itself gives up after this time."""

_CHARACTERS_PER_TOKEN, _MIN_CHARACTERS = 32, 2_000
"""Code points per token, an upper bound for averages. Code has 3 to 4; the longest tokens, of
spaces or dashes, have some 130."""


def most_characters(tokens: int) -> int:
    """The code points beyond which a text certainly has more than `tokens` tokens."""
    return _MIN_CHARACTERS + _CHARACTERS_PER_TOKEN * tokens


class FinishReason(Enum):
    """Why a stream ended, in the same terms for all endpoints."""

    STOP = "stop"
    """The model was done, or reached a stop sequence."""
    LENGTH = "length"
    """Cut by max_tokens or by the context: the last line may be partial."""
    TOOL_CALLS = "tool_calls"
    """Chat only: the model wants tools run."""
    INCOMPLETE = "truncated"
    """The stream ended without a reason: treat the tail as partial."""
    UNCERTAIN = "uncertain"
    """Cut by us where the model was no longer sure of it: the last line may be partial."""
    SECRET_BROKEN = "secret_broken"
    """The answer holds part of a placeholder for a secret. A gap's text ends there, in a line that
    must not be shown; a chat's answer is complete, but must not be used for an edit."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of an answer. The last one of a stream carries `finish`.

    `logprob` is the natural logarithm of the probability that the model gave to the piece's token,
    the least likely one of several; None where the endpoint does not say.
    """

    text: str = ""
    finish: FinishReason | None = None
    usage: Usage | None = None
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    logprob: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FimRequest:
    """Fill the gap between `prompt` and `suffix`.

    `max_tokens` is always sent; None elsewhere means "leave it out". `stop` may hold more than four
    strings: a provider sends the first four, the engine enforces all. `cache_key` is random per
    document and holds no user data. The first `context_length` code points of `prompt` are parts of
    other files, each below a line of `+++++ ` and its name (Codestral's training format); the last
    such line names the file of the gap itself.
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
    priority: Priority = Priority.MANUAL
    """For what is left of a quota."""
    deadline: Deadline | None = field(default=None, compare=False, repr=False)
    """Set by the provider, for all HTTP requests that this one takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """A chat. `messages` are dicts in the shape of Mistral's API (`role`, `content`, …)."""

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
    priority: Priority = Priority.MANUAL
    """As in FimRequest."""
    deadline: Deadline | None = field(default=None, compare=False, repr=False)
    """As in FimRequest."""


class Secret:
    """A key that cannot be printed by accident. Only the code that builds the header reveals it."""

    __slots__ = ("_value", "bound_origin", "source")

    def __init__(self, value: str, source: str, home: str = "") -> None:
        self._value = value
        self.source = source
        """Where it was found, for `doctor`: a variable's name, "keyring", "command"."""
        self.bound_origin = home
        """The only origin it may go to, if its store names one: "https://host"."""

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
    """A message that the user should see once; `topic` identifies repetitions."""

    topic: str
    message: str
    severity: NoticeSeverity = NoticeSeverity.WARNING


Notify = Callable[[Notice], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOptions:
    """How to reach an endpoint: proxy, TLS, further headers and timeouts.

    `proxy` is an address, empty to use the environment's. The files are PEM, empty for none;
    `ca_file` is trusted in addition to the default authorities. Timeouts are in ms; None means
    `Endpoint.timeout_ms`, which also limits `connect_ms`.
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
    """Where a provider finds its model. Created after the key's host has been checked.

    `timeout_ms` bounds the wait for the first event of an answer.
    """

    base_url: str = ""
    key: Secret | None = None
    model: str = ""
    timeout_ms: int = 10_000
    connection: ConnectionOptions = ConnectionOptions()
    strategy_cache: StrategyCache | None = field(default=None, compare=False)
    """The strategies that worked at endpoints in earlier sessions."""
    notify: Notify = field(default=lambda notice: None, compare=False)
    local_budget_ms: float | None = None
    """The time that a provider without a network may take; None for what a keystroke allows."""
    context_tokens: int | None = None
    """The model's context window as the user set it; takes precedence over all other sources."""
    price: Price | None = None
    """The model's price, likewise."""
    renew_key: Callable[[], Secret | None] = field(default=lambda: None, compare=False, repr=False)
    """Looks the key up again, after the endpoint has refused it: keys expire. None for no key that
    may be sent there. Blocks: call it in a thread."""
    meter: Meter | None = field(default=None, compare=False)
    """Keeps the budget; None where nothing is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """What is known about the model in use. `source` says from where: "your settings", "the
    endpoint", or a table.

    `context_tokens` bounds prompt and answer together.
    """

    model: str
    context_tokens: int | None = None
    price: Price | None = None
    source: str = ""


class FimProvider(Protocol):
    """Fills gaps."""

    @property
    def name(self) -> str:
        """Its name in the settings."""

    @property
    def limits(self) -> ProviderLimits: ...

    def fim(self, request: FimRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the gap's text. Closing the generator cancels it. Raises ProviderError."""

    async def warm(self) -> None:
        """Do ahead of time what the first request would wait for. Never raises ProviderError."""

    async def close(self) -> None: ...


class ChatProvider(Protocol):
    """Answers chats."""

    @property
    def name(self) -> str: ...

    def chat(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Stream the answer. Closing the generator cancels the request. Raises ProviderError."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ActiveFallback:
    """The provider that answers instead of another, by its name in the settings, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.reason} Meanwhile {self.name} answers.".lstrip()


@runtime_checkable
class HasFallback(Protocol):
    """A provider with fallbacks."""

    @property
    def active_fallback(self) -> ActiveFallback | None:
        """The fallback that answered last; None if the first choice did."""


@runtime_checkable
class SupportsVision(Protocol):
    """A chat provider that knows whether its model takes images."""

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
