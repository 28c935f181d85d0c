"""Settings are read from wherever they stand, and a source that cannot be read is told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs
import pytest

from devstral_lsp.config.merge import SettingsLayer, resolve
from devstral_lsp.config.problem import Effect
from devstral_lsp.config.readers import (
    PROJECT_FILE,
    folder_settings,
    is_trusted,
    read_editor_settings,
    read_environment,
    read_project_file,
    read_user_file,
    restricting,
    user_file_path,
)
from devstral_lsp.config.schema import SETTING_SPECS
from devstral_lsp.config.setting_spec import Layer


def written(folder: Path, content: str | bytes, name: str = "config.toml") -> dict[str, str]:
    """The environment that names a user file of that content."""
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    return {"DEVSTRAL_CONFIG": str(folder / name)}


def test_the_user_file_is_read(tmp_path: Path) -> None:
    environ = written(tmp_path, '[fim]\nmodel = "m"\nmaxTokens = 7\n[completion]\nmenu = "never"\n')
    source = read_user_file(environ)
    assert source.values == {"fim.model": "m", "fim.max_tokens": 7, "completion.menu": "never"}
    assert (source.layer, source.name) == (Layer.USER, environ["DEVSTRAL_CONFIG"])


def test_the_user_file_stands_where_the_platform_keeps_settings() -> None:
    folder = platformdirs.user_config_dir("devstral-lsp", appauthor=False)
    assert user_file_path({}) == Path(folder) / "config.toml"


def test_no_user_file_is_no_problem_unless_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_user_file({}).problems == ()
    (problem,) = read_user_file({"DEVSTRAL_CONFIG": str(tmp_path / "none.toml")}).problems
    assert "cannot be read (No such file or directory)" in problem.sentence


UNREADABLE: list[tuple[str | bytes, str]] = [
    ('[fim]\nmodel = "m\n', ", line 2: this is not TOML: a quote is not closed."),
    (
        'a = 1\napi_key_SECRET = 1\n"api_key_SECRET" = 2\n',
        ", line 3: this is not TOML: a setting is written a second time: keep one of the two.",
    ),
    ("[fim", ", line 1: this is not TOML: the bracket behind a table's name is missing."),
    (b"a = 1\n# \xff", ", line 2: the file is not UTF-8: save it as UTF-8."),
    ("a = " + "[" * 20_000, ": the file is nested too deeply, or holds a number that is too long."),
    ("a = " + "1" * 5_000, ": the file is nested too deeply, or holds a number that is too long."),
    ("#" * 300_000, ": the file cannot be read (over 256 kB)."),
]


@pytest.mark.parametrize(("content", "trouble"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_an_unreadable_file_is_one_problem(
    tmp_path: Path, content: str | bytes, trouble: str
) -> None:
    environ = written(tmp_path, content)
    source = read_user_file(environ)
    assert source.values == {}
    (problem,) = source.problems
    place = environ["DEVSTRAL_CONFIG"]
    assert problem.sentence == f"{place}{trouble}"
    assert problem.effect is Effect.NARROWS


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    assert read_user_file(written(tmp_path, b'\xef\xbb\xbffim.model = "m"\r\n')).values == {
        "fim.model": "m"
    }


def test_a_pipe_or_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / PROJECT_FILE)
    (tmp_path / "b" / PROJECT_FILE).mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "b"):
        (problem,) = read_project_file([folder]).problems
        assert "cannot be read (not a file)" in problem.sentence


def test_the_first_folder_with_a_project_file_counts(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    assert read_project_file(folders).values == {}
    for folder in folders[1:]:
        written(folder, f'fim.model = "{folder.name}"', PROJECT_FILE)
    source = read_project_file(folders)
    assert (source.layer, source.values) == (Layer.PROJECT, {"fim.model": "b"})


def test_a_settings_file_with_deep_groups_is_told_not_followed(tmp_path: Path) -> None:
    source = read_user_file(written(tmp_path, "[" + ".".join("a" * 500) + "]\nb = 1\n"))
    assert len(resolve([source]).problems) == 1


@pytest.mark.parametrize("key", SETTING_SPECS)
def test_every_setting_has_a_variable(key: str) -> None:
    variable = SETTING_SPECS[key].variable
    assert variable == "DEVSTRAL_" + key.replace(".", "_").upper()
    assert read_environment({variable: ""}).values == {}
    assert list(read_environment({variable: "1", "PATH": "x"}).values) == [key]


def test_variables_of_other_names_are_left_to_be_told() -> None:
    values = read_environment({"DEVSTRAL_FIM_MODLE": "x", "DEVSTRAL_CONFIG": "y"}).values
    assert values == {"DEVSTRAL_FIM_MODLE": "x"}


FORMS: list[Mapping[str, object]] = [
    {"fim": {"max_tokens": 7}},
    {"fim": {"maxTokens": 7}},
    {"fim": {"max-tokens": 7}},
    {"fim.max_tokens": 7},
    {"fim.maxTokens": 7},
    {"devstral": {"fim": {"maxTokens": 7}}},
    {"devstral-lsp": {"fim": {"max_tokens": 7}}},
    {"devstralLsp": {"fim.maxTokens": 7}},
    {"devstral.fim.maxTokens": 7},
    {"devstral-lsp.fim.max_tokens": 7, "editor.fontSize": 12},
    {"devstral": {"fim": {"maxTokens": 7}}, "python": {"analysis": {}, "x": 1}},
    {"devstral": None, "fim": {"maxTokens": 7}},
    {"fim": {"maxTokens": 7}, "editorInfo": {"name": "Neovim"}, "editorPluginInfo": {"name": "c"}},
    {"fim": {"maxTokens": 7}, "github-enterprise": {"uri": ""}, "http": {"proxy": None, "x": 1}},
]


@pytest.mark.parametrize("settings", FORMS)
def test_an_editor_may_write_settings_in_any_form(settings: Mapping[str, object]) -> None:
    result = resolve([read_editor_settings(settings)])
    assert result.settings.fim.max_tokens == 7
    assert result.origins["fim.max_tokens"] is Layer.EDITOR
    assert result.problems == ()


@pytest.mark.parametrize(
    ("camel", "key"),
    [("apiKeyEnv", "api_key_env"), ("topP", "top_p"), ("baseURL", "base_url"), ("stop", "stop")],
)
def test_camel_case(camel: str, key: str) -> None:
    assert read_editor_settings({"fim": {camel: 1}}).values == {f"fim.{key}": 1}


def test_what_an_editor_mistypes_is_told_wrapped_or_not() -> None:
    for settings in ({"fmi": {"model": "x"}}, {"devstral": {"fmi": {"model": "x"}}, "python": {}}):
        (problem,) = resolve([read_editor_settings(settings)]).problems
        assert problem.sentence.endswith('Did you mean "fim.model"?')


def test_an_editor_that_sends_nothing_sets_nothing() -> None:
    assert read_editor_settings(None) == SettingsLayer(Layer.EDITOR, "editor")
    assert read_editor_settings({}) == SettingsLayer(Layer.EDITOR, "editor")


@pytest.mark.parametrize("settings", [[], "x", 3, [{"fim": {}}]])
def test_an_editor_that_sends_something_else_is_told(settings: object) -> None:
    (problem,) = read_editor_settings(settings, "initializationOptions").problems
    assert problem.sentence == "initializationOptions: the settings must be an object."
    assert problem.effect is Effect.NARROWS


@pytest.mark.parametrize("group", ["devstral", "devstral-lsp", "devstralLsp"])
@pytest.mark.parametrize("raw", ["off", [], False])
def test_a_group_of_ours_that_is_no_object_narrows(group: str, raw: object) -> None:
    (problem,) = read_editor_settings({group: raw, "python": {}}).problems
    assert "must be an object" in problem.sentence
    assert problem.effect is Effect.NARROWS


def test_a_project_file_that_leads_outside_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    folder.mkdir()
    (tmp_path / "others.toml").write_text("[completion]\nenabled = false\n")
    for target in ("../others.toml", "/dev/zero", PROJECT_FILE):
        (folder / PROJECT_FILE).unlink(missing_ok=True)
        (folder / PROJECT_FILE).symlink_to(target)
        source = read_project_file([folder])
        assert dict(source.values) == {}
        assert "cannot be read" in source.problems[0].sentence
    (folder / "inside.toml").write_text("[completion]\nenabled = false\n")
    (folder / PROJECT_FILE).unlink()
    (folder / PROJECT_FILE).symlink_to("inside.toml")
    assert dict(read_project_file([folder]).values) == {"completion.enabled": False}


def test_the_users_own_file_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles.toml").write_text("[completion]\nenabled = false\n")
    (tmp_path / "config.toml").symlink_to("dotfiles.toml")
    source = read_user_file({"DEVSTRAL_CONFIG": str(tmp_path / "config.toml")})
    assert dict(source.values) == {"completion.enabled": False}


# What comes with a folder, told by the editor


SAID = [
    {"fim.model": "m", "workspace.completion.enabled": False, "workspaceTrusted": False},
    {"fim": {"model": "m"}, "workspace": {"completion": {"enabled": False}},
     "workspaceTrusted": False},
    {"devstral": {"fim": {"model": "m"}, "workspace": {"completion": {"enabled": False}},
                  "workspaceTrusted": False}, "workspace": {"other": 1}},
]  # fmt: skip


@pytest.mark.parametrize("said", SAID)
def test_a_folders_settings_are_kept_apart_from_the_users(said: dict[str, object]) -> None:
    assert read_editor_settings(said).values == {"fim.model": "m"}
    folder = folder_settings(said)
    assert (folder.layer, folder.values) == (Layer.PROJECT, {"completion.enabled": False})
    assert is_trusted(said) is False


@pytest.mark.parametrize(
    ("said", "trusted"),
    [({}, None), (None, None), ([], None), ({"workspaceTrusted": True}, True),
     ({"workspace_trusted": None}, None), ({"workspaceTrusted": "yes"}, False),
     ({"workspaceTrusted": 1}, False), ({"devstral": {"workspaceTrusted": 0}}, False)],
)  # fmt: skip
def test_what_cannot_be_read_as_trust_is_none(said: object, trusted: bool | None) -> None:
    assert is_trusted(said) is trusted


def test_a_folder_without_trust_adds_nothing() -> None:
    action = {"title": "Sort", "prompt": "Sort."}
    values = {"refactor.actions": [action], "completion.enabled": False}
    left = restricting(SettingsLayer(Layer.PROJECT, "x.toml", values))
    assert left.values == {"completion.enabled": False}
    (problem,) = left.problems
    assert "not trusted" in problem.sentence


def test_the_token_of_a_port_is_no_setting() -> None:
    assert read_environment({"DEVSTRAL_TOKEN": "0123456789abcdef" * 2}).values == {}
