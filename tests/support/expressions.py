"""Collects the regular expressions of the package: compiled ones, and those in its calls of `re`.

Compiled ones are found in modules, classes and containers; the others by reading the sources, where
what stands inside a function is computed from the module's own names. What depends on a function's
own values cannot be computed and is given as such.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import devstral_lsp

_FUNCTIONS = frozenset(
    {"compile", "search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split"}
)
_WAYS = {"match": "match", "fullmatch": "fullmatch", "search": "search"}
"""What a use comes to for its time; all others go through all of the text."""
ALL_WAYS = ("fullmatch", "finditer")
"""`finditer` asks at every position, so it stands for `search` and `match` as well."""


@dataclass(frozen=True, slots=True)
class Found:
    """An expression, and how the package uses it."""

    where: str
    """Module and name, or module and line."""
    pattern: re.Pattern[Any]
    ways: tuple[str, ...]
    field: str = ""
    """Class and field, where a dataclass holds it."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A call of `re` whose expression depends on a function's own values."""

    where: str
    """Module and function."""


@cache
def modules() -> Mapping[str, ModuleType]:
    """All modules of the package, imported."""
    names = (each.name for each in pkgutil.walk_packages(devstral_lsp.__path__, "devstral_lsp."))
    return {name: importlib.import_module(name) for name in names if not name.endswith("__main__")}


def compiled() -> Iterator[Found]:
    """The compiled expressions that modules hold."""
    public = _ways_in(modules().values())
    for name, module in modules().items():
        own = _ways_in([module])
        assigned = _assigned(_tree(module))
        for attribute, value in vars(module).items():
            if attribute not in assigned:
                continue
            ways = (own if attribute.startswith("_") else public).get(attribute)
            for field, pattern in _patterns_in(value, "", set(), 0):
                used = ways if isinstance(value, re.Pattern) else None
                yield Found(f"{name}.{attribute}", pattern, used or ALL_WAYS, field)


def _patterns_in(
    value: Any, field: str, seen: set[int], depth: int
) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """The expressions in a value, each with the field of a dataclass that holds it."""
    if depth > 6 or id(value) in seen:
        return
    if isinstance(value, re.Pattern):
        seen.add(id(value))
        yield field, value
        return
    for inside, inner in _inside(value, field):
        yield from _patterns_in(inner, inside, seen, depth + 1)


def _inside(value: Any, field: str) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(field, each) for each in value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return [(field, each) for each in value]
    if isinstance(value, type) and value.__module__.startswith("devstral_lsp"):
        return [(field, each) for each in vars(value).values()]
    if is_dataclass(value) and not isinstance(value, type):
        name = type(value).__name__
        named = ((f"{name}.{each.name}", each.name) for each in fields(value))
        return [(where, getattr(value, each, None)) for where, each in named]
    return []


def _assigned(tree: ast.Module) -> frozenset[str]:
    """The names that a module makes itself, rather than imports."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found.add(node.name)
        found |= {
            each.id
            for each in ast.walk(node)
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        }
    return frozenset(found)


def _ways_in(sources: Iterable[ModuleType]) -> dict[str, tuple[str, ...]]:
    """How the names of expressions are used; names used as values are left out: who knows how."""
    used: dict[str, set[str]] = {}
    as_values: set[str] = set()
    for ways, values in map(_uses_in, sources):
        as_values |= values
        for name, way in ways:
            used.setdefault(name, set()).add(way)
    return {name: tuple(sorted(ways)) for name, ways in used.items() if name not in as_values}


@cache
def _uses_in(module: ModuleType) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Names with the ways they are used in, and names used as values."""
    ways: set[tuple[str, str]] = set()
    attributes: set[int] = set()
    names: list[ast.Name] = []
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            name = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            attributes.add(id(node.value))
            if node.attr in _FUNCTIONS:
                ways.add((name, _WAYS.get(node.attr, "finditer")))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names.append(node)
    values = frozenset(each.id for each in names if id(each) not in attributes)
    return frozenset(ways), values


def in_calls() -> Iterator[Found | Unknown]:
    """The expressions in calls of `re` inside functions, and the calls whose are not known."""
    for name, module in modules().items():
        for function, call in _calls(_tree(module), ""):
            where = f"{name}.{function}"
            try:
                # Only our own sources are computed, with the names that they use themselves.
                code = compile(ast.Expression(call.args[0]), where, "eval")
                expression = eval(code, vars(module))
                flags = _flags(call, vars(module))
                pattern = re.compile(expression, flags)
            except NameError:
                yield Unknown(where)
                continue
            used = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            ways = ALL_WAYS if used == "compile" else (_WAYS.get(used, "finditer"),)
            yield Found(f"{where}:{call.lineno}", pattern, ways)


def _calls(node: ast.AST, function: str) -> Iterator[tuple[str, ast.Call]]:
    for child in ast.iter_child_nodes(node):
        inner = function
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{function}.{child.name}".lstrip(".")
        if inner and isinstance(child, ast.Call) and _is_of_re(child):
            yield inner, child
        yield from _calls(child, inner)


def _is_of_re(call: ast.Call) -> bool:
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
        and function.attr in _FUNCTIONS
    )


def _flags(call: ast.Call, names: dict[str, Any]) -> int:
    given = [each.value for each in call.keywords if each.arg == "flags"]
    positional = {"sub": 4, "subn": 4, "split": 3}
    used = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    at = positional.get(used, 1 if used == "compile" else 2)
    given += call.args[at : at + 1]
    if not given:
        return 0
    return int(eval(compile(ast.Expression(given[0]), "flags", "eval"), names))


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text("utf-8"))
