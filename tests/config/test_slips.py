"""What follows from a slip, for every setting and in every layer."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from devstral_lsp.config import setting_types
from devstral_lsp.config.merge import ResolvedSettings, SettingsLayer, resolve
from devstral_lsp.config.problem import BELOW, Effect, Problem, headline, narrowing
from devstral_lsp.config.schema import SETTING_SPECS
from devstral_lsp.config.setting_spec import (
    ENTRY_LEFT_OUT,
    LEFT_OUT,
    NARROWS,
    OF_TABLE,
    Layer,
    SettingSpec,
    Slip,
)

RESTRICTING = {
    "fim.provider": NARROWS,
    "fim.base_url": NARROWS,
    "fim.replicas": ENTRY_LEFT_OUT,
    "fim.fallbacks": ENTRY_LEFT_OUT,
    "fim.model": NARROWS,
    "fim.api_key_env": NARROWS,
    "fim.api_key_command": NARROWS,
    "fim.trusted_hosts": ENTRY_LEFT_OUT,
    "network.proxy": NARROWS,
    "network.headers": NARROWS,
    "completion.enabled": NARROWS,
    "completion.mode": NARROWS,
    "completion.disabled_in": NARROWS,
    "completion.disabled_languages": NARROWS,
    "refactor.enabled": NARROWS,
    "refactor.disabled_actions": NARROWS,
}
"""`chat.*` are as `fim.*`, and all of `context.*`, `local.*` and `privacy.*` narrow."""


def expected(setting: SettingSpec) -> Slip:
    if setting.section in ("context", "local", "privacy"):
        return NARROWS
    return RESTRICTING.get(setting.key.replace("chat.", "fim."), LEFT_OUT)


@pytest.mark.parametrize("key", SETTING_SPECS)
def test_every_setting_says_what_a_slip_in_it_does(key: str) -> None:
    """A new setting that may restrict has to be put into the table above."""
    setting = SETTING_SPECS[key]
    assert setting.slip is expected(setting)
    assert all(inner.slip is OF_TABLE for inner in setting.item_fields.values())


def resolved(layer: Layer, values: Mapping[str, object]) -> ResolvedSettings:
    return resolve([SettingsLayer(layer, layer.value, values)])


def effects(layer: Layer, values: Mapping[str, object]) -> list[Effect]:
    return [problem.effect for problem in resolved(layer, values).problems]


BAD: Mapping[str, object] = {
    **{each.annotation: {"a": 1} for each in setting_types.SETTING_TYPES},
    setting_types.STRINGS.annotation: [""],
    setting_types.LANGUAGES.annotation: ["pyhton"],
    setting_types.STRING.annotation: 3,
    setting_types.COMMAND.annotation: ["a", 3],
    setting_types.VARIABLE.annotation: "a b",
    setting_types.TABLES.annotation: 3,
    setting_types.HOSTS.annotation: 3,
    setting_types.URLS.annotation: 3,
}


@pytest.mark.parametrize("key", SETTING_SPECS)
def test_a_bad_value_does_what_its_setting_says(key: str) -> None:
    setting = SETTING_SPECS[key]
    result = resolved(Layer.USER, {key: BAD[setting.value_type.annotation]})
    assert len(result.problems) == 1
    assert bool(result.narrowed) is (setting.slip is not LEFT_OUT)


@pytest.mark.parametrize(
    ("key", "bad"),
    [
        ("fim.fallbacks", ["mistrial"]),
        ("fim.replicas", ["a b", "http://a"]),
        ("chat.trusted_hosts", ["a b"]),
    ],
)
def test_an_entry_that_is_left_out_asks_nobody_in_its_place(key: str, bad: object) -> None:
    assert effects(Layer.USER, {key: bad}) == [Effect.LEFT_OUT]


def test_a_list_of_bad_entries_narrows_where_another_list_would_stay_in_force() -> None:
    user = SettingsLayer(Layer.USER, "user", {"fim.fallbacks": ["openrouter"]})
    environment = SettingsLayer(Layer.ENVIRONMENT, "environment", {"fim.fallbacks": ["olama"]})
    assert resolve([user, environment]).narrowed


NO_SETTINGS = [
    (Layer.USER, "provider", "ollama"),
    (Layer.USER, "fmi.provider", "ollama"),
    (Layer.USER, "fim.providr", "ollama"),
    (Layer.USER, "fim.provider.name", "ollama"),
    (Layer.USER, "devstral.fim.provider", "ollama"),
    (Layer.USER, "provider.name", "x"),
    (Layer.USER, "fim.url", "x"),
    (Layer.USER, "chat.api_base", "x"),
    (Layer.USER, "whoever", "ollama"),
    (Layer.USER, "some.thing", "LM-Studio"),
    (Layer.USER, "some.thing", "http://10.0.0.1"),
    (Layer.USER, "completions.enable", False),
    (Layer.USER, "completion.dissabled_languages", []),
    (Layer.USER, "disabledlanguages", []),
    (Layer.USER, "completion.disabled_languages.python", True),
    (Layer.USER, "context.similar", False),
    (Layer.USER, "fim", "ollama"),
    (Layer.USER, "chat", []),
    (Layer.PROJECT, "fim.provder", "local"),
    (Layer.PROJECT, "local", True),
    (Layer.ENVIRONMENT, "DEVSTRAL_FIM_PROVDER", "ollama"),
    (Layer.ENVIRONMENT, "DEVSTRAL_PROVIDER", "ollama"),
    (Layer.ENVIRONMENT, "DEVSTRAL_LSP_FIM_PROVIDER", "ollama"),
    (Layer.ENVIRONMENT, "devstral_fim_provider", "ollama"),
    (Layer.ENVIRONMENT, "DEVSTRAL_BASE_URL", "x"),
    (Layer.ENVIRONMENT, "DEVSTRAL_COMPLETION_ENABLE", "0"),
    (Layer.EDITOR, "fmi.provider", "ollama"),
    (Layer.EDITOR, "provider", "ollama"),
    (Layer.EDITOR, "fim.providr", "ollama"),
    (Layer.EDITOR, "completion.disable", True),
    # Where to, in other words or by the value alone.
    (Layer.USER, "fim.hostname", "gw"),
    (Layer.USER, "fim.target", "10.0.0.2:8080"),
    (Layer.USER, "fim.inference", "gw.corp"),
    (Layer.USER, "fim.llm_url", "gw"),
    (Layer.USER, "fim.type", "llama.cpp"),
    (Layer.USER, "fim.local", True),
    (Layer.USER, "use_cloud", False),
    (Layer.USER, "fim.use_ollama", True),
    (Layer.USER, "network.allowed_hosts", ["gw.corp"]),
    (Layer.PROJECT, "no_ai", True),
    (Layer.PROJECT, "allow_cloud", False),
    # What is not to be sent.
    (Layer.USER, "privacy.redact_secret", True),
    (Layer.PROJECT, "privacy.redact_secret", True),
    (Layer.USER, "privacy.ignore", ["*.sql"]),
    (Layer.USER, "privacy.whatever", "strict"),
    (Layer.USER, "ignore", ["*.sql"]),
    (Layer.USER, "completion.exclude", ["*.sql"]),
    (Layer.USER, "context.open_files", False),
    (Layer.USER, "context.neighbor_files", 0),
    # Variables.
    (Layer.ENVIRONMENT, "DEVSTRALFIM_PROVIDER", "ollama"),
    (Layer.ENVIRONMENT, "DEVSTRALLSP_FIM_PROVIDER", "ollama"),
    (Layer.ENVIRONMENT, "DEV_STRAL_FIM_PROVIDER", "ollama"),
    (Layer.ENVIRONMENT, "DEVSTRAL-FIM-PROVIDER", "ollama"),
    (Layer.ENVIRONMENT, "DEVSTRAL_FIM_URL", "gw"),
    (Layer.ENVIRONMENT, "DEVSTRAL_LOCAL", "1"),
    (Layer.ENVIRONMENT, "DEVSTRAL_PRIVACY", "strict"),
    (Layer.ENVIRONMENT, "DEVSTRAL_NO_NETWORK", "1"),
    (Layer.ENVIRONMENT, "DEVSTRAL_CONFIG_FILE", "/x.toml"),
    (Layer.ENVIRONMENT, "DEVSTRAL_LSP_CONFIG", "/x.toml"),
    (Layer.ENVIRONMENT, "DEVSTRAL_SETTINGS", "/x.toml"),
    (Layer.ENVIRONMENT, "devstral_config", "/x.toml"),
    # What an editor's own file has around the settings.
    (Layer.EDITOR, "settings.fim.provider", "ollama"),
    (Layer.EDITOR, "config.fim.providr", "ollama"),
    (Layer.EDITOR, "lsp.devstral_lsp.initialization_options.fim.provider", "ollama"),
    (Layer.EDITOR, "enable.sql", False),
    (Layer.EDITOR, "autocomplete", False),
]


@pytest.mark.parametrize(("layer", "key", "raw"), NO_SETTINGS)
def test_a_name_like_one_that_restricts_narrows(layer: Layer, key: str, raw: object) -> None:
    assert effects(layer, {key: raw}) == [Effect.NARROWS]


HARMLESS = [
    (Layer.USER, "fim.max_token", 3),
    (Layer.USER, "completion.debounce", 3),
    (Layer.USER, "fim.timeout", 3),
    (Layer.USER, "loglevel", "info"),
    (Layer.USER, "zzz.qqq", 1),
    (Layer.USER, "colour", "blue"),
    (Layer.USER, "fim.api_key", "x"),
    (Layer.USER, "log", "debug"),
    (Layer.ENVIRONMENT, "DEVSTRAL_LOG_LEVL", "info"),
    (Layer.ENVIRONMENT, "DEVSTRAL_HOME", "/opt"),
    (Layer.ENVIRONMENT, "DEVSTRAL_API_KEY", "x"),
    (Layer.PROJECT, "fim.provider", "mistral"),
    (Layer.PROJECT, "fim.base_url", "https://evil.example"),
    (Layer.EDITOR, "network.proxy", "http://a"),
    # Emacs sends every server the settings of all.
    (Layer.EDITOR, "pylsp.plugins.jedi_completion.enabled", False),
    (Layer.EDITOR, "gopls.usePlaceholders", True),
    (Layer.EDITOR, "yaml.schemas", "https://json.schemastore.org/x"),
    (Layer.EDITOR, "python.analysis.exclude", []),
    (Layer.EDITOR, "json.format.enable", True),
    (Layer.EDITOR, "rust_analyzer.server.path", "x"),
    (Layer.EDITOR, "gopls.env.proxy", "http://a"),
    (Layer.EDITOR, "redhat.telemetry.enabled", False),
    (Layer.EDITOR, "go.completion.enabled", False),
    (Layer.EDITOR, "settings.python.analysis.exclude", []),
    (Layer.EDITOR, "trace.server", "off"),
    (Layer.EDITOR, "server.path", "/usr/bin/devstral-lsp"),
    (Layer.EDITOR, "$schema", "https://a"),
    (Layer.USER, "$schema", "https://a"),
    (Layer.USER, "completion.trigger", "auto"),
    (Layer.USER, "ui.theme", "dark"),
    (Layer.USER, "version", "2.1.0"),
    (Layer.USER, "log.format", "a.txt"),
    (Layer.PROJECT, "fim.reasoning_effort", "low"),
    (Layer.PROJECT, "context.rerank", True),
    (Layer.PROJECT, "next_edit.max_jumps", 3),
    (Layer.ENVIRONMENT, "DEVSTRAL_LOG", "debug"),
]


@pytest.mark.parametrize(("layer", "key", "raw"), HARMLESS)
def test_what_restricts_nothing_is_left_out(layer: Layer, key: str, raw: object) -> None:
    assert set(effects(layer, {key: raw})) <= {Effect.LEFT_OUT}


VALUES = [
    ("completion.disabled_languages", "*", "completion.enabled to false"),
    ("completion.disabled_languages", ["all"], "completion.enabled to false"),
    ("completion.disabled_languages", "python sql", "one entry for each"),
    ("completion.disabled_languages", ["python; sql"], "one entry for each"),
    ("completion.disabled_languages", '["python"', 'Write a list as ["a", "b"]'),
    ("completion.disabled_languages", "['python']", 'Write a list as ["a", "b"]'),
    ("fim.trusted_hosts", '["gw.corp"', 'Write a list as ["a", "b"]'),
    ("privacy.exclude", '["*.sql"', 'Write a list as ["a", "b"]'),
    ("privacy.exclude", ["*.sql, *.csv"], "one entry for each"),
    ("privacy.exclude", ["*.{sql,csv}"], "one entry for each"),
    ("privacy.exclude", ["*.{sql}"], "Braces are not known"),
    ("privacy.exclude", [" *.sql"], "whitespace"),
    ("privacy.exclude", ["!keep.sql"], "only add"),
    ("privacy.exclude", [r".*\.sql$"], "no regular expression"),
    ("privacy.exclude", ["~/customers"], "workspace folder"),
    ("privacy.exclude", ["./customers"], "Leave out each `.`"),
    ("privacy.exclude", ["'*.sql'"], "quotes"),
    ("privacy.exclude", ["[ab.sql"], "bracket"),
]


@pytest.mark.parametrize("layer", [Layer.USER, Layer.ENVIRONMENT, Layer.PROJECT])
@pytest.mark.parametrize(("key", "raw", "advice"), VALUES)
def test_a_list_that_would_restrict_nothing_narrows(
    key: str, raw: object, advice: str, layer: Layer
) -> None:
    if layer in SETTING_SPECS[key].layers:
        assert advice in resolved(layer, {key: raw}).narrowed


def test_patterns_of_a_list_stay_as_they_are() -> None:
    patterns = ["*.sql", "customers/", "src/**/fixtures", "[ab]*.csv", r"a\b", "/build"]
    assert resolved(Layer.USER, {"privacy.exclude": patterns}).problems == ()
    lone = resolved(Layer.USER, {"privacy.exclude": "*.sql, *.csv"})
    assert lone.settings.privacy.exclude == ("*.sql", "*.csv")


def test_an_editor_that_misspells_a_variable_is_told_the_right_one() -> None:
    result = resolved(Layer.EDITOR, {"fim.api_key_env": "CODESTRAL_API_KY"})
    assert "Did you mean CODESTRAL_API_KEY?" in result.narrowed


def test_the_last_of_many_slips_still_narrows() -> None:
    result = resolved(Layer.USER, {**{f"x.y{n}": 1 for n in range(40)}, "fim.provider": "olama"})
    assert 'Did you mean "ollama"?' in result.narrowed
    assert len(result.problems) == 21


def test_names_beyond_those_that_are_compared_count_as_restricting() -> None:
    assert resolved(Layer.USER, {f"x.y{n}": 1 for n in range(60)}).narrowed
    assert not resolved(Layer.EDITOR, {f"x.y{n}": 1 for n in range(60)}).narrowed


def test_the_settings_themselves_stay_as_they_were_read() -> None:
    result = resolved(Layer.USER, {"fim.provider": "ollama", "context.enabled": "no"})
    assert result.narrowed
    assert result.settings.fim.provider == "ollama"


def problem(effect: Effect, sentence: str) -> Problem:
    return Problem(Layer.USER, "", sentence, effect)


ONE, TWO = problem(Effect.LEFT_OUT, "One."), problem(Effect.NARROWS, "Two.")
HEADLINES = [
    ([], ""),
    ([ONE], ""),
    ([TWO], "alone, until its settings can be read: Two."),
    ([ONE, TWO], "Two. There is 1 more problem: they stand below."),
    ([ONE, TWO, TWO], "Two. There are 2 more problems: they stand below."),
    ([ONE, problem(Effect.KEEPS, "Three.")], "until the new ones can be read: Three. There is 1"),
    ([problem(Effect.KEEPS, "Three."), TWO], "can be read: Two. There is 1 more problem"),
    ([problem(Effect.WAITS, "Four.")], "sends nothing to any model yet"),
]


@pytest.mark.parametrize(("problems", "words"), HEADLINES)
def test_one_sentence_tells_the_first_of_the_gravest(problems: list[Problem], words: str) -> None:
    text = headline(problems, BELOW)
    assert (words in text) if words else not text
    grave = any(each.effect in (Effect.NARROWS, Effect.WAITS) for each in problems)
    assert bool(narrowing(problems)) is grave
