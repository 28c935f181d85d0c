"""Lists of tables: who is asked next, and which headers go where."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from devstral_lsp.config.endpoint_settings import ChatFallback, Fallback, Header
from devstral_lsp.config.merge import ResolvedSettings, SettingsLayer, resolve
from devstral_lsp.config.parse_value import decode_env_value, parse_value
from devstral_lsp.config.schema import SETTING_SPECS
from devstral_lsp.config.setting_spec import Layer

KEY = "aB3" * 10 + "xY"


def resolved(layer: Layer, values: Mapping[str, object]) -> ResolvedSettings:
    return resolve([SettingsLayer(layer, layer.value, values)])


def value(key: str, raw: object) -> object:
    """What `raw` gives, all of it."""
    found, faults = parse_value(SETTING_SPECS[key], raw)
    assert faults == []
    return found


def test_a_word_is_a_table_of_that_provider() -> None:
    raw = ["mistral", {"provider": "codestral", "baseUrl": "http://nas:1", "model": "m"}, "local"]
    assert value("fim.fallbacks", raw) == (
        Fallback(provider="mistral"),
        Fallback(provider="codestral", base_url="http://nas:1", model="m"),
        Fallback(provider="local"),
    )


def test_a_table_may_leave_things_unset() -> None:
    raw = [{"provider": "mistral", "timeout_ms": None}]
    assert value("chat.fallbacks", raw) == (ChatFallback(provider="mistral"),)


@pytest.mark.parametrize("text", ["mistral, local", '["mistral", "local"]'])
def test_the_environment_names_them_in_one_line(text: str) -> None:
    setting = SETTING_SPECS["fim.fallbacks"]
    expected = (Fallback(provider="mistral"), Fallback(provider="local"))
    assert value("fim.fallbacks", decode_env_value(setting, text)) == expected


def test_a_header_has_a_value_or_a_variable() -> None:
    raw = [{"name": "X-Team", "hosts": ["gate.example"], "value": "editors"}]
    assert value("network.headers", raw) == (
        Header(name="X-Team", hosts=("gate.example",), value="editors"),
    )


_HEADER = {"name": "X", "hosts": ["h"], "value": "v"}
REFUSED = [
    ("fim.fallbacks", "mistral", "must be a list of tables, not"),
    ("fim.fallbacks", [3], "entry 1 must be a table, not 3."),
    ("fim.fallbacks", ["local", "mistrial"], "entry 2 `provider` must be one of"),
    ("fim.fallbacks", [{"model": "m"}], "entry 1 needs `provider`."),
    ("fim.fallbacks", [{"provider": "mistral", "modle": "m"}], "Did you mean `model`?"),
    ("fim.fallbacks", [{"provider": "mistral", "base_url": "ftp://x"}], "`base_url` must be an"),
    ("fim.fallbacks", [{"provider": "mistral", "replicas": ["x"]}], "`replicas` entry 1 must be"),
    ("fim.fallbacks", [{"provider": "mistral", "xxxx": 1}], "there are `provider`"),
    ("chat.fallbacks", ["local"], "entry 1 `provider` must be one of"),
    ("network.headers", ["X-Team"], "entry 1 must be a table, not"),
    ("network.headers", [{**_HEADER, "name": "a b"}], "has a `name` that cannot be set."),
    ("network.headers", [{**_HEADER, "name": "Host"}], "has a `name` that cannot be set."),
    ("network.headers", [{**_HEADER, "value_env": "V"}], "needs either `value` or `value_env`."),
    ("network.headers", [{"name": "X", "hosts": ["h"]}], "needs either `value` or `value_env`."),
    ("network.headers", [{"name": "X", "value": "v"}], "needs `hosts`."),
]


@pytest.mark.parametrize(("key", "raw", "told"), REFUSED)
def test_what_does_not_fit_is_told_with_its_place(key: str, raw: object, told: str) -> None:
    _, (fault,) = parse_value(SETTING_SPECS[key], raw)
    assert told in str(fault)


_URL = "an http or https address without user name, query or fragment"
PARTLY = [
    (
        "fim.fallbacks",
        ["mistrial", "mistral", 3, {"provider": "local"}],
        (Fallback(provider="mistral"), Fallback(provider="local")),
        ["entry 1 `provider` must be one of", "entry 3 must be a table, not 3."],
    ),
    (
        "fim.fallbacks",
        ["local", {"provider": "mistral", "modle": "m", "timeoutMs": 1, "base_url": "x"}],
        (Fallback(provider="local"),),
        [
            "entry 2 has a part that is no setting. Did you mean `model`?",
            "entry 2 `timeout_ms` must be a whole number of ms from 100 to 600000, not 1.",
            f'entry 2 `base_url` must be {_URL}, not "x".',
        ],
    ),
    (
        "chat.fallbacks",
        ["local", "mistral", {"model": "m", "timeout_ms": 1}],
        (ChatFallback(provider="mistral"),),
        ["entry 1 `provider` must be one of", "entry 3 `timeout_ms` must", "entry 3 needs `prov"],
    ),
    (
        "fim.fallbacks",
        [{"provider": "mistral", "replicas": ["http://a", "b"]}],
        (Fallback(provider="mistral", replicas=("http://a",)),),
        [f'entry 1 `replicas` entry 2 must be {_URL}, not "b".'],
    ),
    (
        "network.headers",
        [{**_HEADER, "hosts": ["h", "a b"]}, {**_HEADER, "name": "a b"}],
        (Header(name="X", hosts=("h",), value="v"),),
        ["entry 1 `hosts` entry 2 must be a host (", "entry 2 has a `name` that cannot be set."],
    ),
    (
        "fim.replicas",
        ["http://a", "ftp://b", " ", 3, "http://c"],
        ("http://a", "http://c"),
        [
            f'entry 2 must be {_URL}, not "ftp://b".',
            f'entry 3 must be {_URL}, not " ".',
            f"entry 4 must be {_URL}, not 3.",
        ],
    ),
    (
        "fim.trusted_hosts",
        ["a.example", "https://x/y"],
        ("a.example",),
        ["entry 2 must be a host ("],
    ),
    (
        "fim.stop",
        ["a", "", 1],
        ("a",),
        ["entry 2 must be a string with", "entry 3 must be a string with"],
    ),
]


@pytest.mark.parametrize(("key", "raw", "kept", "told"), PARTLY)
def test_a_bad_entry_leaves_the_others_be(
    key: str, raw: object, kept: tuple[object, ...], told: list[str]
) -> None:
    result = resolved(Layer.USER, {key: raw})
    section, _, name = key.partition(".")
    assert getattr(getattr(result.settings, section), name) == kept
    sentences = [problem.sentence for problem in result.problems]
    assert len(sentences) == len(told)
    for sentence, part in zip(sentences, told, strict=True):
        assert sentence.startswith(f'user file: "{key}" {part}')


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("fim.fallbacks", ["local"], ["mistrial", 3]),
        ("fim.replicas", ["http://a"], ["b", ""]),
        ("completion.disabled_languages", ["python"], [3, None]),
    ],
)
def test_a_list_of_bad_entries_leaves_the_layer_below_alone(
    key: str, good: list[object], bad: list[object]
) -> None:
    below = SettingsLayer(Layer.USER, "user", {key: good})
    expected = resolve([below])
    result = resolve([below, SettingsLayer(Layer.ENVIRONMENT, "variables", {key: bad})])
    assert (result.settings, result.origins) == (expected.settings, expected.origins)
    assert len(result.problems) == 2


def test_a_command_is_taken_whole_or_not_at_all() -> None:
    result = resolved(Layer.USER, {"fim.api_key_command": ["pass", 3, "show"]})
    assert result.settings.fim.api_key_command == ()
    (problem,) = result.problems
    assert "must be a list of strings, or one string" in problem.sentence


@pytest.mark.parametrize("name", ["api_key", KEY, "model", "api_key_env", "timeout_ms", "replicas"])
def test_a_key_in_a_table_is_not_repeated(name: str) -> None:
    row = {"provider": "mistral", "base_url": KEY, name: KEY}
    result = resolved(Layer.USER, {"fim.fallbacks": [row, {KEY: KEY}, KEY]})
    assert not any(KEY in problem.sentence for problem in result.problems)
    places = [problem.sentence.split(" ")[:5] for problem in result.problems]
    assert {*map(" ".join, places)} == {
        f'user file: "fim.fallbacks" entry {number}' for number in (1, 2, 3)
    }
    assert result.settings.fim.fallbacks == ()


@pytest.mark.parametrize(
    "key", ["fim.fallbacks", "chat.fallbacks", "fim.replicas", "chat.replicas"]
)
def test_a_project_file_sends_nobody_elsewhere(key: str) -> None:
    raw = ["https://evil.example"] if key.endswith("replicas") else ["mistral"]
    (problem,) = resolved(Layer.PROJECT, {key: raw}).problems
    assert "may not be set by a project file" in problem.sentence
    assert resolved(Layer.EDITOR, {key: raw}).problems == ()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("api_key_command", ["env"], "`api_key_command` may not be set by the editor."),
        ("trusted_hosts", ["evil.example"], "`trusted_hosts` may not be set by the editor."),
        ("api_key_env", "HOME", "may only name a provider's own variable"),
    ],
)
def test_an_editor_gets_no_further_by_a_table(name: str, value: object, told: str) -> None:
    rows = [{"provider": "mistral", name: value}]
    (problem,) = resolved(Layer.EDITOR, {"fim.fallbacks": rows}).problems
    assert told in problem.sentence
    assert resolved(Layer.USER, {"fim.fallbacks": rows}).problems == ()


def test_hosts_and_variables_that_tables_of_the_user_name_are_known() -> None:
    row = {
        "provider": "mistral",
        "base_url": "https://a.example",
        "replicas": ["https://b.example/v1"],
        "trusted_hosts": ["c.example"],
        "api_key_env": "CORP_KEY",
    }
    user = SettingsLayer(Layer.USER, "user", {"chat.fallbacks": [row]})
    editor = SettingsLayer(Layer.EDITOR, "editor", {"fim.api_key_env": "CORP_KEY"})
    result = resolve([user, editor])
    assert result.problems == ()
    hosts = ("https://a.example", "https://b.example/v1", "c.example")
    assert set(result.named_hosts["chat:mistral"]) == set(hosts)
    assert not any(result.named_hosts.get(other) for other in ("chat", "fim", "chat:codestral"))
