"""What follows from a slip, for every setting and in every layer."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from devstral_lsp.config.layers import Resolved, Source, resolve
from devstral_lsp.config.problem import BELOW, Effect, Problem, headline, narrowing
from devstral_lsp.config.schema import SETTINGS
from devstral_lsp.config.setting import (
    ENTRY_LEFT_OUT,
    LEFT_OUT,
    NARROWS,
    OF_TABLE,
    Kind,
    Layer,
    Setting,
    Slip,
)

VARIABLES = ("MISTRAL_API_KEY", "CODESTRAL_API_KEY")

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
    "completion.disabled_languages": NARROWS,
    "refactor.enabled": NARROWS,
    "refactor.disabled_actions": NARROWS,
}
"""`chat.*` are as `fim.*`, and all of `context.*`, `local.*` and `privacy.*` narrow."""


def expected(setting: Setting) -> Slip:
    if setting.section in ("context", "local", "privacy"):
        return NARROWS
    return RESTRICTING.get(setting.key.replace("chat.", "fim."), LEFT_OUT)


@pytest.mark.parametrize("key", SETTINGS)
def test_every_setting_says_what_a_slip_in_it_does(key: str) -> None:
    """A new setting that may restrict has to be put into the table above."""
    setting = SETTINGS[key]
    assert setting.slip is expected(setting)
    assert all(inner.slip is OF_TABLE for inner in setting.inner.values())


def resolved(layer: Layer, values: Mapping[str, object]) -> Resolved:
    return resolve([Source(layer, layer.value, values)], VARIABLES)


def effects(layer: Layer, values: Mapping[str, object]) -> list[Effect]:
    return [problem.effect for problem in resolved(layer, values).problems]


BAD: Mapping[Kind, object] = {
    **{kind: {"a": 1} for kind in Kind},
    Kind.LIST: [""],
    Kind.LANGUAGES: ["pyhton"],
    Kind.TEXT: 3,
    Kind.COMMAND: ["a", 3],
    Kind.VARIABLE: "a b",
    Kind.TABLES: 3,
    Kind.HOSTS: 3,
    Kind.URLS: 3,
}


@pytest.mark.parametrize("key", SETTINGS)
def test_a_bad_value_does_what_its_setting_says(key: str) -> None:
    setting = SETTINGS[key]
    result = resolved(Layer.USER, {key: BAD[setting.kind]})
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
    user = Source(Layer.USER, "user", {"fim.fallbacks": ["openrouter"]})
    environment = Source(Layer.ENVIRONMENT, "environment", {"fim.fallbacks": ["olama"]})
    assert resolve([user, environment], VARIABLES).narrowed


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
]


@pytest.mark.parametrize(("layer", "key", "raw"), HARMLESS)
def test_what_restricts_nothing_is_left_out(layer: Layer, key: str, raw: object) -> None:
    assert set(effects(layer, {key: raw})) <= {Effect.LEFT_OUT}


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
