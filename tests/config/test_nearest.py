"""Words that were written a little differently, and advice on addresses that cannot be used."""

from __future__ import annotations

import pytest

from devstral_lsp.config.addresses import address_advice
from devstral_lsp.config.nearest import meant, same
from devstral_lsp.config.parse_value import parse_value
from devstral_lsp.config.schema import SETTING_SPECS

WORDS = SETTING_SPECS["fim.provider"].choices

SAME = [
    ("ollama", "ollama"),
    ("Ollama", "ollama"),
    (" OLLAMA ", "ollama"),
    ("LM Studio", "lmstudio"),
    ("lm-studio", "lmstudio"),
    ("llama.cpp", "llamacpp"),
    ("OpenAI-Compatible", "openai_compatible"),
    ("Local", "local"),
    ("olama", ""),
    ("", ""),
    ("---", ""),
    ("ollama" * 100, ""),
    ("оllama", ""),  # the first letter is Cyrillic
]


@pytest.mark.parametrize(("written", "word"), SAME)
def test_a_word_in_another_spelling_is_that_word(written: str, word: str) -> None:
    assert same(written, WORDS) == word
    value, faults = parse_value(SETTING_SPECS["fim.provider"], written)
    assert (value, len(faults)) == ((word, 0) if word else (None, 1))


MEANT = [
    ("olama", "ollama"),
    ("Olama ", "ollama"),
    ("locla", "local"),
    ("loc", "local"),
    ("mitsral", "mistral"),
    ("off", "local"),
    ("none", "local"),
    ("openai", "openai_compatible"),
    ("claude", ""),
    ("", ""),
]


@pytest.mark.parametrize(("written", "word"), MEANT)
def test_the_nearest_word(written: str, word: str) -> None:
    assert meant(written, WORDS) == word


ADVICE = [
    ("gateway.corp/v1", 'Did you mean "https://gateway.corp/v1"?'),
    ("gateway.corp:8443", 'Did you mean "https://gateway.corp:8443"?'),
    ("nas:11434", 'Did you mean "https://nas:11434"?'),
    ("localhost", 'Did you mean "http://localhost"?'),
    ("127.0.0.1:8080/v1", 'Did you mean "http://127.0.0.1:8080/v1"?'),
    ("[::1]:8080", 'Did you mean "http://[::1]:8080"?'),
    ("htp://gateway.corp", "It must begin with"),
    ("ftp://gateway.corp", "It must begin with"),
    ("https:/gateway.corp", "It must begin with"),
    ("gateway", "It must begin with"),
    ("https://", "The host is missing."),
    ("https://gateway.corp:port", "must be a port"),
    ("https://gateway.corp:99999", "must be a port"),
    ("https://me:it@gateway.corp", "before the `@`"),
    ("me:it@gateway.corp", "before the `@`"),
    ("https://gateway.corp/v1?x=1", "Leave out the query"),
    ("https://gateway.corp/v1#x", "Leave out the fragment"),
    ("https:\\\\gateway.corp", "Write `/`"),
    ("https://gateway corp", "whitespace"),
    ("https://аpi.corp", "beyond ASCII"),
    ("", ""),
    ("a" * 5000, ""),
]


@pytest.mark.parametrize(("address", "advice"), ADVICE)
def test_advice_on_an_address(address: str, advice: str) -> None:
    told = address_advice(address)
    assert (advice in told) if advice else not told


def test_a_proxy_is_asked_in_the_clear() -> None:
    assert '"http://proxy.corp:3128"' in address_advice("proxy.corp:3128", is_proxy=True)
    assert "HTTPS_PROXY" in address_advice("http://me:it@proxy.corp", is_proxy=True)


LANGUAGES = [
    ("python", ("python",)),
    ("Python", ("python",)),
    ("py", ("py", "python")),
    ("*.py", ("py", "python")),
    (".ts", ("ts", "typescript")),
    ("C++", ("c++", "cpp")),
    ("golang", ("golang", "go")),
    ("scss", ("scss",)),
    ("jsonc", ("jsonc",)),
    ("sh", ("sh", "shellscript")),
    ("gitcommit", ("gitcommit",)),
    ("mylang", ("mylang",)),
]


@pytest.mark.parametrize(("written", "ids"), LANGUAGES)
def test_a_language_in_another_spelling_is_that_language(
    written: str, ids: tuple[str, ...]
) -> None:
    assert parse_value(SETTING_SPECS["completion.disabled_languages"], [written]) == (ids, [])


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("pyhton", "python"),
        ("javscript", "javascript"),
        ("markdwon", "markdown"),
        ("pythn", "python"),
    ],
)
def test_a_slip_in_a_language_is_told(written: str, right: str) -> None:
    value, (fault,) = parse_value(SETTING_SPECS["completion.disabled_languages"], [written])
    assert value is None
    assert f'Did you mean "{right}"?' in str(fault)


LISTS = [
    ("completion.disabled_languages", "python", ("python",)),
    ("completion.disabled_languages", "python, go", ("python", "go")),
    ("fim.stop", ", ", (", ",)),
    ("fim.replicas", "http://a", ("http://a",)),
    ("fim.trusted_hosts", "a.b, c.d", ("a.b", "c.d")),
    ("refactor.disabled_actions", "simplify", ("simplify",)),
]


@pytest.mark.parametrize(("key", "raw", "value"), LISTS)
def test_one_string_is_a_list_of_one(key: str, raw: str, value: tuple[str, ...]) -> None:
    assert parse_value(SETTING_SPECS[key], raw) == (value, [])
