"""What a file says it imports, read line by line: the file is being typed and need not parse.

Gives module names as they are written; `resolve.py` finds their files. Knows no workspace.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from devstral_lsp.context.grammars import grammar_of

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
    reader = _READERS.get(grammar_of(language_id) or "")
    if reader is None:
        return ()
    return tuple(dict.fromkeys(reader(text[:HEAD])))[:MOST_IMPORTS]


_PYTHON_FROM = re.compile(
    r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(?:\(([^)]*)\)|([^\n(]+))", re.MULTILINE
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
    r"^[ \t]*(?:import|export)\b(?:[ \t]+type\b)?([^'\";=]*?)\bfrom\b\s*['\"]([^'\"\n]+)['\"]",
    re.MULTILINE,
)
_JS_BARE = re.compile(r"\b(?:import|require)[ \t]*\(?[ \t]*['\"]([^'\"\n]+)['\"]")
_JS_REQUIRE = re.compile(
    r"\b(?:const|let|var)[ \t]+\{([^}=]*)\}[ \t]*=[ \t]*require\(['\"]([^'\"\n]+)['\"]\)"
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


_GO_BLOCK = re.compile(r"^import[ \t]*\(([^)]*)\)|^import[ \t]+([^\n(]*)", re.MULTILINE)


def _go(text: str) -> Iterator[Import]:
    for match in _GO_BLOCK.finditer(text):
        for module in re.findall(r'"([^"\n]+)"', match[1] or match[2] or ""):
            yield Import(module)


_RUST_USE = re.compile(r"^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?use[ \t]+([^;]{1,2000});", re.MULTILINE)
_RUST_MOD = re.compile(r"^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?mod[ \t]+(\w+)[ \t]*;", re.MULTILINE)


def _rust(text: str) -> Iterator[Import]:
    for match in _RUST_USE.finditer(text):
        for path in _rust_paths("", re.sub(r"//[^\n]*|\s+as\s+\w+", "", match[1])):
            module, _, name = path.rpartition("::")
            yield Import(module or name, (name,) if module and name not in ("*", "self") else ())
    for match in _RUST_MOD.finditer(text):
        yield Import(f"self::{match[1]}")


def _rust_paths(lead: str, tree: str) -> Iterator[str]:
    """`a::{b, c::{d}}` as `a::b` and `a::c::d`."""
    for part in _split_outside_braces(tree):
        head, brace, inner = part.partition("{")
        if brace:
            yield from _rust_paths(lead + head.strip(), inner.rstrip().removesuffix("}"))
        elif part.strip():
            yield lead + part.strip()


def _split_outside_braces(text: str) -> Iterator[str]:
    depth = start = 0
    for at, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _by_pattern(pattern: str) -> Callable[[str], Iterator[Import]]:
    """For languages that import one module a line, whose last part is the name."""
    compiled = re.compile(pattern, re.MULTILINE)

    def read(text: str) -> Iterator[Import]:
        for match in compiled.finditer(text):
            yield Import(match[1].strip())

    return read


def _original_names(listed: str) -> tuple[str, ...]:
    """The names in `a, b as c` as the module knows them."""
    words = (each.split() for each in listed.replace("\\\n", " ").split(","))
    return tuple(each[0] for each in words if each and re.fullmatch(r"[\w$]+", each[0]))


_READERS: dict[str, Callable[[str], Iterator[Import]]] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "tsx": _javascript,
    "go": _go,
    "rust": _rust,
    "java": _by_pattern(r"^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+)[ \t]*;"),
    "c": _by_pattern(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"'),
    "cpp": _by_pattern(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"'),
    "ruby": _by_pattern(r"^[ \t]*require(?:_relative)?[ \t(]+['\"]([^'\"\n]+)['\"]"),
    "php": _by_pattern(
        r"^[ \t]*(?:use[ \t]+(?=[\w\\]+[ \t]*[;\n])"
        r"|(?:require|include)(?:_once)?[ \t(]+(?:__DIR__[ \t.]+)?['\"]/?)([\w\\./-]+)"
    ),
    "lua": _by_pattern(r"\brequire[ \t(]+['\"]([\w./-]+)['\"]"),
    "bash": _by_pattern(r"^[ \t]*(?:source|\.)[ \t]+['\"]?(?:\$\{?\w+\}?/)?([\w./-]+)"),
}
