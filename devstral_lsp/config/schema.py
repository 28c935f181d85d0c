"""Every setting there is: its name, type, default, limits, meaning, and who may set it.

The README's table, the validation, the did-you-mean and an editor extension's own schema all derive
from these dataclasses. Nothing here reads a file or the environment (`sources.py`), merges layers
(`layers.py`) or knows a provider's code: the provider names are those of the registry.
"""

# `setting()` makes a dataclass field, as `field()` does: nothing mutable is shared by calling it.
# ruff: noqa: RUF009

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from devstral_lsp.config.endpoints import (
    CHAT_PROVIDERS,
    FIM_PROVIDERS,
    PRICE,
    TIMEOUT,
    WINDOW,
    ChatFallback,
    Fallback,
    NetworkSettings,
)
from devstral_lsp.config.refactoring import RefactorSettings
from devstral_lsp.config.setting import (
    PERSONAL,
    TRUSTED,
    Command,
    Hosts,
    Setting,
    Url,
    Urls,
    Variable,
    Within,
    described,
    setting,
    tables,
)

_TOKENS = Within(1, 131_072, "tokens")
_WHOLE = Within(1000, 3_600_000, "ms")
_TEMPERATURE = Within(0, 1)  # the schema allows 1.5, Mistral's error glossary 1: keep to both


@dataclass(frozen=True, slots=True, kw_only=True)
class FimSettings:
    """Filling in the middle: which model, where, with which key, and how much."""

    provider: str = setting(
        "auto",
        'Who fills in. "auto": Mistral\'s wire at `fim.base_url` where that is set, else '
        '"codestral" or "mistral", whichever has a key, else "local", which needs none. '
        'A project file may only say "local".',
        choices=("auto", *FIM_PROVIDERS),
    )
    base_url: Url = setting(
        "", "Address of the endpoint, with or without `/v1`. Empty: the provider's own.",
        layers=PERSONAL,
    )  # fmt: skip
    replicas: Urls = setting(
        (),
        "Further addresses of the same provider and model, which share the load; the quicker one "
        "is asked more often.",
        layers=PERSONAL,
    )
    fallbacks: tuple[Fallback, ...] = tables(
        Fallback,
        "Who is asked next when the endpoint does not answer, in order: words of `fim.provider`, "
        "or tables of `provider`, `base_url`, `replicas`, `model`, `api_key_env`, "
        "`api_key_command`, `trusted_hosts`, `timeout_ms`, `context_tokens`, `price_prompt` and "
        "`price_completion`. `local` comes last in any case.",
        lone="provider",
        layers=PERSONAL,
    )
    model: str = setting("", "Model id. Empty: the model with FIM that the account offers.")
    context_tokens: int | None = setting(
        None,
        "What the model reads at most; a prompt takes half of it, and 2048 tokens at most. Unset: "
        "as the endpoint says, else as Mistral's documentation does.",
        within=WINDOW,
    )
    price_prompt: float | None = setting(
        None,
        "What a million tokens of a prompt cost, which `doctor` tells; counts together with "
        "`fim.price_completion`. Unset: as the endpoint or the documentation says.",
        within=PRICE,
    )
    price_completion: float | None = setting(
        None, "What a million tokens of answers cost; see `fim.price_prompt`.", within=PRICE
    )
    api_key_env: Variable = setting(
        "",
        "Variable that holds the key. Empty: the provider's own, such as `MISTRAL_API_KEY`. "
        "The editor may only name a provider's own, or one that you named yourself.",
        layers=PERSONAL,
    )
    api_key_command: Command = setting(
        (),
        "Command whose first line of output is the key, run without a shell.",
        layers=TRUSTED,
    )
    trusted_hosts: Hosts = setting(
        (),
        "Further hosts that the key may go to: `host`, `host:port`, or `http://host` for one "
        "without TLS.",
        layers=TRUSTED,
    )
    max_tokens: int = setting(
        256, "Upper limit of one completion.", within=Within(1, 4096, "tokens")
    )
    min_tokens: int = setting(
        0,
        "Lower limit of one completion; 0 lets the model say nothing.",
        within=Within(0, 4096, "tokens"),
    )
    temperature: float = setting(
        # Mistral advises about 0.1 for FIM; the model's own default of 0.3 invents more.
        0.1, "How much the model may vary.", within=_TEMPERATURE,
    )  # fmt: skip
    top_p: float | None = setting(
        None, "Share of probability to sample from. Unset: the model's own.", within=Within(0.01, 1)
    )
    random_seed: int | None = setting(
        None, "Seed, for answers that can be repeated.", within=Within(0, 2**31 - 1)
    )
    stop: tuple[str, ...] = setting((), "Further strings at which a completion ends.")
    timeout_ms: int = setting(
        10_000, "How long to wait for the first piece of an answer.", within=TIMEOUT
    )
    total_timeout_ms: int = setting(60_000, "How long a whole answer may take.", within=_WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """Conversations, which refactoring needs: which model, where, with which key, how much."""

    provider: str = setting(
        "auto",
        'Who answers. "auto": Mistral\'s wire at `chat.base_url` where that is set, else '
        '"mistral" or "codestral", whichever has a key.',
        choices=("auto", *CHAT_PROVIDERS),
        layers=PERSONAL,
    )
    base_url: Url = setting(
        "", "Address of the endpoint, with or without `/v1`. Empty: the provider's own.",
        layers=PERSONAL,
    )  # fmt: skip
    replicas: Urls = setting((), "Like `fim.replicas`.", layers=PERSONAL)
    fallbacks: tuple[ChatFallback, ...] = tables(
        ChatFallback, "Like `fim.fallbacks`.", lone="provider", layers=PERSONAL
    )
    model: str = setting(
        "",
        "Model id. Empty: `mistral-medium-latest`, or `codestral-latest` with a Codestral key.",
    )
    context_tokens: int | None = setting(
        None, "What the model reads at most, which `doctor` tells.", within=WINDOW
    )
    price_prompt: float | None = setting(None, "Like `fim.price_prompt`.", within=PRICE)
    price_completion: float | None = setting(None, "Like `fim.price_completion`.", within=PRICE)
    api_key_env: Variable = setting("", "Like `fim.api_key_env`.", layers=PERSONAL)
    api_key_command: Command = setting((), "Like `fim.api_key_command`.", layers=TRUSTED)
    trusted_hosts: Hosts = setting((), "Like `fim.trusted_hosts`.", layers=TRUSTED)
    max_tokens: int = setting(4096, "Upper limit of one answer.", within=_TOKENS)
    temperature: float = setting(0.2, "How much the model may vary.", within=_TEMPERATURE)
    timeout_ms: int = setting(
        120_000, "How long to wait for the first piece of an answer.", within=TIMEOUT
    )
    total_timeout_ms: int = setting(600_000, "How long a whole answer may take.", within=_WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionSettings:
    """When and how completions are offered."""

    enabled: bool = setting(True, "Offer completions.")
    debounce_ms: int | None = setting(
        None,
        "Pause in typing before the network is asked. Unset: adapts to you and the endpoint.",
        within=Within(0, 5000, "ms"),
    )
    disabled_languages: tuple[str, ...] = setting(
        (), "LSP language ids in which nothing is offered."
    )
    menu: str = setting(
        "auto",
        "Offer through the editor's completion menu as well. "
        '"auto": only where the editor has no inline completion.',
        choices=("auto", "always", "never"),
    )
    multiline: str = setting(
        "auto",
        'May a completion span lines? "auto": where the code at the cursor opens a block.',
        choices=("auto", "never"),
    )
    speculate: bool = setting(
        False,
        "Ask for what comes after a completion while that is still being looked at. Quicker, and "
        "about as many requests again.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSettings:
    """What the model is told beside the text around the cursor. The sources have a switch each."""

    enabled: bool = setting(
        True, "Tell the model the name of the file and pieces of others. Off: the document alone."
    )
    imports: bool = setting(
        True,
        "Signatures of what the file imports and of what is named near the cursor, from the "
        "workspace and open documents. Off: where other files must not leave the machine.",
    )
    similar_code: bool = setting(
        True,
        "Pieces of open documents that are like the place of the cursor. Off: where a model tends "
        "to repeat them.",
    )
    recent_edits: bool = setting(
        True,
        "What you edited elsewhere a moment ago. Off: where your edits have little to do with "
        "each other.",
    )
    git_message: bool = setting(
        True,
        "The staged diff, while you write a commit message. Off: where what is staged must not "
        "be sent, or git must not be run.",
    )
    notebook: bool = setting(
        True, "The other cells of a notebook. Off: where cells hold data that must not be sent."
    )
    budget_tokens: int = setting(
        1024,
        "How much of all this is sent. Less is cheaper and sooner answered.",
        within=Within(0, 32_768, "tokens"),
    )
    deadline_ms: int = setting(
        100,
        "How long a completion waits for it. What is late is used the next time.",
        within=Within(0, 2000, "ms"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacySettings:
    """What never leaves the machine."""

    redact_secrets: bool = setting(
        True,
        "Send placeholders in the place of keys, tokens and passwords, and put these back into "
        "the answers.",
        layers=TRUSTED,
    )
    exclude: tuple[str, ...] = setting(
        (),
        "Files and folders of which nothing is sent: `*.sql`, `customers/`, `src/**/fixtures`. "
        "Each layer adds to those before it.",
        gathered=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSettings:
    """Completing from the user's own code."""

    enabled: bool = setting(True, "Answer from your own code when nothing else can.")
    workspace: bool = setting(True, "Read the files of the workspace folders for that.")
    max_files: int = setting(600, "How many files are read.", within=Within(0, 100_000, "files"))
    max_bytes: int = setting(
        4_000_000, "How much of them is read in all.", within=Within(0, 200_000_000, "bytes")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What is written down. Neither source text nor keys ever are."""

    level: str = setting(
        "warning", "What is worth a line.", choices=("debug", "info", "warning", "error")
    )
    file: str = setting("", "File to append to. Empty: standard error.", layers=TRUSTED)


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

SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {
        each.key: each
        for section, made in SECTIONS.items()
        for each in described(section, made).values()
    }
)
