"""The settings of further endpoints, and of the way to all of them. Part of `schema.py`.

The provider names are those of the registry, which is read without any provider's code.
"""

# `setting()` makes a dataclass field, as `field()` does: nothing mutable is shared by calling it.
# ruff: noqa: RUF009

from __future__ import annotations

import re
from dataclasses import dataclass

from devstral_lsp.config.setting_spec import (
    LEFT_OUT,
    NARROWS,
    OF_TABLE,
    REQUIRED,
    TRUSTED_LAYERS,
    Command,
    Hosts,
    Range,
    Url,
    Urls,
    Variable,
    setting_field,
    table_list_field,
)
from devstral_lsp.errors import ConfigError
from devstral_lsp.providers import PROVIDERS

CHAT_PROVIDERS = tuple(name for name, spec in PROVIDERS.items() if spec.build_chat is not None)
"""Who may answer conversations."""
FIM_PROVIDERS = tuple(PROVIDERS)
"""Who may fill in."""

TIMEOUT = Range(100, 600_000, "ms")
WINDOW = Range(1024, 10_000_000, "tokens")
PRICE = Range(0, 10_000, "US dollars")

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OF_HTTP = {"host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer"}
"""Headers that say how a message is laid out, which is not for a setting to decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """Who is asked when those before do not answer. Empty members are those of a lone provider."""

    provider: str = setting_field(REQUIRED, "Who.", slip=OF_TABLE, choices=FIM_PROVIDERS)
    base_url: Url = setting_field("", "Like `fim.base_url`.", slip=OF_TABLE)
    replicas: Urls = setting_field((), "Like `fim.replicas`.", slip=OF_TABLE)
    model: str = setting_field("", "Like `fim.model`.", slip=OF_TABLE)
    api_key_env: Variable = setting_field("", "Like `fim.api_key_env`.", slip=OF_TABLE)
    api_key_command: Command = setting_field(
        (), "Like `fim.api_key_command`.", slip=OF_TABLE, layers=TRUSTED_LAYERS
    )
    trusted_hosts: Hosts = setting_field(
        (), "Like `fim.trusted_hosts`.", slip=OF_TABLE, layers=TRUSTED_LAYERS
    )
    timeout_ms: int | None = setting_field(
        None, "Unset: that of the section.", slip=OF_TABLE, within=TIMEOUT
    )
    context_tokens: int | None = setting_field(
        None, "Like `fim.context_tokens`.", slip=OF_TABLE, within=WINDOW
    )
    price_prompt: float | None = setting_field(
        None, "Like `fim.price_prompt`.", slip=OF_TABLE, within=PRICE
    )
    price_completion: float | None = setting_field(
        None, "Like `fim.price_completion`.", slip=OF_TABLE, within=PRICE
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFallback(Fallback):
    """The same for conversations, which `local` cannot have."""

    provider: str = setting_field(REQUIRED, "Who.", slip=OF_TABLE, choices=CHAT_PROVIDERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header that some hosts want. Its value, or the variable that holds it, must be there."""

    name: str = setting_field(REQUIRED, "Its name.", slip=OF_TABLE, layers=TRUSTED_LAYERS)
    hosts: Hosts = setting_field(
        REQUIRED, "The hosts that it is sent to.", slip=OF_TABLE, layers=TRUSTED_LAYERS
    )
    value: str = setting_field(
        "", "Its value, if that is no secret.", slip=OF_TABLE, layers=TRUSTED_LAYERS
    )
    value_env: Variable = setting_field(
        "", "The variable that holds its value.", slip=OF_TABLE, layers=TRUSTED_LAYERS
    )

    def __post_init__(self) -> None:
        if not _HEADER_NAME.fullmatch(self.name) or self.name.lower() in _OF_HTTP:
            raise ConfigError("has a `name` that cannot be set.")
        if bool(self.value) == bool(self.value_env):
            raise ConfigError("needs either `value` or `value_env`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """The way to every endpoint. A cloned repository must not lead it elsewhere."""

    proxy: Url = setting_field(
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
    headers: tuple[Header, ...] = table_list_field(
        Header,
        "Further headers: tables of `name`, `hosts` that it is sent to, and `value` or "
        "`value_env`, a variable that holds the value.",
        slip=NARROWS,
        layers=TRUSTED_LAYERS,
    )
    connect_timeout_ms: int = setting_field(
        5000, "How long connecting may take.", slip=LEFT_OUT, within=TIMEOUT
    )
    pause_timeout_ms: int | None = setting_field(
        None,
        "How long an answer may pause between two pieces. Unset: as long as `timeout_ms`.",
        slip=LEFT_OUT,
        within=TIMEOUT,
    )
