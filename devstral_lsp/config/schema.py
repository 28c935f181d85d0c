"""Every setting there is: its name, type, default, limits, meaning, and who may set it.

The table in docs/settings.md, the validation, the suggestions for misspelt names and an editor
extension's own schema all derive from these dataclasses. Settings of what is read beside the
document narrow when they cannot be read: each says what of the user's code is used, or sent.
"""

# `setting_field()` makes a dataclass field, as `field()` does: calling it shares nothing mutable.
# ruff: noqa: RUF009

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from devstral_lsp.config.endpoint_settings import ChatSettings as ChatSettings
from devstral_lsp.config.endpoint_settings import FimSettings as FimSettings
from devstral_lsp.config.endpoint_settings import NetworkSettings
from devstral_lsp.config.limit_settings import LimitSettings
from devstral_lsp.config.refactor_settings import RefactorSettings
from devstral_lsp.config.setting_spec import (
    EXTRA_ENTRIES,
    LEFT_OUT,
    LOWER,
    MORE,
    NARROWS,
    OFF,
    TRUSTED_LAYERS,
    Range,
    SettingSpec,
    at_most,
    collect_specs,
    only,
    setting_field,
)
from devstral_lsp.config.setting_types import FlagOrAuto, Languages, Patterns, Surroundings

ON_REQUEST = "on request"
"""The word of `completion.mode` for completions that come only when the user asks by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionSettings:
    """When and how completions are offered."""

    enabled: bool = setting_field(
        True,
        'Offer completions. `false` is the same as `completion.mode = "off"`.',
        slip=NARROWS,
        project=OFF,
    )
    mode: str = setting_field(
        "automatic",
        '"automatic": while you type. "on request": when you ask by hand. "off": never.',
        slip=NARROWS,
        choices=("automatic", ON_REQUEST, "off"),
        project=at_most("automatic", ON_REQUEST, "off"),
    )
    disabled_in: Surroundings = setting_field(
        (),
        "Where nothing is offered unless you ask by hand: `comments`, `strings`.",
        slip=NARROWS,
        project=MORE,
    )
    debounce_ms: int | None = setting_field(
        None,
        "Pause in typing before the network is asked. Unset: adapts to you and the endpoint.",
        slip=LEFT_OUT,
        range=Range(0, 5000, "ms"),
    )
    disabled_languages: Languages = setting_field(
        (), "LSP language ids in which nothing is offered.", slip=NARROWS, project=MORE
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
    speculate: FlagOrAuto = setting_field(
        False,
        "Ask for what comes after a completion while that is still being looked at. Quicker, and "
        'about as many requests again, but none of a small quota. "auto": where the limits of '
        "your plan or key are known to leave enough.",
        slip=LEFT_OUT,
        project=OFF,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSettings:
    """What the model is told beside the text around the cursor. The sources have a switch each."""

    enabled: bool = setting_field(
        True,
        "Tell the model the name of the file and pieces of others. Off: the document alone.",
        slip=NARROWS,
        project=OFF,
    )
    imports: bool = setting_field(
        True,
        "Signatures of what the file imports and of what is named near the cursor, from the "
        "workspace and open documents. Off: where other files must not leave the machine.",
        slip=NARROWS,
        project=OFF,
    )
    members: bool = setting_field(
        True,
        "Members of what stands before the dot, the signature of what is called, the methods to "
        "implement: from the workspace and installed packages. Off: as for `imports`.",
        slip=NARROWS,
        project=OFF,
    )
    similar_code: bool = setting_field(
        True,
        "Pieces of open documents that are like the place of the cursor. Off: where a model tends "
        "to repeat them.",
        slip=NARROWS,
        project=OFF,
    )
    recent_edits: bool = setting_field(
        True,
        "What you edited elsewhere a moment ago. Off: where your edits have little to do with "
        "each other.",
        slip=NARROWS,
        project=OFF,
    )
    git_message: bool = setting_field(
        True,
        "The staged diff, while you write a commit message. Off: where what is staged must not "
        "be sent.",
        slip=NARROWS,
        project=OFF,
    )
    notebook: bool = setting_field(
        True,
        "The other cells of a notebook. Off: where cells hold data that must not be sent.",
        slip=NARROWS,
        project=OFF,
    )
    budget_tokens: int = setting_field(
        1024,
        "How much of all this is sent. Less is cheaper and sooner answered.",
        slip=NARROWS,
        range=Range(0, 32_768, "tokens"),
        project=LOWER,
    )
    deadline_ms: int = setting_field(
        100,
        "How long a completion waits for it. What is late is used the next time.",
        slip=NARROWS,
        range=Range(0, 2000, "ms"),
        project=LOWER,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSettings:
    """Completing from the user's own code."""

    enabled: bool = setting_field(
        True, "Answer from your own code when nothing else can.", slip=NARROWS, project=OFF
    )
    workspace: bool = setting_field(
        True, "Read the files of the workspace folders for that.", slip=NARROWS, project=OFF
    )
    max_files: int = setting_field(
        600,
        "How many files are read.",
        slip=NARROWS,
        range=Range(0, 100_000, "files"),
        project=LOWER,
    )
    max_bytes: int = setting_field(
        4_000_000,
        "How much of them is read in all.",
        slip=NARROWS,
        range=Range(0, 200_000_000, "bytes"),
        project=LOWER,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NextEditSettings:
    """Proposing your next change elsewhere, after the ones that you have just made."""

    mode: str = setting_field(
        "local",
        'Where next edits come from. "local": from your own last changes, without a model.',
        slip=LEFT_OUT,
        choices=("off", "local"),
        project=only("off"),
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
        accumulates=True,
        project=EXTRA_ENTRIES,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSettings:
    """What is kept of requests and suggestions, on this machine alone."""

    enabled: bool = setting_field(
        True,
        "Keep a ledger for `devstral-lsp stats`: times, tokens, cost and what became of each "
        "suggestion. Neither source text nor paths.",
        slip=LEFT_OUT,
    )
    keep_days: int = setting_field(
        365,
        "How long it is kept.",
        slip=LEFT_OUT,
        range=Range(1, 3650, "days"),
        layers=TRUSTED_LAYERS,
    )
    opentelemetry: bool = setting_field(
        False,
        "Send times, tokens and outcomes of requests, and never content, to the collector that the "
        "`OTEL_*` variables of the environment name. Needs the extra `otel`.",
        slip=LEFT_OUT,
        layers=TRUSTED_LAYERS,
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
    limits: LimitSettings = LimitSettings()
    local: LocalSettings = LocalSettings()
    refactor: RefactorSettings = RefactorSettings()
    next_edit: NextEditSettings = NextEditSettings()
    usage: UsageSettings = UsageSettings()
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
