"""What a file says it imports, read line by line: the file is being typed and need not parse.

Gives module names as they are written; `resolve.py` finds their files. Knows no workspace.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from devstral_lsp.syntax.grammars import grammar_name

HEAD = 30_000
"""Code points from the start of a file in which its imports stand."""
MOST_IMPORTS = 60


@dataclass(frozen=True, slots=True)
class Import:
    """A module as it is written, and the names taken from it; none where it is taken whole."""

    module: str
    names: tuple[str, ...] = ()


def imports_of(text: str, language_id: str) -> tuple[Import, ...]:
    """The imports of a file in their order, each once."""
    reader = _READERS.get(grammar_name(language_id) or "")
    if reader is None:
        return ()
    return tuple(dict.fromkeys(reader(text[:HEAD])))[:MOST_IMPORTS]


_PYTHON_FROM = re.compile(
    r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+"
    r"(?:\(((?:[^)\n]|\n(?![ \t]*from\b))*+)\)|([^\n(]+))",
    re.MULTILINE,
)
_PYTHON_IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w.][\w., \t]*)", re.MULTILINE)


def _python(text: str) -> Iterator[Import]:
    for match in _PYTHON_FROM.finditer(text):
        listed = re.sub(r"#[^\n]*", "", match[2] or match[3])
        yield Import(match[1], _original_names(listed))
    for match in _PYTHON_IMPORT.finditer(text):
        for module in match[1].split(","):
            if words := module.split():
                yield Import(words[0])


_JS_FROM = re.compile(
    r"^[ \t]*(?:import|export)\b(?:[ \t]+type\b)?"
    r"((?:[^'\";=\n]|\n(?![ \t]*(?:import|export)\b))*?)\bfrom\b\s*['\"]([^'\"\n]+)['\"]",
    re.MULTILINE,
)
_JS_BARE = re.compile(r"\b(?:import|require)[ \t]*+\(?[ \t]*+['\"]([^'\"\n]+)['\"]")
_JS_REQUIRE = re.compile(
    r"\b(?:const|let|var)[ \t]+\{([^{}=]*)\}[ \t]*=[ \t]*require\(['\"]([^'\"\n]+)['\"]\)"
)


def _javascript(text: str) -> Iterator[Import]:
    for pattern in (_JS_FROM, _JS_REQUIRE):
        for match in pattern.finditer(text):
            listed = match[1].replace("{", ",").replace("}", ",")
            yield Import(
                match[2], _original_names(re.sub(r"\*\s+as\s+\w+|\*|\btype\b", "", listed))
            )
    for match in _JS_BARE.finditer(text):
        yield Import(match[1])


_GO_BLOCK = re.compile(
    r"^import[ \t]*\(((?:[^)\n]|\n(?!import\b))*+)\)|^import[ \t]+([^\n(]*)", re.MULTILINE
)


def _go(text: str) -> Iterator[Import]:
    for match in _GO_BLOCK.finditer(text):
        for module in re.findall(r'"([^"\n]+)"', match[1] or match[2] or ""):
            yield Import(module)


_RUST_USE = re.compile(
    r"^[ \t]*(?:pub(?:\([^)\n]*\))?[ \t]+)?use[ \t]++"
    r"((?:[^;\n]|\n(?![ \t]*(?:pub|use)\b)){1,2000}+);",
    re.MULTILINE,
)
_RUST_MOD = re.compile(r"^[ \t]*(?:pub(?:\([^)\n]*\))?[ \t]+)?mod[ \t]+(\w+)[ \t]*;", re.MULTILINE)


def _rust(text: str) -> Iterator[Import]:
    for match in _RUST_USE.finditer(text):
        for path in _rust_paths(re.sub(r"//[^\n]*|(?<!\s)\s+as\s+\w+", "", match[1])):
            module, _, name = path.rpartition("::")
            yield Import(module or name, (name,) if module and name not in ("*", "self") else ())
    for match in _RUST_MOD.finditer(text):
        yield Import(f"self::{match[1]}")


_RUST_PART = re.compile(r"[{},]|[^{},]+")
_DEEPEST = 20
"""Braces within each other; nobody writes half as many."""


def _rust_paths(tree: str) -> Iterator[str]:
    """`a::{b, c::{d}}` as `a::b` and `a::c::d`."""
    leads, part = [""], ""
    for each in _RUST_PART.findall(tree):
        if each == "{":
            leads.append(leads[-1] + part)
            part = ""
            if len(leads) > _DEEPEST:
                return
        elif each in "},":
            if part:
                yield leads[-1] + part
            part = ""
            if each == "}" and len(leads) > 1:
                leads.pop()
        else:
            part = each.strip()
    if part:
        yield leads[-1] + part


def _by_line(pattern: re.Pattern[str], text: str) -> Iterator[Import]:
    """For languages that import one module a line, whose last part is the name."""
    for match in pattern.finditer(text):
        yield Import(match[1].strip())


def _original_names(listed: str) -> tuple[str, ...]:
    """The names in `a, b as c` as the module knows them."""
    words = (each.split() for each in listed.replace("\\\n", " ").split(","))
    return tuple(each[0] for each in words if each and re.fullmatch(r"[\w$]+", each[0]))


_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
_JAVA = re.compile(r"^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+)[ \t]*;", re.MULTILINE)
_RUBY = re.compile(r"^[ \t]*require(?:_relative)?[ \t(]+['\"]([^'\"\n]+)['\"]", re.MULTILINE)
_PHP = re.compile(
    r"^[ \t]*(?:use[ \t]+(?=[\w\\]+[ \t]*[;\n])"
    r"|(?:require|include)(?:_once)?[ \t(]+(?:__DIR__[ \t.]+)?['\"]/?)([\w\\./-]+)",
    re.MULTILINE,
)
_LUA = re.compile(r"\brequire[ \t(]+['\"]([\w./-]+)['\"]")
_SHELL = re.compile(r"^[ \t]*(?:source|\.)[ \t]+['\"]?(?:\$\{?\w+\}?/)?([\w./-]+)", re.MULTILINE)

_READERS: dict[str, Callable[[str], Iterator[Import]]] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "tsx": _javascript,
    "go": _go,
    "rust": _rust,
    "java": partial(_by_line, _JAVA),
    "c": partial(_by_line, _INCLUDE),
    "cpp": partial(_by_line, _INCLUDE),
    "ruby": partial(_by_line, _RUBY),
    "php": partial(_by_line, _PHP),
    "lua": partial(_by_line, _LUA),
    "bash": partial(_by_line, _SHELL),
}
