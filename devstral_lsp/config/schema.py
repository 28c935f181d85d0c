"""All settings: name, type, default, limits, meaning, and who may set them.

The table in docs/settings.md, the validation, the suggestions for misspelt names and the VS Code
extension's schema are derived from these dataclasses. A setting that decides which of the user's
code is read or sent narrows if its value is invalid: then nothing is sent.
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
"""The `completion.mode` in which completions appear only when the user requests them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionSettings:
    """When and how to offer completions."""

    enabled: bool = setting_field(
        True,
        'Offer completions. `false` is the same as `completion.mode = "off"`.',
        slip=NARROWS,
        project=OFF,
    )
    mode: str = setting_field(
        "automatic",
        '"automatic": while you type. "on request": only when you request one. "off": never.',
        slip=NARROWS,
        choices=("automatic", ON_REQUEST, "off"),
        project=at_most("automatic", ON_REQUEST, "off"),
    )
    disabled_in: Surroundings = setting_field(
        (),
        "Where to offer completions only on request: `comments`, `strings`.",
        slip=NARROWS,
        project=MORE,
    )
    debounce_ms: int | None = setting_field(
        None,
        "Delay after a keystroke before a request is sent. Unset: adapts to you and the endpoint.",
        slip=LEFT_OUT,
        range=Range(0, 5000, "ms"),
    )
    disabled_languages: Languages = setting_field(
        (), "LSP language ids without completions.", slip=NARROWS, project=MORE
    )
    menu: str = setting_field(
        "auto",
        "Also offer completions in the editor's completion menu. "
        '"auto": only if the editor has no inline completion.',
        slip=LEFT_OUT,
        choices=("auto", "always", "never"),
        project=only("never"),
    )
    multiline: str = setting_field(
        "auto",
        'Whether a completion may span lines. "auto": where the code at the cursor opens a block.',
        slip=LEFT_OUT,
        choices=("auto", "never"),
        project=only("never"),
    )
    speculate: FlagOrAuto = setting_field(
        False,
        "While a completion is displayed, request the one that would follow it. Faster, but about "
        'twice as many requests; none while a quota is small. "auto": if the rate limits of your '
        "plan or key are known to allow it.",
        slip=LEFT_OUT,
        project=OFF,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSettings:
    """The context sent in addition to the text around the cursor. Each source has a switch."""

    enabled: bool = setting_field(
        True,
        "Send the file's name and pieces of other files. Off: only the document.",
        slip=NARROWS,
        project=OFF,
    )
    imports: bool = setting_field(
        True,
        "Signatures of what the file imports and of the names near the cursor, from the "
        "workspace and open documents. Switch it off if other files must not leave the machine.",
        slip=NARROWS,
        project=OFF,
    )
    members: bool = setting_field(
        True,
        "Members of the value before the dot, the signature of the called function, the methods to "
        "implement: from the workspace and installed packages. Switch it off as for `imports`.",
        slip=NARROWS,
        project=OFF,
    )
    similar_code: bool = setting_field(
        True,
        "Pieces of open documents that resemble the code at the cursor. Switch it off if a model "
        "tends to repeat them.",
        slip=NARROWS,
        project=OFF,
    )
    recent_edits: bool = setting_field(
        True,
        "Your most recent edits elsewhere. Switch it off if your edits are mostly unrelated.",
        slip=NARROWS,
        project=OFF,
    )
    git_message: bool = setting_field(
        True,
        "The staged diff, while you write a commit message. Switch it off if it must not be sent.",
        slip=NARROWS,
        project=OFF,
    )
    notebook: bool = setting_field(
        True,
        "The other cells of a notebook. Switch it off if they contain data that must not be sent.",
        slip=NARROWS,
        project=OFF,
    )
    budget_tokens: int = setting_field(
        1024,
        "Size limit of all this context together. Less is cheaper and faster.",
        slip=NARROWS,
        range=Range(0, 32_768, "tokens"),
        project=LOWER,
    )
    deadline_ms: int = setting_field(
        100,
        "How long a completion waits for this context. What arrives later is used next time.",
        slip=NARROWS,
        range=Range(0, 2000, "ms"),
        project=LOWER,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSettings:
    """Completions from the user's own code, without a model."""

    enabled: bool = setting_field(
        True, "Complete from your own code when no model answers.", slip=NARROWS, project=OFF
    )
    workspace: bool = setting_field(
        True, "Read the files of the workspace folders for this.", slip=NARROWS, project=OFF
    )
    max_files: int = setting_field(
        600,
        "How many files to read.",
        slip=NARROWS,
        range=Range(0, 100_000, "files"),
        project=LOWER,
    )
    max_bytes: int = setting_field(
        4_000_000,
        "How much of them to read, in total.",
        slip=NARROWS,
        range=Range(0, 200_000_000, "bytes"),
        project=LOWER,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NextEditSettings:
    """Proposals of the user's next change, derived from their last ones."""

    mode: str = setting_field(
        "local",
        'Source of next edits. "local": your own last changes, without a model.',
        slip=LEFT_OUT,
        choices=("off", "local"),
        project=only("off"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacySettings:
    """What must not leave the machine."""

    redact_secrets: bool = setting_field(
        True,
        "Send placeholders instead of keys, tokens and passwords, and restore these in the "
        "answers.",
        slip=NARROWS,
        layers=TRUSTED_LAYERS,
    )
    exclude: Patterns = setting_field(
        (),
        "Files and folders whose content is never sent: `*.sql`, `customers/`, `src/**/fixtures`. "
        "Each layer adds to those before it.",
        slip=NARROWS,
        accumulates=True,
        project=EXTRA_ENTRIES,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSettings:
    """What is recorded about requests and suggestions, on this machine only."""

    enabled: bool = setting_field(
        True,
        "Record requests for `devstral-lsp stats`: times, tokens, cost, and whether suggestions "
        "were accepted. Neither source text nor paths.",
        slip=LEFT_OUT,
    )
    keep_days: int = setting_field(
        365,
        "How long records are kept.",
        slip=LEFT_OUT,
        range=Range(1, 3650, "days"),
        layers=TRUSTED_LAYERS,
    )
    opentelemetry: bool = setting_field(
        False,
        "Send times, tokens and outcomes of requests, but no content, to the OpenTelemetry "
        "collector that the `OTEL_*` environment variables name. Needs the extra `otel`.",
        slip=LEFT_OUT,
        layers=TRUSTED_LAYERS,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """The log. It contains neither source text nor keys."""

    level: str = setting_field(
        "warning",
        "The lowest level that is logged.",
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
