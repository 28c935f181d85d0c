"""The settings of endpoints: provider, model, address, key and network.

The provider names are those of the registry, which is read without any provider's code.
"""

# `setting_field()` makes a dataclass field, as `field()` does: calling it shares nothing mutable.
# ruff: noqa: RUF009

from __future__ import annotations

import re
from dataclasses import dataclass

from devstral_lsp.config.setting_spec import (
    ENTRY_LEFT_OUT,
    LEFT_OUT,
    LOWER,
    MORE,
    NARROWS,
    REQUIRED,
    TRUSTED_LAYERS,
    Range,
    only,
    setting_field,
)
from devstral_lsp.config.setting_types import Command, Hosts, ProxyUrl, Url, Urls, Variable
from devstral_lsp.errors import ConfigError
from devstral_lsp.providers import PROVIDERS

CHAT_PROVIDERS = tuple(name for name, spec in PROVIDERS.items() if spec.build_chat is not None)
"""The providers with chat."""
FIM_PROVIDERS = tuple(PROVIDERS)

_TIMEOUT = Range(100, 600_000, "ms")
_WINDOW = Range(1024, 10_000_000, "tokens")
_PRICE = Range(0, 10_000, "US dollars")
_TOKENS = Range(1, 131_072, "tokens")
_WHOLE = Range(1000, 3_600_000, "ms")
_TEMPERATURE = Range(0, 1)  # the schema allows 1.5, Mistral's error glossary 1: keep to both

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OF_HTTP = {"host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer"}
"""Headers that frame a message: the HTTP client sets them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """A provider to try when the ones before it fail. An empty member means its own default."""

    provider: str = setting_field(REQUIRED, "The provider.", choices=FIM_PROVIDERS)
    base_url: Url = setting_field("", "Like `fim.base_url`.")
    replicas: Urls = setting_field((), "Like `fim.replicas`.")
    model: str = setting_field("", "Like `fim.model`.")
    api_key_env: Variable = setting_field("", "Like `fim.api_key_env`.")
    api_key_command: Command = setting_field(
        (), "Like `fim.api_key_command`.", layers=TRUSTED_LAYERS
    )
    trusted_hosts: Hosts = setting_field((), "Like `fim.trusted_hosts`.", layers=TRUSTED_LAYERS)
    timeout_ms: int | None = setting_field(None, "Unset: that of the section.", range=_TIMEOUT)
    context_tokens: int | None = setting_field(None, "Like `fim.context_tokens`.", range=_WINDOW)
    price_prompt: float | None = setting_field(None, "Like `fim.price_prompt`.", range=_PRICE)
    price_completion: float | None = setting_field(
        None, "Like `fim.price_completion`.", range=_PRICE
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFallback(Fallback):
    """The same for chat, which `local` does not support."""

    provider: str = setting_field(REQUIRED, "The provider.", choices=CHAT_PROVIDERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header to send to some hosts. Either its value or the variable that holds it is set."""

    name: str = setting_field(REQUIRED, "Its name.", layers=TRUSTED_LAYERS)
    hosts: Hosts = setting_field(REQUIRED, "The hosts to send it to.", layers=TRUSTED_LAYERS)
    value: str = setting_field("", "Its value, if that is no secret.", layers=TRUSTED_LAYERS)
    value_env: Variable = setting_field(
        "", "The variable that holds its value.", layers=TRUSTED_LAYERS
    )

    def __post_init__(self) -> None:
        if not _HEADER_NAME.fullmatch(self.name) or self.name.lower() in _OF_HTTP:
            raise ConfigError("has a `name` that cannot be set.")
        if bool(self.value) == bool(self.value_env):
            raise ConfigError("needs either `value` or `value_env`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _EndpointSettings:
    """The settings that FIM and chat have in common.

    Subclasses redefine those without a text, which are here to fix the order.
    """

    provider: str = setting_field("auto", "")
    base_url: Url = setting_field(
        "",
        "Address of the endpoint, with or without `/v1`. Empty: the provider's own.",
        slip=NARROWS,
    )
    replicas: Urls = setting_field(
        (),
        "Further addresses of the same provider and model, among which requests are balanced; the "
        "faster ones get more.",
        slip=ENTRY_LEFT_OUT,
    )
    fallbacks: tuple[Fallback, ...] = setting_field((), "")
    model: str = setting_field("", "")
    context_tokens: int | None = setting_field(None, "")
    price_prompt: float | None = setting_field(
        None,
        "The price of a million prompt tokens; used together with `price_completion`. Unset: "
        "as the endpoint or the documentation states it.",
        slip=LEFT_OUT,
        range=_PRICE,
    )
    price_completion: float | None = setting_field(
        None,
        "The price of a million completion tokens; see `price_prompt`.",
        slip=LEFT_OUT,
        range=_PRICE,
    )
    api_key_env: Variable = setting_field(
        "",
        "Variable that holds the key. Empty: the provider's own, such as `MISTRAL_API_KEY`. "
        "The editor may only name a provider's own, or one that you named yourself.",
        slip=NARROWS,
    )
    api_key_command: Command = setting_field(
        (),
        "Command that prints the key as its first line. It runs in your home folder, without a "
        "shell and without keys in its environment; name the program by its absolute path, or by "
        "its name if it is on the PATH.",
        slip=NARROWS,
        layers=TRUSTED_LAYERS,
    )
    trusted_hosts: Hosts = setting_field(
        (),
        "Further hosts that the key may be sent to: `host`, `host:port`, or `http://host` for one "
        "without TLS.",
        slip=ENTRY_LEFT_OUT,
        layers=TRUSTED_LAYERS,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FimSettings(_EndpointSettings):
    """The provider, model, key and limits of completions (fill-in-the-middle)."""

    provider: str = setting_field(
        "auto",
        'The provider of completions. "auto": the Mistral API at `fim.base_url` if that is set; '
        'otherwise "mistral" or "codestral", the first that has a key; otherwise "local", which '
        'needs none. A project file may only set "local".',
        slip=NARROWS,
        choices=("auto", *FIM_PROVIDERS),
        project=only("local"),
    )
    fallbacks: tuple[Fallback, ...] = setting_field(
        (),
        "Providers to try in order when the endpoint fails: values of `fim.provider`, "
        "or tables of `provider`, `base_url`, `replicas`, `model`, `api_key_env`, "
        "`api_key_command`, `trusted_hosts`, `timeout_ms`, `context_tokens`, `price_prompt` and "
        "`price_completion`. `local` always comes last.",
        row_type=Fallback,
        slip=ENTRY_LEFT_OUT,
        shorthand_field="provider",
    )
    model: str = setting_field(
        "", "Model id. Empty: a model with FIM that the account has access to.", slip=NARROWS
    )
    context_tokens: int | None = setting_field(
        None,
        "The model's context window. A prompt uses half of it, up to 2048 tokens. Unset: as the "
        "endpoint reports it, otherwise as in Mistral's documentation.",
        slip=LEFT_OUT,
        range=_WINDOW,
    )
    max_tokens: int = setting_field(
        256,
        "Upper limit of one completion.",
        slip=LEFT_OUT,
        range=Range(1, 4096, "tokens"),
        project=LOWER,
    )
    min_tokens: int = setting_field(
        0,
        "Lower limit of one completion; 0 allows an empty one.",
        slip=LEFT_OUT,
        range=Range(0, 4096, "tokens"),
        project=LOWER,
    )
    temperature: float = setting_field(
        # Mistral advises about 0.1 for FIM; the model's own default of 0.3 invents more.
        0.1, "Sampling temperature.", slip=LEFT_OUT, range=_TEMPERATURE, project=LOWER,
    )  # fmt: skip
    top_p: float | None = setting_field(
        None,
        "Probability mass to sample from (nucleus sampling). Unset: the model's default.",
        slip=LEFT_OUT,
        range=Range(0.01, 1),
    )
    random_seed: int | None = setting_field(
        None, "Seed, for reproducible answers.", slip=LEFT_OUT, range=Range(0, 2**31 - 1)
    )
    stop: tuple[str, ...] = setting_field(
        (), "Further stop sequences.", slip=LEFT_OUT, project=MORE
    )
    timeout_ms: int = setting_field(
        10_000, "How long to wait for the first token of an answer.", slip=LEFT_OUT, range=_TIMEOUT
    )
    total_timeout_ms: int = setting_field(
        60_000, "How long a whole answer may take.", slip=LEFT_OUT, range=_WHOLE
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings(_EndpointSettings):
    """The provider, model, key and limits of chat, which refactoring uses."""

    provider: str = setting_field(
        "auto",
        'The provider of refactoring. "auto": the Mistral API at `chat.base_url` if that is set; '
        'otherwise "mistral" or "codestral", the first that has a key.',
        slip=NARROWS,
        choices=("auto", *CHAT_PROVIDERS),
    )
    fallbacks: tuple[ChatFallback, ...] = setting_field(
        (),
        "Like `fim.fallbacks`.",
        row_type=ChatFallback,
        slip=ENTRY_LEFT_OUT,
        shorthand_field="provider",
    )
    model: str = setting_field(
        "",
        "Model id. Empty: `mistral-medium-latest`, or `codestral-latest` with a Codestral key.",
        slip=NARROWS,
    )
    context_tokens: int | None = setting_field(
        None, "The model's context window, for `doctor`.", slip=LEFT_OUT, range=_WINDOW
    )
    max_tokens: int = setting_field(
        4096, "Upper limit of one answer.", slip=LEFT_OUT, range=_TOKENS, project=LOWER
    )
    temperature: float = setting_field(
        0.2, "Sampling temperature.", slip=LEFT_OUT, range=_TEMPERATURE, project=LOWER
    )
    timeout_ms: int = setting_field(
        120_000, "How long to wait for the first token of an answer.", slip=LEFT_OUT, range=_TIMEOUT
    )
    total_timeout_ms: int = setting_field(
        600_000, "How long a whole answer may take.", slip=LEFT_OUT, range=_WHOLE
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """How to reach endpoints. A cloned repository must not redirect requests."""

    proxy: ProxyUrl = setting_field(
        "",
        "Proxy for all endpoints except those on this machine. Empty: as set by `HTTPS_PROXY`, "
        "`HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, which may contain a user name and password.",
        slip=NARROWS,
        layers=TRUSTED_LAYERS,
    )
    ca_file: str = setting_field(
        "",
        "PEM file of certificate authorities to trust in addition to the usual ones.",
        slip=LEFT_OUT,
        layers=TRUSTED_LAYERS,
    )
    client_certificate: str = setting_field(
        "",
        "PEM file of the client certificate, for servers that request one.",
        slip=LEFT_OUT,
        layers=TRUSTED_LAYERS,
    )
    client_key: str = setting_field(
        "", "PEM file of its key. Empty: in the same file.", slip=LEFT_OUT, layers=TRUSTED_LAYERS
    )
    client_key_password_env: Variable = setting_field(
        "", "Variable that holds the password of that key.", slip=LEFT_OUT, layers=TRUSTED_LAYERS
    )
    headers: tuple[Header, ...] = setting_field(
        (),
        "Further headers: tables of `name`, `hosts` to send it to, and either `value` or "
        "`value_env`, a variable that holds the value.",
        row_type=Header,
        slip=NARROWS,
        layers=TRUSTED_LAYERS,
    )
    connect_timeout_ms: int = setting_field(
        5000, "How long connecting may take.", slip=LEFT_OUT, range=_TIMEOUT
    )
    pause_timeout_ms: int | None = setting_field(
        None,
        "How long an answer may pause between two tokens. Unset: as long as `timeout_ms`.",
        slip=LEFT_OUT,
        range=_TIMEOUT,
    )
