"""Every regular expression of the package takes time linear in its input.

Text of a repository, a model, an endpoint or a client is foreign: an expression that backtracks
over it holds the interpreter, and with it every keystroke. `tests/support/expressions.py` collects
them, `tests/support/pumping.py` finds the slow ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import pytest

from devstral_lsp.languages import registry
from tests.support.expressions import ALL_WAYS, Found, Unknown, compiled, in_calls, modules
from tests.support.pumping import slow_use

EXEMPT = {
    "devstral_lsp.secrets.named._NAME_BEFORE": "64 code points",
}
"""Expressions that meet no long text, with what bounds it."""

ONLY_AT_ONE_PLACE = {
    "Language.import_start": ("match",),
    "Language.import_statement": ("match",),
    "Language.preamble": ("match",),
    "devstral_lsp.config.setting_types._PATTERN_FAULTS": ("match",),
    "devstral_lsp.config.nearest._HOST": ("fullmatch",),
    "devstral_lsp.config.nearest._HOST_AND_PORT": ("fullmatch",),
    "devstral_lsp.context.sensitive_files._names": ("match",),
    "devstral_lsp.refactor.apply_patch._MARKS": ("match",),
    "devstral_lsp.secrets.key_files._PASSWORD_LINES": ("fullmatch",),
    "devstral_lsp.secrets.values._VERSION": ("fullmatch",),
    "devstral_lsp.secrets.values._WORDS": ("fullmatch",),
}
"""How expressions are used that reach their use through a container, a field or a variable."""

MADE_FROM_VALUES = {
    "devstral_lsp.languages.tokens.code_tokens": "by language: see `_by_language`",
    "devstral_lsp.languages.tokens.unmatched_brackets": "that, and words of a table",
    "devstral_lsp.context.members.stores.find_crate_files": "a name, escaped, between quotes",
    "devstral_lsp.completion.filters.add_missing_blank.add_missing_blank": "two words, escaped",
    "devstral_lsp.completion.sensible._is_lone": "a word, escaped, between boundaries",
    "devstral_lsp.completion.sensible._uses": "a name, escaped, between boundaries",
    "devstral_lsp.completion.source.identifiers._is_known": "a word, escaped, between boundaries",
    "devstral_lsp.context.ignore_patterns.__call__": "globs: see test_ignore_patterns",
    "devstral_lsp.git.refs._oid": "digits, counted",
    "devstral_lsp.providers.model_catalog.lookup_model_info": "of a table: see `_of_tables`",
    "devstral_lsp.local.line_shapes.adapt_similar_lines": "see test_pumped.py",
    "devstral_lsp.providers.model_catalog.preferred_model": "of a table: see `_of_tables`",
    "devstral_lsp.providers.fim.templates.fits": "of a table: see `_of_tables`",
    "devstral_lsp.refactor.actions.inline._is_set_once": "a name, escaped: see `_of_names`",
    "devstral_lsp.edits.checks._is_indexed_name": "a word, escaped, between boundaries",
    "devstral_lsp.refactor.editorconfig._set": "a set of characters, which matches one",
    "devstral_lsp.refactor.task.tools.reading._hits": "text, escaped",
    "devstral_lsp.languages.language.version_line": "kept in the languages' values",
    "devstral_lsp.secrets.known._compile": "kept in the module's table",
    "devstral_lsp.refactor.tests_location._parts": "a path of a file, which systems bound",
}
"""Functions that make an expression from what they are given, and where it is looked at."""


@cache
def _collected() -> tuple[Found | Unknown, ...]:
    return (*compiled(), *in_calls(), *_by_language(), *_of_tables(), *_of_names())


def _by_language() -> Iterator[Found]:
    made = vars(modules()["devstral_lsp.languages.tokens"])["code_tokens"]
    for language in registry().languages:
        yield Found(f"brackets of {language.name}", made(language), ("finditer",))


def _of_tables() -> Iterator[Found]:
    """Expressions for models' names, kept as text."""
    for name in ("model_catalog", "fim.templates"):
        for value in vars(modules()[f"devstral_lsp.providers.{name}"]).values():
            for each in value if isinstance(value, tuple | list) else ():
                for text in _texts(each):
                    yield Found(f"{name}: {text}", re.compile(text), ("search",))


def _texts(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif is_dataclass(entry) and not isinstance(entry, type):
        named = (each.name for each in fields(entry))
        yield from (getattr(entry, each) for each in named if each in ("ids", "not_ids"))


def _of_names() -> Iterator[Found]:
    """As `inline` makes it for the name `a`."""
    word = r"(?<![\w.])a"
    made = rf"{word}(?:\s*:(?![:=])[^=\n]{{0,80}})?\s*(?:[-+*/%|&^<>?]{{0,3}}=(?![=>])|:=|\+\+|--)"
    yield Found("inline of a name", re.compile(made), ("finditer",))


def _checked() -> dict[tuple[str, int, tuple[str, ...]], list[Found]]:
    """Each different expression once, with all that are the same."""
    different: dict[tuple[str, int, tuple[str, ...]], list[Found]] = {}
    for each in _collected():
        if isinstance(each, Found) and each.where not in EXEMPT:
            place = each.field or each.where.partition(":")[0]
            ways = ONLY_AT_ONE_PLACE.get(place, each.ways)
            key = (str(each.pattern.pattern), each.pattern.flags, ways)
            different.setdefault(key, []).append(each)
    return different


@pytest.mark.timeout(300)  # ten seconds on a machine that does nothing else
def test_every_expression_is_linear() -> None:
    slow = [
        f"{same[0].where}: {found}"
        for (_, _, ways), same in _checked().items()
        if (found := slow_use(same[0].pattern, ways)) is not None
    ]
    assert not slow, "\n".join(slow)


def test_what_is_made_from_values_is_known() -> None:
    made = {each.where for each in _collected() if isinstance(each, Unknown)}
    assert made == MADE_FROM_VALUES.keys()


def test_all_expressions_are_found() -> None:
    """A floor, so that a collector that finds nothing does not pass."""
    assert len(_checked()) > 250


@pytest.mark.parametrize(
    "bad",
    [
        r"(a+)+$",
        r"(a|aa)+$",
        r"(\w+\s?)*$",
        r"^(a|a)*b",
        r"\s+$",
        r"[ \t]*\n",
        r"<think>.*?</think>",
        r"\"engines\"\s*:\s*\{[^}]*\}",
        r"\{\s*/\*[^*\n]*\.{3,}[^*\n]*\*/\s*\}",
        r"(?:</s>)+\Z",
        r"a(?!.*b)",
        r"\([^)]*\)",
        r"^[ \t]*```[ \t]*([^`\n]*?)[ \t]*$",
        r"\w+=",
        r"x*x*y",
        r"<img\b[^>]*?\bsrc\s*=",
        r"(?:.*,)*x",
        r"\w*[a-z]\w*\(",
        r"(?>a+)b|c",
        r"a++b",
        r"\b[\w-]*key",
        r"(['\"]).*?\1;",
    ],
)
def test_the_checker_finds_what_is_slow(bad: str) -> None:
    assert slow_use(re.compile(bad, re.MULTILINE | re.DOTALL), ALL_WAYS) is not None


@pytest.mark.parametrize(
    "good",
    [
        r"\w+",
        r"(?<!\s)\s++$",
        r"^[ \t]*import[ \t]+([\w.]+)",
        r"[^\n]*\n|[^\n]+\Z",
        r"(?:[^\"\\]|\\.)*+",
        r"\"(?:[^\"\\]|\\.)*\"?",
        r"\([^()]*\)",
        r"<[^<>]*>",
        r"\b(?:TODO|FIXME)\b",
        r"(?<!\w)[A-Z][^\Wa-z]*+[a-z]\w*+\(",
        r"a{0,80}b",
        r"(?<!\w)(\w++)=",
        r"\r\n?|\n",
    ],
)
def test_the_checker_lets_pass_what_is_linear(good: str) -> None:
    assert slow_use(re.compile(good, re.MULTILINE), ALL_WAYS) is None


def test_the_checker_takes_bytes_too() -> None:
    assert slow_use(re.compile(rb"\s+$"), ("search",)) is not None
    assert slow_use(re.compile(rb"\r\n?|\n"), ("finditer",)) is None
