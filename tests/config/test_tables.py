"""Lists of tables: who is asked next, and which headers go where."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from devstral_lsp.config.endpoints import ChatFallback, Fallback, Header
from devstral_lsp.config.layers import Resolved, Source, resolve
from devstral_lsp.config.schema import SETTINGS
from devstral_lsp.config.setting import Layer
from devstral_lsp.config.values import raw_of_text, value_of
from devstral_lsp.errors import ConfigError

KEY = "aB3" * 10 + "xY"
VARIABLES = ("MISTRAL_API_KEY", "CODESTRAL_API_KEY")


def resolved(layer: Layer, values: Mapping[str, object]) -> Resolved:
    return resolve([Source(layer, layer.value, values)], VARIABLES)


def test_a_word_is_a_table_of_that_provider() -> None:
    raw = ["mistral", {"provider": "codestral", "baseUrl": "http://nas:1", "model": "m"}, "local"]
    assert value_of(SETTINGS["fim.fallbacks"], raw) == (
        Fallback(provider="mistral"),
        Fallback(provider="codestral", base_url="http://nas:1", model="m"),
        Fallback(provider="local"),
    )


def test_a_table_may_leave_things_unset() -> None:
    raw = [{"provider": "mistral", "timeout_ms": None}]
    assert value_of(SETTINGS["chat.fallbacks"], raw) == (ChatFallback(provider="mistral"),)


@pytest.mark.parametrize("text", ["mistral, local", '["mistral", "local"]'])
def test_the_environment_names_them_in_one_line(text: str) -> None:
    setting = SETTINGS["fim.fallbacks"]
    value = value_of(setting, raw_of_text(setting, text))
    assert [each.provider for each in value] == ["mistral", "local"]


def test_a_header_has_a_value_or_a_variable() -> None:
    raw = [{"name": "X-Team", "hosts": ["gate.example"], "value": "editors"}]
    assert value_of(SETTINGS["network.headers"], raw) == (
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
    ("fim.fallbacks", [{"provider": "mistral", "replicas": ["x"]}], "`replicas` must be a list"),
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
    with pytest.raises(ConfigError) as error:
        value_of(SETTINGS[key], raw)
    assert told in str(error.value)


@pytest.mark.parametrize("name", ["api_key", KEY, "model", "api_key_env", "timeout_ms", "replicas"])
def test_a_key_in_a_table_is_not_repeated(name: str) -> None:
    row = {"provider": "mistral", "base_url": KEY, name: KEY}
    result = resolved(Layer.USER, {"fim.fallbacks": [row, {KEY: KEY}, KEY]})
    (problem,) = result.problems
    assert KEY not in problem.sentence
    assert problem.sentence.startswith('user file: "fim.fallbacks" entry 1 ')
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
    user = Source(Layer.USER, "user", {"chat.fallbacks": [row]})
    editor = Source(Layer.EDITOR, "editor", {"fim.api_key_env": "CORP_KEY"})
    result = resolve([user, editor], VARIABLES)
    assert result.problems == ()
    hosts = ("https://a.example", "https://b.example/v1", "c.example")
    assert set(result.named_hosts["chat:mistral"]) == set(hosts)
    assert not any(result.named_hosts.get(other) for other in ("chat", "fim", "chat:codestral"))
