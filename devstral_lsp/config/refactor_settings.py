"""The settings of refactoring and of custom actions. Part of `schema.py`.

A project file may add actions, which a team then shares. Their prompts are text for the model, like
the project's file of conventions; they select neither host nor key. Nothing is sent before the user
takes the action, and its edit is checked and shown like any other. Of two actions with the same
title, the user's own takes precedence.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from string import Formatter

from devstral_lsp.config.setting_spec import (
    ANY,
    EXTRA_ENTRIES,
    LEFT_OUT,
    LOWER,
    MORE,
    NARROWS,
    OFF,
    PLAIN_TEXT,
    REFACTOR_KIND,
    REQUIRED,
    Range,
    at_most,
    setting_field,
)
from devstral_lsp.errors import ConfigError
from devstral_lsp.secrets.key_like import may_hold_key

VARIABLES = ("language", "path", "names")
"""The variables that a prompt may contain in braces: the name of the language, the document's path
relative to its workspace folder, the names of the functions and classes that the edit may touch."""

_KIND = re.compile(r"(?:quickfix|refactor|source)(?:\.[A-Za-z][\w-]*)*", re.ASCII)
_MAX_TITLE_LENGTH = 80
_MAX_PROMPT_LENGTH = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomAction:
    """An action that is defined in settings."""

    title: str = setting_field(REQUIRED, "What the menu shows.", project=PLAIN_TEXT)
    prompt: str = setting_field(REQUIRED, "The instruction for the model.", project=PLAIN_TEXT)
    kind: str = setting_field(
        "refactor.rewrite",
        "The code action kind under which editors list it.",
        project=REFACTOR_KIND,
    )
    languages: tuple[str, ...] = setting_field((), "LSP language ids. Empty: all.", project=ANY)
    scope: str = setting_field(
        "selection", "What the edit may touch.", choices=("selection", "file"), project=ANY
    )

    def __post_init__(self) -> None:
        if not 0 < len(self.title) <= _MAX_TITLE_LENGTH or not self.title.isprintable():
            raise ConfigError(f"needs a `title` of 1 to {_MAX_TITLE_LENGTH} printable characters.")
        title = self._printable_title()
        if not 0 < len(self.prompt) <= _MAX_PROMPT_LENGTH:
            raise ConfigError(
                f"({title}) needs a `prompt` of 1 to {_MAX_PROMPT_LENGTH} characters."
            )
        if not _KIND.fullmatch(self.kind):
            raise ConfigError(
                f"({title}) needs a `kind` that is or begins with "
                '"quickfix", "refactor" or "source", such as "refactor.rewrite".'
            )
        if fault := _find_fault(self.prompt):
            raise ConfigError(f"({title}) has a `prompt` {fault}")

    def _printable_title(self) -> str:
        """The title in quotes, unless it might be a key that was pasted in the wrong place."""
        return "…" if may_hold_key(self.title) else json.dumps(self.title, ensure_ascii=False)


def _find_fault(prompt: str) -> str:
    """What is wrong with the braces of a prompt; "" if nothing is."""
    known = ", ".join(f"{{{each}}}" for each in VARIABLES)
    try:
        fields = [(name, form, how) for _, name, form, how in Formatter().parse(prompt)]
    except ValueError:
        return (
            f"with an unbalanced brace. Write {{{{ or }}}} for a brace; the variables are {known}."
        )
    for name, form, how in fields:
        if name is not None and (name not in VARIABLES or form or how):
            return f"with an unknown variable. The variables are {known}; {{{{ gives a brace."
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefactorSettings:
    """The actions that refactoring offers, and how their edits are shown."""

    enabled: bool = setting_field(True, "Offer code actions.", slip=NARROWS, project=OFF)
    disabled_actions: tuple[str, ...] = setting_field(
        (),
        'Actions not to offer, by name, such as "make_async".',
        slip=NARROWS,
        project=MORE,
    )
    preview: str = setting_field(
        "auto",
        'Which edits within the selected lines to preview. "auto": those that are longer than a '
        "screen. Edits outside these lines and in other files are always previewed.",
        choices=("auto", "always", "never"),
        slip=LEFT_OUT,
        project=at_most("never", "auto", "always"),
    )
    task_tokens: int = setting_field(
        1_000_000,
        "How many tokens, prompts and answers together, one task may use. At the limit it stops "
        "and shows the changes so far.",
        range=Range(10_000, 100_000_000, "tokens"),
        slip=LEFT_OUT,
        project=LOWER,
    )
    actions: tuple[CustomAction, ...] = setting_field(
        (),
        "Custom actions: tables of `title`, `prompt` (with `{language}`, `{path}` and "
        "`{names}`), and optionally `kind`, `languages` and `scope`. All layers add to them.",
        row_type=CustomAction,
        slip=LEFT_OUT,
        accumulates=True,
        project=EXTRA_ENTRIES,
    )
