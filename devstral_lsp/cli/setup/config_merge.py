r"""Merges our lines into a user's file without changing anything else in it.

If the result would be uncertain, the file is not changed, and the user pastes the lines.

>>> merge_marked_block("a\n", "ours\n", "#")
'a\n\n# >>> devstral-lsp\nours\n# <<< devstral-lsp\n'
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from itertools import islice
from typing import Any

from devstral_lsp.errors import DevstralError

_START, _END = ">>> devstral-lsp", "<<< devstral-lsp"
_MAX_BRACES = 20
"""Braces in a file's first comments that are tried, each of which parses the whole file."""


class CannotMerge(DevstralError):
    """The user has to paste the lines. `str(error)` says why."""


def merge_marked_block(text: str, lines: str, comment: str, syntax: str = "") -> str:
    """`text` with `lines` between two comments at its end, or instead of the earlier ones.

    Raises CannotMerge if the comments are not a pair, or the result would not be `syntax`.
    """
    ours = f"{comment} {_START}\n{lines.rstrip()}\n{comment} {_END}\n"
    if "\r\n" in text:
        ours = ours.replace("\n", "\r\n")
    start, end = text.find(f"{comment} {_START}"), text.find(f"{comment} {_END}")
    if (start < 0) != (end < 0) or end < start or text.count(_START) > 1:
        raise CannotMerge("our lines in it have lost their first or last comment")
    if start >= 0:
        after = text.find("\n", end) + 1 or len(text)
        whole = text[:start] + ours + text[after:]
    else:
        newline = "\r\n" if "\r\n" in text else "\n"
        gap = "" if not text else newline if text.endswith("\n") else newline * 2
        whole = text + gap + ours
    if syntax == "toml":
        _check_toml(text, whole)
    return whole


def _check_toml(before: str, after: str) -> None:
    """Raises CannotMerge if a table, or an entry of a list with the same name, occurs twice."""
    import tomllib

    try:
        tomllib.loads(before)
    except tomllib.TOMLDecodeError:
        raise CannotMerge("it is not valid TOML") from None
    except (RecursionError, ValueError):
        raise CannotMerge("it is nested too deeply, or holds a number that is too long") from None
    try:
        tables = tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        raise CannotMerge("it has one of these tables already") from None
    for name, rows in tables.items():
        tabled = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        named = [str(row["name"]) for row in tabled if "name" in row]
        if len(set(named)) < len(named):
            raise CannotMerge(f"it has a [[{name}]] of the same name already")


def merge_json_members(text: str, added: str) -> str:
    """The JSON object `text`, which may have comments, with the members of the object `added`.

    Raises CannotMerge if it is no such object, or has another value for one of them.
    """
    wanted: dict[str, Any] = json.loads(added)
    if not text.strip():
        return added
    there = _object(text)
    missing = {key: value for key, value in wanted.items() if key not in there}
    for key in wanted.keys() & there.keys():
        if not _holds(there[key], wanted[key]):
            raise CannotMerge(f'it has a "{key}" already')
    if not missing:
        return text
    inner = json.dumps(missing, indent=2, ensure_ascii=False).removesuffix("\n}")[1:]
    inner += "," if there else "\n"
    # A brace in a comment may precede that of the object: only the right one gives valid JSON.
    for brace in islice(re.finditer("{", text), _MAX_BRACES):
        whole = text[: brace.end()] + inner + text[brace.end() :]
        with suppress(CannotMerge):
            if _object(whole) == {**there, **missing}:
                return whole
    raise CannotMerge("its structure is not understood")


def _holds(there: Any, wanted: Any) -> bool:
    if isinstance(there, dict) and isinstance(wanted, dict):
        return all(key in there and _holds(there[key], wanted[key]) for key in wanted)
    return bool(there == wanted)


def load_json(text: str) -> Any:
    """JSON, which may have comments and trailing commas. Raises ValueError or RecursionError."""
    try:
        return json.loads(text)
    except ValueError:
        import json5

        return json5.loads(text)


def _object(text: str) -> dict[str, Any]:
    try:
        found = load_json(text)
    except (ValueError, RecursionError):
        raise CannotMerge("it is not JSON") from None
    if not isinstance(found, dict):
        raise CannotMerge("it is no JSON object")
    return found
