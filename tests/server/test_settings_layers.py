"""A session's settings: before and after its editor has spoken, and what a folder may say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.config.setting_spec import Layer
from devstral_lsp.server.settings_layers import UNANSWERED, EditorSettings, SettingsChannel


@pytest.fixture
def configuration(tmp_path: Path) -> EditorSettings:
    file = tmp_path / "config.toml"
    file.touch()
    return EditorSettings({"DEVSTRAL_CONFIG": str(file)})


def test_nothing_is_sent_before_an_editor_that_is_asked_has_answered(
    configuration: EditorSettings,
) -> None:
    configuration.awaits_editor = True
    configuration.set(SettingsChannel.INITIALIZE, {"fim": {"provider": "ollama"}})
    waiting = configuration.resolve([])
    assert (waiting.waits, UNANSWERED in waiting.narrowed) == (True, True)
    configuration.set(SettingsChannel.PULLED, None)
    assert configuration.resolve([]).narrowed == ""
    assert configuration.resolve([]).settings.fim.provider == "ollama"


def test_a_slip_is_told_before_the_silence(configuration: EditorSettings) -> None:
    configuration.awaits_editor = True
    configuration.set(SettingsChannel.INITIALIZE, {"fim": {"provider": "olama"}})
    resolved = configuration.resolve([])
    assert not resolved.waits
    assert UNANSWERED not in resolved.narrowed
    assert len(resolved.problems) == 1


def test_the_same_slips_do_the_same(configuration: EditorSettings) -> None:
    configuration.set(SettingsChannel.PUSHED, {"fim": {"provider": "ollama"}})
    good = configuration.resolve([])
    configuration.set(SettingsChannel.PUSHED, {"fim": {"provider": "olama"}})
    one = configuration.resolve([])
    configuration.set(SettingsChannel.PUSHED, {"fim": {"provider": "olla"}})
    other = configuration.resolve([])
    assert one != other
    assert one.is_equivalent(other)
    assert one.is_equivalent(good)
    configuration.set(SettingsChannel.PUSHED, {"fim": {"provider": "vllm"}})
    assert not configuration.resolve([]).is_equivalent(other)


ACTION = {"title": "Sort", "prompt": "Sort the members."}
PROJECT = """
[fim]
max_tokens = 100
[[refactor.actions]]
title = "Of the file"
prompt = "Do it."
"""


def resolved(
    tmp_path: Path, *said: Mapping[str, object], project: str = PROJECT
) -> ResolvedSettings:
    folder = tmp_path / "project"
    folder.mkdir(exist_ok=True)
    (folder / ".devstral.toml").write_text(project, encoding="utf-8")
    user = tmp_path / "config.toml"
    user.touch()
    configuration = EditorSettings({"DEVSTRAL_CONFIG": str(user)})
    for way, settings in zip(SettingsChannel, said, strict=False):
        configuration.set(way, settings)
    return configuration.resolve([folder])


def titles(result: ResolvedSettings) -> list[str]:
    return [each.title for each in result.settings.refactor.actions]


def test_a_folders_settings_in_an_editor_count_as_a_project_file(tmp_path: Path) -> None:
    said = {
        "completion.enabled": False,
        "workspace.completion.enabled": True,
        "workspace.fim.provider": "mistral",
        "workspace.fim.baseUrl": "https://evil.example",
        "workspace.context.imports": False,
        "workspace.refactor.actions": [{**ACTION, "kind": "source.fixAll"}, ACTION],
    }
    result = resolved(tmp_path, said)
    settings = result.settings
    assert settings.completion.enabled is False
    assert settings.fim.provider == "auto"
    assert settings.fim.base_url == ""
    assert settings.context.imports is False
    assert result.origins["context.imports"] is Layer.PROJECT
    assert titles(result) == ["Sort", "Of the file"]
    assert len(result.problems) == 4
    assert all(each.sentence.startswith("workspace settings: ") for each in result.problems)


def test_a_folder_that_is_not_trusted_only_restricts(tmp_path: Path) -> None:
    said = {"workspaceTrusted": False, "workspace.refactor.actions": [ACTION]}
    result = resolved(tmp_path, said)
    assert titles(result) == []
    assert result.settings.fim.max_tokens == 100
    assert result.settings.context.git_message is False
    assert len(result.problems) == 2
    assert all("not trusted" in each.sentence for each in result.problems)


def test_the_files_of_all_folders_restrict(tmp_path: Path) -> None:
    """What one folder keeps on the machine stays there though another was opened first."""
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        folder.mkdir()
    (folders[0] / ".devstral.toml").write_text("[fim]\nmax_tokens = 100\n")
    (folders[2] / ".devstral.toml").write_text('[fim]\nprovider = "local"\nmax_tokens = 50\n')
    settings = EditorSettings({"DEVSTRAL_CONFIG": str(tmp_path / "none")}).resolve(folders).settings
    assert (settings.fim.provider, settings.fim.max_tokens) == ("local", 50)


def test_the_users_own_actions_stay_there(tmp_path: Path) -> None:
    said = {"workspaceTrusted": False, "refactor.actions": [{**ACTION, "kind": "source.x"}]}
    assert titles(resolved(tmp_path, said)) == ["Sort"]


@pytest.mark.parametrize(
    ("said", "trusted"),
    [
        ((), True),
        (({},), True),
        (({"workspaceTrusted": True},), True),
        (({"workspaceTrusted": False}, {"workspaceTrusted": True}), True),
        (({"workspaceTrusted": True}, {}, {"workspaceTrusted": False}), False),
        (({"workspaceTrusted": "no"},), False),
    ],
)
def test_the_last_word_about_trust_counts(
    tmp_path: Path, said: tuple[Mapping[str, object], ...], trusted: bool
) -> None:
    result = resolved(tmp_path, *said)
    assert titles(result) == (["Of the file"] if trusted else [])
    assert result.settings.context.git_message is trusted


def test_each_folder_switches_off_what_lies_in_it(tmp_path: Path) -> None:
    off, on, inner = tmp_path / "off", tmp_path / "on", tmp_path / "on" / "inner"
    inner.mkdir(parents=True)
    off.mkdir()
    (off / ".devstral.toml").write_text("completion.enabled = false")
    (on / ".devstral.toml").write_text('completion.disabled_languages = ["sql"]')
    (inner / ".devstral.toml").write_text('completion.disabled_languages = ["css"]')
    resolved = EditorSettings({}).resolve([off, on, inner])

    def completion(path: Path | str) -> tuple[bool, set[str]]:
        uri = path.as_uri() if isinstance(path, Path) else path
        own = resolved.settings_for(uri).completion
        return own.enabled, set(own.disabled_languages)

    assert completion(off / "a b.py") == (False, set())
    assert completion(on / "a.py") == (True, {"sql"})
    assert completion(inner / "a.py") == (True, {"sql", "css"})
    assert completion(Path(f"{on}.py")) == (False, {"sql", "css"})
    assert completion("untitled:Untitled-1") == (False, {"sql", "css"})
    assert completion(f"vscode-notebook-cell:{on}/a.ipynb#x") == (True, {"sql"})


def test_what_the_user_switches_off_is_off_in_every_folder(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    settings = EditorSettings({"DEVSTRAL_COMPLETION_ENABLED": "false"})
    resolved = settings.resolve(folders)
    for each in folders:
        assert not resolved.settings_for((each / "x.py").as_uri()).completion.enabled
