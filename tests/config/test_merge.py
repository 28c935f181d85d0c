"""Later layers win, bad entries are told and left out, and not everybody may set everything."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from devstral_lsp.config.merge import ResolvedSettings, SettingsLayer, resolve
from devstral_lsp.config.schema import SETTING_SPECS, Settings
from devstral_lsp.config.setting_spec import Layer

KEY = "aB3" * 10 + "xY"


def resolved(*layers: tuple[Layer, Mapping[str, object]]) -> ResolvedSettings:
    return resolve([SettingsLayer(layer, layer.value, values) for layer, values in layers])


def sentence(layer: Layer, key: str, raw: object) -> str:
    """The one problem that setting `key` makes; the settings stay at their defaults."""
    result = resolved((layer, {key: raw}))
    assert result.settings == Settings()
    (problem,) = result.problems
    assert (problem.layer, problem.key) == (layer, key)
    return problem.sentence


def test_nothing_set_gives_the_defaults() -> None:
    result = resolve([])
    assert result.settings == Settings()
    assert result.problems == ()
    assert set(result.origins.values()) == {Layer.DEFAULT}


@pytest.mark.parametrize("winner", range(1, 5))
def test_the_later_layer_wins(winner: int) -> None:
    layers = list(Layer)[1 : winner + 1]
    values = {layer: 100 - 10 * number for number, layer in enumerate(layers)}
    result = resolved(*((layer, {"fim.max_tokens": value}) for layer, value in values.items()))
    assert result.settings.fim.max_tokens == values[layers[-1]]
    assert result.origins["fim.max_tokens"] is layers[-1]
    assert result.problems == ()


def test_null_leaves_the_layer_below_alone() -> None:
    result = resolved(
        (Layer.USER, {"completion.debounce_ms": 30}),
        (Layer.EDITOR, {"completion.debounce_ms": None, "fim.top_p": None}),
    )
    assert result.settings.completion.debounce_ms == 30
    assert result.origins["completion.debounce_ms"] is Layer.USER
    assert result.problems == ()


def test_a_bad_entry_leaves_the_layer_below_and_the_rest_alone() -> None:
    result = resolved(
        (Layer.USER, {"fim.max_tokens": 100}),
        (Layer.EDITOR, {"fim.max_tokens": "many", "fim.model": "m", "fim.modle": "n"}),
    )
    assert result.settings.fim.max_tokens == 100
    assert result.settings.fim.model == "m"
    assert [problem.key for problem in result.problems] == ["fim.max_tokens", "fim.modle"]


NEAREST = [
    ("fim.modle", "fim.model"),
    ("fim.max_token", "fim.max_tokens"),
    ("completion.debounce", "completion.debounce_ms"),
    ("chat.timeout", "chat.timeout_ms"),
    ("max_tokens", "fim.max_tokens"),
    ("base_url", "fim.base_url"),
    ("completions.enable", "completion.enabled"),
    ("fim.model.id", "fim.model"),
    ("loglevel", "log.level"),
]


@pytest.mark.parametrize(("wrong", "right"), NEAREST)
def test_the_nearest_right_name_is_told(wrong: str, right: str) -> None:
    told = sentence(Layer.EDITOR, wrong, 1)
    assert told == f'editor: "{wrong}" is not a setting. Did you mean "{right}"?'


def test_nothing_near_is_made_up() -> None:
    told = sentence(Layer.USER, "zzz.qqq", 1)
    assert told == 'user file: "zzz.qqq" is not a setting.'


def test_a_variable_is_told_its_nearest_variable() -> None:
    told = sentence(Layer.ENVIRONMENT, "DEVSTRAL_FIM_MODLE", "x")
    assert told.endswith('Did you mean "DEVSTRAL_FIM_MODEL"?')


def test_a_variable_is_called_by_its_own_name() -> None:
    told = sentence(Layer.ENVIRONMENT, "fim.max_tokens", "12a")
    assert told.startswith("environment: DEVSTRAL_FIM_MAX_TOKENS must be a whole number")


def test_a_group_is_no_setting() -> None:
    assert sentence(Layer.USER, "fim", "codestral") == (
        'user file: "fim" is a group of settings, such as "fim.provider".'
    )


@pytest.mark.parametrize("layer", list(Layer)[1:])
@pytest.mark.parametrize(
    "key", ["api_key", "fim.api_key", "fim.apikey", "mistral_api_key", "DEVSTRAL_API_KEY",
            "chat.key", "fim.token", "password", "fim.access_token"],
)  # fmt: skip
def test_keys_are_refused_everywhere_and_never_repeated(layer: Layer, key: str) -> None:
    told = sentence(layer, key, KEY)
    assert "keys do not belong into settings" in told
    assert all(word in told for word in ("MISTRAL_API_KEY", "api_key_command", "keyring"))
    assert KEY not in told


@pytest.mark.parametrize("key", SETTING_SPECS)
def test_a_key_in_any_other_setting_is_not_repeated(key: str) -> None:
    result = resolved((Layer.USER, {key: KEY}))
    assert KEY not in " ".join(problem.sentence for problem in result.problems)


def test_a_key_in_the_place_of_a_name_is_not_repeated() -> None:
    told = sentence(Layer.USER, KEY, 1)
    assert KEY not in told
    assert "an entry whose name is not shown here is not a setting" in told


_VALUES: Mapping[str, object] = {
    "fim.base_url": "https://evil.example",
    "chat.base_url": "https://evil.example",
    "fim.trusted_hosts": ["evil.example"],
    "chat.trusted_hosts": ["evil.example"],
    "fim.api_key_env": "MISTRAL_API_KEY",
    "chat.api_key_env": "MISTRAL_API_KEY",
    "fim.api_key_command": ["env"],
    "chat.api_key_command": ["env"],
    "log.file": "/tmp/x",
    "chat.provider": "codestral",
}


@pytest.mark.parametrize("key", _VALUES)
def test_a_project_file_sets_no_hosts_keys_or_commands(key: str) -> None:
    told = sentence(Layer.PROJECT, key, _VALUES[key])
    variable = SETTING_SPECS[key].variable
    assert told == (
        f'project file: "{key}" may not be set by a project file. '
        f"Set it in the user file or by the environment variable {variable}."
    )


@pytest.mark.parametrize(
    "key", ["fim.api_key_command", "chat.api_key_command", "fim.trusted_hosts", "log.file"]
)
def test_the_editor_sets_no_commands_trusted_hosts_or_files(key: str) -> None:
    assert "may not be set by the editor" in sentence(Layer.EDITOR, key, _VALUES[key])


@pytest.mark.parametrize("key", _VALUES)
def test_the_user_file_and_the_environment_set_everything(key: str) -> None:
    for layer in (Layer.USER, Layer.ENVIRONMENT):
        result = resolved((layer, {key: _VALUES[key]}))
        assert result.problems == ()
        assert result.origins[key] is layer


@pytest.mark.parametrize("provider", ["auto", "mistral", "codestral"])
def test_a_project_file_chooses_no_host_by_choosing_a_provider(provider: str) -> None:
    assert 'may only be "local" in a project file' in sentence(
        Layer.PROJECT, "fim.provider", provider
    )


def test_a_project_file_may_keep_its_text_on_the_machine() -> None:
    result = resolved((Layer.PROJECT, {"fim.provider": "local"}))
    assert result.settings.fim.provider == "local"
    assert result.problems == ()


def test_the_editor_names_only_variables_that_are_known_for_keys() -> None:
    assert "a provider's own variable" in sentence(Layer.EDITOR, "fim.api_key_env", "HOME")
    for variable in ("", "CODESTRAL_API_KEY"):
        result = resolved((Layer.EDITOR, {"fim.api_key_env": variable}))
        assert result.problems == ()
    named = resolved(
        (Layer.USER, {"chat.api_key_env": "CORP_KEY"}),
        (Layer.EDITOR, {"fim.api_key_env": "CORP_KEY"}),
    )
    assert named.settings.fim.api_key_env == "CORP_KEY"
    assert named.problems == ()


def test_a_variable_that_holds_a_key_is_no_unknown_setting() -> None:
    values = {"fim.api_key_env": "DEVSTRAL_SECRET", "DEVSTRAL_SECRET": KEY}
    assert resolved((Layer.ENVIRONMENT, values)).problems == ()


def test_hosts_named_by_trusted_layers_are_kept_when_another_layer_wins() -> None:
    result = resolved(
        (Layer.USER, {"fim.base_url": "https://a.example", "fim.trusted_hosts": ["b.example"]}),
        (Layer.ENVIRONMENT, {"fim.base_url": "https://c.example/v1"}),
        (Layer.EDITOR, {"fim.base_url": "https://evil.example"}),
    )
    assert result.settings.fim.base_url == "https://evil.example"
    assert result.origins["fim.base_url"] is Layer.EDITOR
    assert set(result.named_hosts["fim"]) == {
        "https://a.example", "b.example", "https://c.example/v1",
    }  # fmt: skip
    assert not result.named_hosts.get("chat")


def test_a_lower_limit_above_the_upper_one_is_left_out() -> None:
    result = resolved((Layer.USER, {"fim.max_tokens": 10}), (Layer.EDITOR, {"fim.min_tokens": 11}))
    (problem,) = result.problems
    assert (problem.layer, problem.key) == (Layer.EDITOR, "fim.min_tokens")
    assert (result.settings.fim.min_tokens, result.settings.fim.max_tokens) == (0, 10)


def test_a_flood_of_wrong_entries_stays_readable() -> None:
    result = resolved((Layer.PROJECT, {f"x.y{number}": 1 for number in range(1000)}))
    assert len(result.problems) == 21
    assert result.problems[-1].sentence == "project file: 980 more entries were left out."


def test_files_that_are_excluded_add_up() -> None:
    """A project may add to what the user excludes, and take nothing away."""
    user = SettingsLayer(Layer.USER, "user file", {"privacy.exclude": ["*.sql"]})
    project = SettingsLayer(Layer.PROJECT, "project file", {"privacy.exclude": ["customers/"]})
    none = SettingsLayer(Layer.EDITOR, "editor", {"privacy.exclude": []})
    resolved = resolve([user, none, project])
    assert resolved.settings.privacy.exclude == ("*.sql", "customers/")
    assert not resolved.problems


@pytest.mark.parametrize("layer", [Layer.EDITOR, Layer.PROJECT])
def test_redaction_is_switched_off_by_the_user_alone(layer: Layer) -> None:
    resolved = resolve([SettingsLayer(layer, "x", {"privacy.redact_secrets": False})])
    assert resolved.settings.privacy.redact_secrets
    assert len(resolved.problems) == 1
