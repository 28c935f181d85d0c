"""What is accepted for a setting, and what is said of the rest."""

from __future__ import annotations

import math

import pytest

from devstral_lsp.config.parse_value import decode_env_value, parse_value
from devstral_lsp.config.schema import SETTING_SPECS

KEY = "aB3" * 10 + "xY"

ACCEPTED = [
    ("completion.enabled", False, False),
    ("fim.max_tokens", 1, 1),
    ("fim.max_tokens", 4096, 4096),
    ("fim.max_tokens", 256.0, 256),
    ("fim.temperature", 0, 0.0),
    ("fim.temperature", 1, 1.0),
    ("fim.top_p", 0.9, 0.9),
    ("fim.model", " codestral-latest ", "codestral-latest"),
    ("fim.stop", ["\n\n", " "], ("\n\n", " ")),
    ("fim.stop", [], ()),
    ("fim.api_key_command", ["pass", "show", "a b"], ("pass", "show", "a b")),
    ("fim.api_key_command", "pass show 'a b'", ("pass", "show", "a b")),
    ("fim.base_url", "", ""),
    ("fim.base_url", "HTTPS://gateway.corp:8443/llm/v1", "HTTPS://gateway.corp:8443/llm/v1"),
    ("fim.base_url", "http://[::1]:8080", "http://[::1]:8080"),
    ("fim.trusted_hosts", [" a.b ", "c:1", "http://d"], ("a.b", "c:1", "http://d")),
    ("fim.api_key_env", "COMPANY_MODEL_GATEWAY_KEY_2", "COMPANY_MODEL_GATEWAY_KEY_2"),
    ("completion.menu", "never", "never"),
]


@pytest.mark.parametrize(("key", "raw", "value"), ACCEPTED)
def test_accepted(key: str, raw: object, value: object) -> None:
    got, faults = parse_value(SETTING_SPECS[key], raw)
    assert (got, faults) == (value, [])
    assert type(got) is type(value)


REFUSED = [
    ("completion.enabled", 1, "must be true or false, not 1."),
    ("completion.enabled", "no", 'must be true or false, not "no". Write false, without quotes.'),
    ("completion.enabled", "maybe", 'must be true or false, not "maybe".'),
    ("fim.max_tokens", True, "must be a whole number of tokens from 1 to 4096, not true."),
    ("fim.max_tokens", 0, "must be a whole number of tokens from 1 to 4096, not 0."),
    ("fim.max_tokens", 1.5, "must be a whole number of tokens from 1 to 4096, not 1.5."),
    ("fim.max_tokens", "256", 'must be a whole number of tokens from 1 to 4096, not "256".'),
    pytest.param(
        "fim.max_tokens",
        16**9000,
        "must be a whole number of tokens from 1 to 4096, not this value.",
        id="more digits than Python prints",
    ),
    ("fim.max_tokens", KEY, "must be a whole number of tokens from 1 to 4096, not this string."),
    ("fim.temperature", 1.5, "must be a number from 0 to 1, not 1.5."),
    ("fim.temperature", math.nan, "must be a number from 0 to 1, not NaN."),
    ("fim.temperature", -math.inf, "must be a number from 0 to 1, not -Infinity."),
    ("fim.top_p", 0, "must be a number from 0.01 to 1, not 0."),
    ("fim.random_seed", 2**31, "must be a whole number from 0 to 2147483647, not 2147483648."),
    ("fim.model", 3, "must be a string, not 3."),
    ("fim.model", {"a": 1}, "must be a string, not a group of settings."),
    ("fim.stop", 3, "must be a list of strings, not 3."),
    ("fim.stop", "", 'must be a list of strings, not "".'),
    ("fim.stop", [""], 'entry 1 must be a string with something in it, not "".'),
    ("fim.api_key_command", ["a", ""], "must be a list of strings, or one string, not this list."),
    ("fim.api_key_command", "pass 'x", 'must be a list of strings, or one string, not "pass \'x".'),
    ("fim.api_key_env", KEY, "must be the name of an environment variable, not this string."),
    ("fim.api_key_env", "A-B", 'must be the name of an environment variable, not "A-B".'),
    ("completion.menu", "maybe", 'must be one of "auto", "always", "never", not "maybe".'),
    ("completion.menu", ["auto"], 'must be one of "auto", "always", "never", not this list.'),
]


@pytest.mark.parametrize(("key", "raw", "sentence"), REFUSED)
def test_refused(key: str, raw: object, sentence: str) -> None:
    value, (fault,) = parse_value(SETTING_SPECS[key], raw)
    assert value is None
    assert str(fault) == sentence
    assert fault.__cause__ is None


@pytest.mark.parametrize(
    "address",
    [
        "api.mistral.ai",
        "ftp://api.mistral.ai",
        "https://",
        "https://user:word@gateway.corp",
        "https://api.mistral.ai@evil.example",
        "https://api.mistral.ai\\@evil.example",
        "https://api.mistral.ai:443@evil.example",
        "https://gateway.corp?to=x",
        "https://gateway.corp#x",
        "https://gate way.corp",
        "https://gateway.corp/\nx",
        "https://gateway.corp\t/v1",
        "https://аpi.mistral.ai",  # the first letter is Cyrillic
        "https://ａpi.mistral.ai",
        "https://gateway.corp:0",
        "https://gateway.corp:99999",
        "https://gateway.corp:",
    ],
)
def test_refused_addresses(address: str) -> None:
    for key, raw in (("fim.base_url", address), ("fim.replicas", [address])):
        value, (fault,) = parse_value(SETTING_SPECS[key], raw)
        assert value is None
        assert "must be an http or https address" in str(fault)
        assert "word" not in str(fault)


TEXTS = [
    ("completion.enabled", "Yes", True),
    ("completion.enabled", "0", False),
    ("completion.enabled", "maybe", "maybe"),
    ("fim.max_tokens", "12", 12),
    ("fim.max_tokens", "12a", "12a"),
    ("fim.temperature", ".2", 0.2),
    ("fim.stop", "a, b,,", ["a", "b"]),
    ("fim.stop", '["a,b", "\\n"]', ["a,b", "\n"]),
    ("fim.stop", "[]", []),
    ("fim.stop", "[1", "[1"),
    pytest.param("fim.stop", "[" * 100_000, "[" * 100_000, id="nested too deeply"),
    ("fim.api_key_command", "pass show x", "pass show x"),
    ("fim.api_key_command", '["pass", "x"]', ["pass", "x"]),
    ("fim.trusted_hosts", "a,b:1", ["a", "b:1"]),
    ("fim.model", "a,b", "a,b"),
]


@pytest.mark.parametrize(("key", "text", "raw"), TEXTS)
def test_texts_of_the_environment(key: str, text: str, raw: object) -> None:
    got = decode_env_value(SETTING_SPECS[key], text)
    assert got == raw
    assert type(got) is type(raw)
