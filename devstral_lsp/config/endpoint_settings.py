"""The settings of endpoints: which model is asked, where, with which key, and by which way.

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
"""Headers that say how a message is laid out, which is not for a setting to decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """Who is asked when those before do not answer. Empty members are those of a lone provider."""

    provider: str = setting_field(REQUIRED, "Who.", choices=FIM_PROVIDERS)
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
    """The same for conversations, which `local` cannot have."""

    provider: str = setting_field(REQUIRED, "Who.", choices=CHAT_PROVIDERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header that some hosts want. Its value, or the variable that holds it, must be there."""

    name: str = setting_field(REQUIRED, "Its name.", layers=TRUSTED_LAYERS)
    hosts: Hosts = setting_field(REQUIRED, "The hosts that it is sent to.", layers=TRUSTED_LAYERS)
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
class FimSettings:
    """Filling in the middle: which model, where, with which key, and how much."""

    provider: str = setting_field(
        "auto",
        'Who fills in. "auto": Mistral\'s wire at `fim.base_url` where that is set, else '
        '"codestral" or "mistral", whichever has a key, else "local", which needs none. '
        'A project file may only say "local".',
        slip=NARROWS,
        choices=("auto", *FIM_PROVIDERS),
        project=only("local"),
    )
    base_url: Url = setting_field(
        "",
        "Address of the endpoint, with or without `/v1`. Empty: the provider's own.",
        slip=NARROWS,
    )
    replicas: Urls = setting_field(
        (),
        "Further addresses of the same provider and model, which share the load; the quicker one "
        "is asked more often.",
        slip=ENTRY_LEFT_OUT,
    )
    fallbacks: tuple[Fallback, ...] = setting_field(
        (),
        "Who is asked next when the endpoint does not answer, in order: words of `fim.provider`, "
        "or tables of `provider`, `base_url`, `replicas`, `model`, `api_key_env`, "
        "`api_key_command`, `trusted_hosts`, `timeout_ms`, `context_tokens`, `price_prompt` and "
        "`price_completion`. `local` comes last in any case.",
        row_type=Fallback,
        slip=ENTRY_LEFT_OUT,
        shorthand_field="provider",
    )
    model: str = setting_field(
        "", "Model id. Empty: the model with FIM that the account offers.", slip=NARROWS
    )
    context_tokens: int | None = setting_field(
        None,
        "What the model reads at most; a prompt takes half of it, and 2048 tokens at most. Unset: "
        "as the endpoint says, else as Mistral's documentation does.",
        slip=LEFT_OUT,
        range=_WINDOW,
    )
    price_prompt: float | None = setting_field(
        None,
        "What a million tokens of a prompt cost, which `doctor` tells; counts together with "
        "`fim.price_completion`. Unset: as the endpoint or the documentation says.",
        slip=LEFT_OUT,
        range=_PRICE,
    )
    price_completion: float | None = setting_field(
        None,
        "What a million tokens of answers cost; see `fim.price_prompt`.",
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
        "Command whose first line of output is the key. It runs in your home folder, without a "
        "shell and without keys in its environment; a program is named by its absolute path or as "
        "on the PATH.",
        slip=NARROWS,
        layers=TRUSTED_LAYERS,
    )
    trusted_hosts: Hosts = setting_field(
        (),
        "Further hosts that the key may go to: `host`, `host:port`, or `http://host` for one "
        "without TLS.",
        slip=ENTRY_LEFT_OUT,
        layers=TRUSTED_LAYERS,
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
        "Lower limit of one completion; 0 lets the model say nothing.",
        slip=LEFT_OUT,
        range=Range(0, 4096, "tokens"),
        project=LOWER,
    )
    temperature: float = setting_field(
        # Mistral advises about 0.1 for FIM; the model's own default of 0.3 invents more.
        0.1, "How much the model may vary.", slip=LEFT_OUT, range=_TEMPERATURE, project=LOWER,
    )  # fmt: skip
    top_p: float | None = setting_field(
        None,
        "Share of probability to sample from. Unset: the model's own.",
        slip=LEFT_OUT,
        range=Range(0.01, 1),
    )
    random_seed: int | None = setting_field(
        None, "Seed, for answers that can be repeated.", slip=LEFT_OUT, range=Range(0, 2**31 - 1)
    )
    stop: tuple[str, ...] = setting_field(
        (), "Further strings at which a completion ends.", slip=LEFT_OUT, project=MORE
    )
    timeout_ms: int = setting_field(
        10_000, "How long to wait for the first piece of an answer.", slip=LEFT_OUT, range=_TIMEOUT
    )
    total_timeout_ms: int = setting_field(
        60_000, "How long a whole answer may take.", slip=LEFT_OUT, range=_WHOLE
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """Conversations, which refactoring needs: which model, where, with which key, how much."""

    provider: str = setting_field(
        "auto",
        'Who answers. "auto": Mistral\'s wire at `chat.base_url` where that is set, else '
        '"mistral" or "codestral", whichever has a key.',
        slip=NARROWS,
        choices=("auto", *CHAT_PROVIDERS),
    )
    base_url: Url = setting_field(
        "",
        "Address of the endpoint, with or without `/v1`. Empty: the provider's own.",
        slip=NARROWS,
    )
    replicas: Urls = setting_field((), "Like `fim.replicas`.", slip=ENTRY_LEFT_OUT)
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
        None, "What the model reads at most, which `doctor` tells.", slip=LEFT_OUT, range=_WINDOW
    )
    price_prompt: float | None = setting_field(
        None, "Like `fim.price_prompt`.", slip=LEFT_OUT, range=_PRICE
    )
    price_completion: float | None = setting_field(
        None, "Like `fim.price_completion`.", slip=LEFT_OUT, range=_PRICE
    )
    api_key_env: Variable = setting_field("", "Like `fim.api_key_env`.", slip=NARROWS)
    api_key_command: Command = setting_field(
        (), "Like `fim.api_key_command`.", slip=NARROWS, layers=TRUSTED_LAYERS
    )
    trusted_hosts: Hosts = setting_field(
        (), "Like `fim.trusted_hosts`.", slip=ENTRY_LEFT_OUT, layers=TRUSTED_LAYERS
    )
    max_tokens: int = setting_field(
        4096, "Upper limit of one answer.", slip=LEFT_OUT, range=_TOKENS, project=LOWER
    )
    temperature: float = setting_field(
        0.2, "How much the model may vary.", slip=LEFT_OUT, range=_TEMPERATURE, project=LOWER
    )
    timeout_ms: int = setting_field(
        120_000, "How long to wait for the first piece of an answer.", slip=LEFT_OUT, range=_TIMEOUT
    )
    total_timeout_ms: int = setting_field(
        600_000, "How long a whole answer may take.", slip=LEFT_OUT, range=_WHOLE
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """The way to every endpoint. A cloned repository must not lead it elsewhere."""

    proxy: ProxyUrl = setting_field(
        "",
        "Proxy for all endpoints but those on this machine. Empty: that of `HTTPS_PROXY`, "
        "`HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, where a user name and password may stand too.",
        slip=NARROWS,
        layers=TRUSTED_LAYERS,
    )
    ca_file: str = setting_field(
        "",
        "PEM file of certificate authorities to trust beside the usual ones.",
        slip=LEFT_OUT,
        layers=TRUSTED_LAYERS,
    )
    client_certificate: str = setting_field(
        "",
        "PEM file of the certificate to show to a server that asks for one.",
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
        "Further headers: tables of `name`, `hosts` that it is sent to, and `value` or "
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
        "How long an answer may pause between two pieces. Unset: as long as `timeout_ms`.",
        slip=LEFT_OUT,
        range=_TIMEOUT,
    )
