"""Every setting there is: its name, type, default, limits, meaning, and who may set it.

The table in docs/settings.md, the validation, the did-you-mean and an editor extension's own schema
all derive from these dataclasses. Nothing here reads a file or the environment (`sources.py`),
merges layers (`layers.py`) or knows a provider's code: the provider names are those of the
registry.
"""

# `setting()` makes a dataclass field, as `field()` does: nothing mutable is shared by calling it.
# ruff: noqa: RUF009

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from devstral_lsp.config.endpoint_settings import (
    CHAT_PROVIDERS,
    FIM_PROVIDERS,
    PRICE,
    TIMEOUT,
    WINDOW,
    ChatFallback,
    Fallback,
    NetworkSettings,
)
from devstral_lsp.config.refactor_settings import RefactorSettings
from devstral_lsp.config.restriction import EXTRA_ENTRIES, LOWER, MORE, OFF, only
from devstral_lsp.config.setting_spec import (
    ENTRY_LEFT_OUT,
    LEFT_OUT,
    NARROWS,
    TRUSTED_LAYERS,
    Command,
    Hosts,
    Languages,
    Patterns,
    Range,
    SettingSpec,
    Url,
    Urls,
    Variable,
    collect_specs,
    setting_field,
    table_list_field,
)
from devstral_lsp.config.surroundings import ContextSettings as ContextSettings
from devstral_lsp.config.surroundings import LocalSettings as LocalSettings

_TOKENS = Range(1, 131_072, "tokens")
_WHOLE = Range(1000, 3_600_000, "ms")
_TEMPERATURE = Range(0, 1)  # the schema allows 1.5, Mistral's error glossary 1: keep to both


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
    fallbacks: tuple[Fallback, ...] = table_list_field(
        Fallback,
        "Who is asked next when the endpoint does not answer, in order: words of `fim.provider`, "
        "or tables of `provider`, `base_url`, `replicas`, `model`, `api_key_env`, "
        "`api_key_command`, `trusted_hosts`, `timeout_ms`, `context_tokens`, `price_prompt` and "
        "`price_completion`. `local` comes last in any case.",
        slip=ENTRY_LEFT_OUT,
        lone="provider",
    )
    model: str = setting_field(
        "", "Model id. Empty: the model with FIM that the account offers.", slip=NARROWS
    )
    context_tokens: int | None = setting_field(
        None,
        "What the model reads at most; a prompt takes half of it, and 2048 tokens at most. Unset: "
        "as the endpoint says, else as Mistral's documentation does.",
        slip=LEFT_OUT,
        within=WINDOW,
    )
    price_prompt: float | None = setting_field(
        None,
        "What a million tokens of a prompt cost, which `doctor` tells; counts together with "
        "`fim.price_completion`. Unset: as the endpoint or the documentation says.",
        slip=LEFT_OUT,
        within=PRICE,
    )
    price_completion: float | None = setting_field(
        None,
        "What a million tokens of answers cost; see `fim.price_prompt`.",
        slip=LEFT_OUT,
        within=PRICE,
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
        within=Range(1, 4096, "tokens"),
        project=LOWER,
    )
    min_tokens: int = setting_field(
        0,
        "Lower limit of one completion; 0 lets the model say nothing.",
        slip=LEFT_OUT,
        within=Range(0, 4096, "tokens"),
        project=LOWER,
    )
    temperature: float = setting_field(
        # Mistral advises about 0.1 for FIM; the model's own default of 0.3 invents more.
        0.1, "How much the model may vary.", slip=LEFT_OUT, within=_TEMPERATURE, project=LOWER,
    )  # fmt: skip
    top_p: float | None = setting_field(
        None,
        "Share of probability to sample from. Unset: the model's own.",
        slip=LEFT_OUT,
        within=Range(0.01, 1),
    )
    random_seed: int | None = setting_field(
        None,
        "Seed, for answers that can be repeated.",
        slip=LEFT_OUT,
        within=Range(0, 2**31 - 1),
    )
    stop: tuple[str, ...] = setting_field(
        (),
        "Further strings at which a completion ends.",
        slip=LEFT_OUT,
        project=MORE,
    )
    timeout_ms: int = setting_field(
        10_000,
        "How long to wait for the first piece of an answer.",
        slip=LEFT_OUT,
        within=TIMEOUT,
    )
    total_timeout_ms: int = setting_field(
        60_000, "How long a whole answer may take.", slip=LEFT_OUT, within=_WHOLE
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
    fallbacks: tuple[ChatFallback, ...] = table_list_field(
        ChatFallback,
        "Like `fim.fallbacks`.",
        slip=ENTRY_LEFT_OUT,
        lone="provider",
    )
    model: str = setting_field(
        "",
        "Model id. Empty: `mistral-medium-latest`, or `codestral-latest` with a Codestral key.",
        slip=NARROWS,
    )
    context_tokens: int | None = setting_field(
        None,
        "What the model reads at most, which `doctor` tells.",
        slip=LEFT_OUT,
        within=WINDOW,
    )
    price_prompt: float | None = setting_field(
        None, "Like `fim.price_prompt`.", slip=LEFT_OUT, within=PRICE
    )
    price_completion: float | None = setting_field(
        None, "Like `fim.price_completion`.", slip=LEFT_OUT, within=PRICE
    )
    api_key_env: Variable = setting_field("", "Like `fim.api_key_env`.", slip=NARROWS)
    api_key_command: Command = setting_field(
        (), "Like `fim.api_key_command`.", slip=NARROWS, layers=TRUSTED_LAYERS
    )
    trusted_hosts: Hosts = setting_field(
        (), "Like `fim.trusted_hosts`.", slip=ENTRY_LEFT_OUT, layers=TRUSTED_LAYERS
    )
    max_tokens: int = setting_field(
        4096, "Upper limit of one answer.", slip=LEFT_OUT, within=_TOKENS, project=LOWER
    )
    temperature: float = setting_field(
        0.2, "How much the model may vary.", slip=LEFT_OUT, within=_TEMPERATURE, project=LOWER
    )
    timeout_ms: int = setting_field(
        120_000,
        "How long to wait for the first piece of an answer.",
        slip=LEFT_OUT,
        within=TIMEOUT,
    )
    total_timeout_ms: int = setting_field(
        600_000, "How long a whole answer may take.", slip=LEFT_OUT, within=_WHOLE
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionSettings:
    """When and how completions are offered."""

    enabled: bool = setting_field(True, "Offer completions.", slip=NARROWS, project=OFF)
    debounce_ms: int | None = setting_field(
        None,
        "Pause in typing before the network is asked. Unset: adapts to you and the endpoint.",
        slip=LEFT_OUT,
        within=Range(0, 5000, "ms"),
    )
    disabled_languages: Languages = setting_field(
        (),
        "LSP language ids in which nothing is offered.",
        slip=NARROWS,
        project=MORE,
    )
    menu: str = setting_field(
        "auto",
        "Offer through the editor's completion menu as well. "
        '"auto": only where the editor has no inline completion.',
        slip=LEFT_OUT,
        choices=("auto", "always", "never"),
        project=only("never"),
    )
    multiline: str = setting_field(
        "auto",
        'May a completion span lines? "auto": where the code at the cursor opens a block.',
        slip=LEFT_OUT,
        choices=("auto", "never"),
        project=only("never"),
    )
    speculate: bool = setting_field(
        False,
        "Ask for what comes after a completion while that is still being looked at. Quicker, and "
        "about as many requests again.",
        slip=LEFT_OUT,
        project=OFF,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacySettings:
    """What never leaves the machine."""

    redact_secrets: bool = setting_field(
        True,
        "Send placeholders in the place of keys, tokens and passwords, and put these back into "
        "the answers.",
        slip=NARROWS,
        layers=TRUSTED_LAYERS,
    )
    exclude: Patterns = setting_field(
        (),
        "Files and folders of which nothing is sent: `*.sql`, `customers/`, `src/**/fixtures`. "
        "Each layer adds to those before it.",
        slip=NARROWS,
        gathered=True,
        project=EXTRA_ENTRIES,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What is written down. Neither source text nor keys ever are."""

    level: str = setting_field(
        "warning",
        "What is worth a line.",
        slip=LEFT_OUT,
        choices=("debug", "info", "warning", "error"),
    )
    file: str = setting_field(
        "", "File to append to. Empty: standard error.", slip=LEFT_OUT, layers=TRUSTED_LAYERS
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. `Settings()` holds the defaults."""

    fim: FimSettings = FimSettings()
    chat: ChatSettings = ChatSettings()
    network: NetworkSettings = NetworkSettings()
    completion: CompletionSettings = CompletionSettings()
    context: ContextSettings = ContextSettings()
    privacy: PrivacySettings = PrivacySettings()
    local: LocalSettings = LocalSettings()
    refactor: RefactorSettings = RefactorSettings()
    log: LogSettings = LogSettings()


SECTIONS: Mapping[str, type[Any]] = MappingProxyType(
    {section.name: type(section.default) for section in fields(Settings)}
)

SETTING_SPECS: Mapping[str, SettingSpec] = MappingProxyType(
    {
        each.key: each
        for section, made in SECTIONS.items()
        for each in collect_specs(section, made).values()
    }
)
