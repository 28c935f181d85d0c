"""The settings of refactoring, and what the user's own actions may be. Part of `schema.py`.

A project file may add actions, so that a team shares them: its prompts are text for the model like
the project's own file of conventions, they choose no host and no key, nothing is sent before the
user takes the action, and its edit is checked and shown like that of any other. Of two actions with
one title, the user's own counts.
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
"""What a prompt may hold in braces: the language as people call it, the document's path from its
workspace folder, the names of the functions and classes that the edit may touch."""

_KIND = re.compile(r"(?:quickfix|refactor|source)(?:\.[A-Za-z][\w-]*)*", re.ASCII)
_MAX_TITLE_LENGTH = 80
_MAX_PROMPT_LENGTH = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomAction:
    """An action that is defined in settings."""

    title: str = setting_field(REQUIRED, "What the menu shows.", project=PLAIN_TEXT)
    prompt: str = setting_field(REQUIRED, "What the model is asked to do.", project=PLAIN_TEXT)
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
        called = self._called()
        if not 0 < len(self.prompt) <= _MAX_PROMPT_LENGTH:
            raise ConfigError(
                f"({called}) needs a `prompt` of 1 to {_MAX_PROMPT_LENGTH} characters."
            )
        if not _KIND.fullmatch(self.kind):
            raise ConfigError(
                f"({called}) needs a `kind` that is or begins with "
                '"quickfix", "refactor" or "source", such as "refactor.rewrite".'
            )
        if trouble := _trouble(self.prompt):
            raise ConfigError(f"({called}) has a `prompt` {trouble}")

    def _called(self) -> str:
        """The title in quotes, unless it might be a key that was pasted in the wrong place."""
        return "…" if may_hold_key(self.title) else json.dumps(self.title, ensure_ascii=False)


def _trouble(prompt: str) -> str:
    """What is wrong with the braces of a prompt, "" if nothing is."""
    known = ", ".join(f"{{{each}}}" for each in VARIABLES)
    try:
        fields = [(name, form, how) for _, name, form, how in Formatter().parse(prompt)]
    except ValueError:
        return (
            f"with a brace too many or too few. Write {{{{ or }}}} for a brace; there are {known}."
        )
    for name, form, how in fields:
        if name is not None and (name not in VARIABLES or form or how):
            return f"with a variable that there is not. There are {known}; {{{{ gives a brace."
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefactorSettings:
    """What refactoring offers."""

    enabled: bool = setting_field(True, "Offer code actions.", slip=NARROWS, project=OFF)
    disabled_actions: tuple[str, ...] = setting_field(
        (),
        'Actions that are not offered, by name, such as "make_async".',
        slip=NARROWS,
        project=MORE,
    )
    preview: str = setting_field(
        "auto",
        'Which edits within the selected lines are shown before they land. "auto": those of more '
        "lines than a screen shows. Edits beyond these lines, and of other files, always are.",
        choices=("auto", "always", "never"),
        slip=LEFT_OUT,
        project=at_most("never", "auto", "always"),
    )
    task_tokens: int = setting_field(
        1_000_000,
        "How many tokens, prompts and answers together, one task may use. What has been done by "
        "then is shown.",
        range=Range(10_000, 100_000_000, "tokens"),
        slip=LEFT_OUT,
        project=LOWER,
    )
    actions: tuple[CustomAction, ...] = setting_field(
        (),
        "Actions of your own: tables of `title`, `prompt` (with `{language}`, `{path}` and "
        "`{names}`), and if you like `kind`, `languages` and `scope`. Those of all files count.",
        row_type=CustomAction,
        slip=LEFT_OUT,
        accumulates=True,
        project=EXTRA_ENTRIES,
    )
