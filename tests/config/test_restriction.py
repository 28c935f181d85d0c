"""A project file, or a folder's settings in an editor, only restricts: each setting, each way.

The table says for every setting what a project does that widens it and is refused, and what it may
do. A setting that is missing in it fails.
"""

from __future__ import annotations

from typing import Any

import pytest

from devstral_lsp.config import setting_types
from devstral_lsp.config.merge import ResolvedSettings, SettingsLayer, resolve
from devstral_lsp.config.schema import SETTING_SPECS, Settings
from devstral_lsp.config.setting_spec import Layer

RESTRICTS: dict[str, tuple[Any, Any, Any]] = {
    "fim.provider": ("mistral", "local", "local"),
    "fim.max_tokens": (100, 50, 50),
    "fim.min_tokens": (10, 5, 5),
    "fim.temperature": (0.2, 0.1, 0.1),
    "fim.stop": (["a"], ["b"], ("a", "b")),
    "chat.max_tokens": (1000, 500, 500),
    "chat.temperature": (0.2, 0.1, 0.1),
    "completion.enabled": (True, False, False),
    "completion.mode": ("automatic", "on request", "on request"),
    "completion.disabled_in": (["comments"], ["strings"], ("comments", "strings")),
    "completion.disabled_languages": (["python"], ["go"], ("python", "go")),
    "completion.menu": ("always", "never", "never"),
    "completion.multiline": ("auto", "never", "never"),
    "completion.speculate": (True, False, False),
    "context.enabled": (True, False, False),
    "context.imports": (True, False, False),
    "context.members": (True, False, False),
    "context.similar_code": (True, False, False),
    "context.recent_edits": (True, False, False),
    "context.git_message": (True, False, False),
    "context.notebook": (True, False, False),
    "context.budget_tokens": (500, 100, 100),
    "context.deadline_ms": (50, 10, 10),
    "local.enabled": (True, False, False),
    "local.workspace": (True, False, False),
    "local.max_files": (100, 10, 10),
    "local.max_bytes": (1000, 10, 10),
    "refactor.enabled": (True, False, False),
    "refactor.disabled_actions": (["simplify"], ["review"], ("simplify", "review")),
    "refactor.preview": ("auto", "always", "always"),
    "refactor.task_tokens": (200_000, 50_000, 50_000),
    "privacy.exclude": (["*.sql"], ["data/"], ("*.sql", "data/")),
    "next_edit.mode": ("local", "off", "off"),
}
"""By setting what the user has, what a project says, and what is in force then."""

WIDER: dict[str, Any] = {
    "fim.provider": "mistral",
    "completion.menu": "always",
    "completion.multiline": "auto",
    "next_edit.mode": "local",
    "fim.stop": [],
    "completion.mode": "automatic",
    "completion.disabled_in": [],
    "completion.disabled_languages": [],
    "refactor.disabled_actions": [],
    "refactor.preview": "never",
    "privacy.exclude": [],
}
"""What widens a setting that is neither a switch nor a number, or is to."""

NARROW: dict[str, Any] = {
    "fim.provider": "local", "completion.menu": "never", "completion.multiline": "never",
    "fim.stop": ["a"], "completion.disabled_languages": ["python"],
    "refactor.disabled_actions": ["simplify"], "privacy.exclude": ["*.sql"],
    "completion.mode": "on request", "completion.disabled_in": ["comments"],
    "next_edit.mode": "off", "refactor.preview": "auto",
}  # fmt: skip
"""What a user has who restricted those."""


def resolved(key: str, user: Any, project: Any) -> ResolvedSettings:
    sources = [
        SettingsLayer(Layer.USER, "user file", {} if user is None else {key: user}),
        SettingsLayer(Layer.PROJECT, "project file", {key: project}),
    ]
    return resolve(sources)


def value(result: ResolvedSettings, key: str) -> Any:
    section, _, name = key.partition(".")
    return getattr(getattr(result.settings, section), name)


def test_every_setting_that_a_project_may_set_is_in_the_table() -> None:
    may = {key for key, each in SETTING_SPECS.items() if Layer.PROJECT in each.layers}
    assert may == {*RESTRICTS, "refactor.actions"}
    assert may == {key for key, each in SETTING_SPECS.items() if each.project is not None}


@pytest.mark.parametrize("key", RESTRICTS)
def test_a_project_restricts(key: str) -> None:
    user, project, expected = RESTRICTS[key]
    result = resolved(key, user, project)
    assert value(result, key) == expected
    assert result.origins[key] is Layer.PROJECT
    assert result.problems == ()


def wide_of(key: str) -> tuple[Any, Any]:
    """What the user has, and what a project says to have more of it."""
    setting = SETTING_SPECS[key]
    if setting.value_type in (setting_types.FLAG, setting_types.FLAG_OR_AUTO):
        return False, True
    if setting.range is not None:
        return setting.range.minimum, setting.range.maximum
    return NARROW[key], WIDER[key]


@pytest.mark.parametrize("key", RESTRICTS)
def test_a_project_never_widens(key: str) -> None:
    user, project = wide_of(key)
    alone = resolved(key, user, None)
    result = resolved(key, user, project)
    assert (result.settings, result.origins) == (alone.settings, alone.origins)
    if not isinstance(project, list):
        (problem,) = result.problems
        assert "Set it in the user file" in problem.sentence
        assert SETTING_SPECS[key].variable in problem.sentence


SAMPLES: dict[str, Any] = {
    setting_types.FLAG.annotation: True,
    setting_types.FLAG_OR_AUTO.annotation: True,
    setting_types.INTEGER.annotation: 2000,
    setting_types.NUMBER.annotation: 0.5,
    setting_types.STRING.annotation: "x",
    setting_types.STRINGS.annotation: ["x"],
    setting_types.COMMAND.annotation: ["env"],
    setting_types.HOSTS.annotation: ["evil.example"],
    setting_types.URL.annotation: "https://evil.example",
    setting_types.PROXY_URL.annotation: "https://evil.example",
    setting_types.URLS.annotation: ["https://evil.example"],
    setting_types.VARIABLE.annotation: "HOME",
    setting_types.TABLES.annotation: ["local"],
}


@pytest.mark.parametrize("key", [key for key in SETTING_SPECS if key not in RESTRICTS])
def test_a_project_sets_nothing_else(key: str) -> None:
    if key == "refactor.actions":
        return
    setting = SETTING_SPECS[key]
    raw = setting.choices[-1] if setting.choices else SAMPLES[setting.value_type.annotation]
    result = resolved(key, None, raw)
    assert result.settings == Settings()
    (problem,) = result.problems
    assert "may not be set by a project file" in problem.sentence


def test_what_the_quota_decides_is_not_switched_on_by_a_project() -> None:
    result = resolved("completion.speculate", "auto", True)
    assert result.settings.completion.speculate == "auto"
    assert len(result.problems) == 1


def test_equal_values_change_nothing_and_need_no_word() -> None:
    for key in ("completion.enabled", "context.imports", "local.workspace"):
        result = resolved(key, None, True)
        assert result.problems == ()
        assert result.origins[key] is Layer.DEFAULT


ACTION = {"title": "Sort", "prompt": "Sort the members."}
EVIL_KINDS = (
    "source", "source.fixAll", "source.fixAll.x", "source.organizeImports", "quickfix",
    "quickfix.x", "refactoring", "Refactor", "notebook", "notebook.source.x", "",
)  # fmt: skip


@pytest.mark.parametrize("kind", EVIL_KINDS)
def test_a_projects_action_has_no_kind_that_an_editor_applies_by_itself(kind: str) -> None:
    result = resolved("refactor.actions", None, [{**ACTION, "kind": kind}])
    assert result.settings.refactor.actions == ()
    assert "`kind`" in result.problems[0].sentence


@pytest.mark.parametrize("kind", ["source.fixAll.x", "quickfix"])
def test_the_users_own_may(kind: str) -> None:
    result = resolved("refactor.actions", [{**ACTION, "kind": kind}], [ACTION])
    assert [each.kind for each in result.settings.refactor.actions] == [kind, "refactor.rewrite"]


@pytest.mark.parametrize(
    "character", ["\u202e", "\u200b", "\u3164", "\ufe0f", "\U000e0041", "\x1b"]
)
@pytest.mark.parametrize("part", ["title", "prompt"])
def test_nothing_in_a_projects_action_is_hidden(part: str, character: str) -> None:
    raw = [{**ACTION, part: f"Sort{character} it"}, {**ACTION, "title": "Fine"}]
    result = resolved("refactor.actions", None, raw)
    assert [each.title for each in result.settings.refactor.actions] == ["Fine"]
    (problem,) = result.problems
    assert part in problem.sentence
    assert character not in problem.sentence


def test_the_users_own_title_may_hold_an_emoji() -> None:
    result = resolved("refactor.actions", [{**ACTION, "title": "⚙️ Sort"}], [])
    assert result.problems == ()
