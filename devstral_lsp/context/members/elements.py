"""Where the value of a name comes from the elements of an expression: loops, contexts, callbacks.

A container of a type is taken for a value of it. Only a type with a method of its own for the
purpose leads elsewhere, therefore an element of `rows` is written `(rows).__iter__()`.
"""

from __future__ import annotations

import re

from devstral_lsp.context.members.chains import end_of_bracket
from devstral_lsp.context.members.facts import split_parameters

HOLDERS = frozenset(
    """
    unwrap expect unwrap_or unwrap_or_else unwrap_or_default as_ref as_mut clone borrow borrow_mut
    lock read write iter iter_mut into_iter next get get_mut first last pop peek values items
    to_owned await deref at find filter slice shift item nth take cloned copied stream orElse
    orElseThrow orElseGet findFirst ok and_then map_err context ok_or ok_or_else insert entry
    value get_or_insert_with __iter__ __enter__ current
    """.split()  # noqa: SIM905 - a list would be thirty lines
)
"""Container methods whose result is still a value of the element type."""

_PASSES_ON = re.compile(
    r"(?:await )?(?:sorted|reversed|list|tuple|set|frozenset|iter|next|max|min"
    r"|(?:copy\.)?(?:deep)?copy|asyncio\.(?:wait_for|create_task|shield)"
    r"|Object\.(?:values|freeze)|Array\.from|Promise\.resolve)(?=\()"
)
"""Functions whose result is, or has the elements of, their first argument."""
_ALL = re.compile(r"(?:await )?(?:asyncio\.gather|Promise\.all)(?=\()")
_REQUIRE = re.compile(r"(?:await )?(?:require|import)\([ \n]?['\"]([^'\"\n]{1,200})['\"][ \n]?\)")
_COUNTED = re.compile(r"enumerate(?=\()")
_PARALLEL = re.compile(r"zip(?=\()")
_OF_ELEMENTS = frozenset(
    """
    forEach map filter find findIndex findLast some every flatMap sort then
    anyMatch allMatch noneMatch mapToInt ifPresent toMap
    iter for_each any all position filter_map flat_map inspect
    Select Where First FirstOrDefault Any All OrderBy OrderByDescending Single SingleOrDefault
    each collect select reject detect each_with_index sort_by group_by
    """.split()  # noqa: SIM905 - a list would be twenty lines
)
"""Methods that call a function with each element."""


def of_element(value: str, index: int, count: int) -> tuple[str, int]:
    """The expression of what a loop over `value` binds to the name at `index` of `count`, and the
    index of that name among its parts."""
    if count > 1 and (given := _arguments(_COUNTED, value)):
        return (f"({given[0]}).__iter__()", 0) if index == 1 else ("", 0)
    if count > 1 and (given := _arguments(_PARALLEL, value)):
        return (f"({given[index]}).__iter__()", 0) if index < len(given) else ("", 0)
    return f"({value}).__iter__()", index


def of_callback(value: str, method: str) -> str:
    """The expression of a callback's first parameter in `value.method(callback)`; "" if unknown."""
    return value if method in _OF_ELEMENTS else ""


def passed_on(text: str) -> str:
    """The expression with the argument of a function that passes it on in the place of the call."""
    match = _PASSES_ON.match(text)
    given = _arguments(_PASSES_ON, text)
    if match is None or not given:
        return text
    return f"({given[0]}).__iter__()" + text[end_of_bracket(text, match.end()) :]


def listed(text: str) -> str:
    """The values of a text that lists several, in brackets."""
    given = _arguments(_ALL, text)
    if len(given) == 1 and given[0].startswith("["):
        return f"({given[0][1:-1]})"
    return f"({', '.join(given) or text})"


def required_module(text: str) -> tuple[str, str]:
    """The module that an expression loads, and the text after the call; "" if none."""
    match = _REQUIRE.match(text)
    return (match[1], text[match.end() :]) if match is not None else ("", "")


def _arguments(called: re.Pattern[str], text: str) -> list[str]:
    match = called.match(text)
    if match is None:
        return []
    return split_parameters(text[match.end() : end_of_bracket(text, match.end())])
