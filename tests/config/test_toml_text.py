"""Lines and reasons, for people who look for the slip in their file."""

from __future__ import annotations

import time
import tomllib

import pytest

from devstral_lsp.config.toml_text import describe_syntax_error, line_of

TEXT = '''# "fim.stop" = 1
model = "x"
[fim]
"provider" = "a" # x = 2
stop = [
 "x = 1", # [fim.y]
 "]",
]
prompt = """
[chat]
provider = 3
"""
base-url = 'x'
[[fim.fallbacks]]
provider = "x"
[chat.deep]
a . b = { c = 1 }
maxTokens = 3
'''

LINES = [
    ("model", 2),
    ("fim.provider", 4),
    ("fim.stop", 5),
    ("fim.prompt", 9),
    ("fim.base_url", 13),
    ("fim.fallbacks", 14),
    ("fim.fallbacks.provider", 15),
    ("chat.deep.a.b.c", 17),
    ("chat.deep.max_tokens", 18),
    ("chat.provider", 0),
    ("x", 0),
]


@pytest.mark.parametrize(("key", "line"), LINES)
def test_the_line_of_a_setting(key: str, line: int) -> None:
    assert line_of(TEXT, key) == line


REASONS = [
    ('[fim]\nprovider = "ollama\nmodel = "x"\n', "a quote is not closed", 2),
    ("[fim]\nprovider = 'ollama\n", "a quote is not closed", 2),
    ('a = 1\nb = """x\n\n[fim]\n', "a quote is not closed", 2),
    ("[fim]\nprovider = ollama\n", "the value has to stand in quotes", 2),
    ("[fim]\nprovider = \n", "the value is missing", 2),
    ("[fim]\nprovider = “ollama”\n", "write straight quotes", 2),
    ("[completion]\nenabled = False\n", "small letters", 2),
    ("[completion]\nenabled = off\n", "small letters", 2),
    ("enabled = true\n\nenabled = true", "a second time: keep one", 3),
    ("[fim]\na=1\n[fim]\nb=2", "a second time: keep its settings", 3),
    ("fim.a=1\n[fim]\nb=2", "a second time", 2),
    ('ca = "C:\\models\\x"', "in single quotes", 1),
    ('ca = "\\users"', "in single quotes", 1),
    ("[fim\na = 1", "the bracket behind a table's name", 1),
    ('[fim]\nprovider "ollama"', "`=` is missing", 2),
    ('a = "x" b = 2', "more behind the value", 1),
    ('a = "x";', "more behind the value", 1),
    ("\n\na = [1,\n2\n", "a bracket is not closed", 3),
    ("a = {b=1", "a brace is not closed", 1),
    ("<<<<<<< HEAD\na=1\n", "merge conflict", 1),
    ('a="x"\n=======\n', "merge conflict", 2),
    ('{"fim": {"provider": "ollama"}}', "JSON", 1),
    ("fim:\n  provider: ollama\n", "YAML", 1),
    ("// comment\n", "a comment begins with `#`", 1),
    ("= 3", "neither", 1),
    ('a = "x\x01"', "a character that text", 1),
]


@pytest.mark.parametrize(("text", "reason", "line"), REASONS)
def test_why_a_file_is_not_toml(text: str, reason: str, line: int) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    told, number = describe_syntax_error(str(caught.value), text)
    assert (told.startswith("this is not TOML: "), number) == (True, line)
    assert reason in told


def test_a_message_that_is_not_known_is_not_repeated() -> None:
    told, line = describe_syntax_error("Secret 'abc' found (at line 2, column 1)", "a\nb")
    assert (told, line) == ("this is not TOML", 2)


PUMPED = ['"\\"' * 60_000 + "\\", '"' * 200_000, "a." * 100_000, "[ " * 100_000, "'" * 199_999,
          'a = "' + '\\"' * 100_000, "{" * 200_000, "a = 1\n" * 40_000]  # fmt: skip


@pytest.mark.parametrize("text", PUMPED, ids=range(len(PUMPED)))
def test_a_hostile_file_takes_no_time(text: str) -> None:
    """A minute and more where it is quadratic."""
    begun = time.perf_counter()
    line_of(text, "x.y")
    assert time.perf_counter() - begun < 20
