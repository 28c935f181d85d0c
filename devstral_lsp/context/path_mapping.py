"""Map JavaScript modules to paths by a project's own rules.

These are `paths` and `baseUrl` of `tsconfig.json` and `jsconfig.json`, and `imports` of
`package.json`, whose patterns `exports` shares. Blocking: reads the disk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from devstral_lsp.bounded_read import Within, read_text

MAX_BYTES = 256 * 1024
"""Size limit of a configuration file."""
_CONFIGS = ("tsconfig.json", "jsconfig.json")
_DEEPEST = 6
"""Maximum nesting of conditions, and of configurations that extend others."""
_CONDITIONS = ("types", "import", "require", "node", "browser", "default")
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*+"?)|//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?')
_LAST_COMMA = re.compile(r'("(?:\\.|[^"\\])*+"?)|,(?=\s*+[\]}])')

_Rule = tuple[str, tuple[Path, ...]]
"""A pattern of modules, and the paths that it stands for; "*" is the same text in both."""
Rules = tuple[_Rule, ...]


def read_rules(folder: Path, within: Within | Sequence[Path]) -> Rules:
    """The rules of a folder's configuration files."""
    rules = [rule for name in _CONFIGS for rule in _of_config(folder / name, within, _DEEPEST)]
    imports = (read_object(folder / "package.json", within) or {}).get("imports")
    for pattern, entry in imports.items() if isinstance(imports, dict) else ():
        rules.append((pattern, tuple(folder / each for each in targets_of(entry))))
    return tuple(rules)


def apply_rules(rules: Rules, module: str) -> Iterator[Path]:
    """The paths that a module may stand for, those of the most specific pattern first."""
    paths = {pattern: targets for pattern, targets in reversed(rules)}
    for pattern, star in match_patterns(paths, module):
        for path in paths[pattern]:
            yield Path(str(path).replace("*", star))


def match_patterns(patterns: Iterable[str], wanted: str) -> list[tuple[str, str]]:
    """The patterns that match, the most specific first, each with the text of its "*"."""
    found = []
    for pattern in patterns:
        head, star, tail = pattern.partition("*")
        length = len(wanted) - len(head) - len(tail)
        if not star and wanted == pattern:
            found.append((pattern, ""))
        elif star and length >= 0 and wanted.startswith(head) and wanted.endswith(tail):
            found.append((pattern, wanted[len(head) : len(head) + length]))
    return sorted(found, key=lambda each: ("*" in each[0], -each[0].find("*")))


def targets_of(entry: object, depth: int = _DEEPEST) -> Iterator[str]:
    """The files that an entry of `imports` or `exports` names, declarations of types first."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, list) and depth:
        for each in entry:
            yield from targets_of(each, depth - 1)
    elif isinstance(entry, dict) and depth:
        for condition in _CONDITIONS:
            yield from targets_of(entry.get(condition), depth - 1)


def read_object(path: Path, within: Within | Sequence[Path]) -> dict[str, Any] | None:
    """The object in a JSON file, which may have comments; None if there is none."""
    try:
        text = read_text(path, max_bytes=MAX_BYTES, within=within)
        plain = _LAST_COMMA.sub(r"\1", _COMMENT.sub(r"\1", text))
        found = json.loads(plain)
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _of_config(path: Path, within: Within | Sequence[Path], depth: int) -> Iterator[_Rule]:
    """The rules of a configuration and of those that it extends or consists of."""
    config = (read_object(path, within) if depth else None) or {}
    options = config.get("compilerOptions")
    options = options if isinstance(options, dict) else {}
    base_url, paths = options.get("baseUrl"), options.get("paths")
    base = path.parent / base_url if isinstance(base_url, str) else path.parent
    for pattern, targets in paths.items() if isinstance(paths, dict) else ():
        yield pattern, tuple(base / each for each in _texts(targets))
    for name in _texts(config.get("extends")):
        if name.startswith("."):
            further = path.parent / (name if name.endswith(".json") else f"{name}.json")
            yield from _of_config(further, within, depth - 1)
    for each in _list(config.get("references")):
        part = each.get("path") if isinstance(each, dict) else None
        if isinstance(part, str) and part.endswith(".json"):
            yield from _of_config(path.parent / part, within, depth - 1)
    if isinstance(base_url, str):
        yield "*", (base / "*",)


def _texts(value: object) -> list[str]:
    """The texts of a list, or a single one."""
    return [each for each in (_list(value) or [value]) if isinstance(each, str)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
