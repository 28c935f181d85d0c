"""What a model might have been asked to do, done by script: real changes that still parse.

Every change is of lines, keeps what the function is called, and is checked to parse before it
counts; nothing here knows how replies are read.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

from benchmarks.refactor.corpus import Snippet
from devstral_lsp.languages import get_language
from devstral_lsp.languages.indentation import indent_of
from devstral_lsp.syntax.tree import Syntax

Change = Callable[[list[str], Snippet, random.Random], list[str] | None]

_ASSIGNED = re.compile(r"^\s+(?:(?:const|let|var|int|long|String|auto|size_t)\s+)?(\w+)\s*:?=[^=]")


def changed(snippet: Snippet, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Names of changes, and the snippet's code after them, with "\\n" at its end."""
    for change in CHANGES:
        for _ in range(8):
            lines = change(snippet.code.removesuffix("\n").split("\n"), snippet, chance)
            code = "\n".join(lines) + "\n" if lines else ""
            if lines and code != snippet.code and _parses(code, snippet):
                yield change.__name__, code
                break


def _parses(code: str, snippet: Snippet) -> bool:
    before, after = snippet.around
    syntax = Syntax.of(before + code + after, snippet.language)
    if syntax is None or syntax.missing_nodes():
        return False
    if snippet.language == "python":
        try:
            compile(before + code + after, "snippet", "exec", dont_inherit=True)
        except SyntaxError:
            return False
    return True


def rename_a_local(lines: list[str], snippet: Snippet, chance: random.Random) -> list[str] | None:
    """A variable gets a longer name everywhere."""
    names = [match[1] for line in lines[1:] if (match := _ASSIGNED.match(line))]
    names = [name for name in names if name != snippet.name and len(name) > 1]
    if not names:
        return None
    pattern = re.compile(rf"(?<![\w.>:]){re.escape(chance.choice(names))}\b")
    return [lines[0], *(pattern.sub(lambda match: f"new_{match[0]}", line) for line in lines[1:])]


def add_a_comment(lines: list[str], snippet: Snippet, chance: random.Random) -> list[str] | None:
    """A comment above a line."""
    at = chance.randrange(1, len(lines))
    indent = indent_of(lines[at])
    if lines[at - 1].endswith("\\") or not lines[at].strip():
        return None
    return [*lines[:at], f"{indent}{_marker(snippet)} The next line does the work.", *lines[at:]]


def swap_two_lines(lines: list[str], snippet: Snippet, chance: random.Random) -> list[str] | None:
    """Two simple statements change places."""
    simple = re.compile(
        r"^\s+\w+(?:[.\w]*)\s*(?:=|\+=|\()[^{}]*" + (";$" if _braces(snippet) else "$")
    )
    at = [
        at
        for at in range(1, len(lines) - 1)
        if simple.match(lines[at])
        and simple.match(lines[at + 1])
        and indent_of(lines[at]) == indent_of(lines[at + 1])
    ]
    if not at:
        return None
    one = chance.choice(at)
    return [*lines[:one], lines[one + 1], lines[one], *lines[one + 2 :]]


def wrap_a_statement(lines: list[str], snippet: Snippet, chance: random.Random) -> list[str] | None:
    """A statement goes into a condition."""
    ends = ";" if _braces(snippet) and snippet.language != "go" else ""
    at = [
        at
        for at in range(1, len(lines))
        if re.match(rf"^\s+[\w.]+(?: = |\(|\.).*[)\w]{ends}$", lines[at])
        and lines[at - 1].rstrip().endswith((";", "{", ":", "}", ")"))
        and not re.match(r"\s+(?:def|class|case|default|func|if|for|while|else)\b", lines[at])
    ]
    if not at:
        return None
    one = chance.choice(at)
    indent = indent_of(lines[one])
    step = "\t" if "\t" in indent else "    "
    opener, closer = _condition(snippet)
    closing = [indent + closer] if closer else []
    return [*lines[:one], indent + opener, step + lines[one], *closing, *lines[one + 1 :]]


def log_at_the_end(lines: list[str], snippet: Snippet, chance: random.Random) -> list[str] | None:
    """A statement before a return."""
    at = [at for at, line in enumerate(lines) if at and re.match(r"\s+return\b", line)]
    at = [one for one in at if lines[one - 1].rstrip().endswith((";", "{", ":", "}", ")"))]
    if not at:
        return None
    one = chance.choice(at)
    return [*lines[:one], indent_of(lines[one]) + _call(snippet), *lines[one:]]


def merge_lines(lines: list[str], snippet: Snippet, chance: random.Random) -> list[str] | None:
    """Blank lines and whole-line comments go: the code gets shorter."""
    marker = _marker(snippet)
    kept = [
        line
        for at, line in enumerate(lines)
        if not at or (line.strip() and not line.strip().startswith(marker))
    ]
    return kept if len(kept) < len(lines) else None


CHANGES: tuple[Change, ...] = (
    rename_a_local,
    add_a_comment,
    swap_two_lines,
    wrap_a_statement,
    log_at_the_end,
    merge_lines,
)


def _marker(snippet: Snippet) -> str:
    return get_language(snippet.language).line_comment


def _braces(snippet: Snippet) -> bool:
    return get_language(snippet.language).braces and snippet.language != "go"


def _condition(snippet: Snippet) -> tuple[str, str]:
    return {
        "python": ("if enabled:", ""),
        "go": ("if enabled {", "}"),
        "rust": ("if enabled {", "}"),
    }.get(snippet.language, ("if (enabled) {", "}"))


def _call(snippet: Snippet) -> str:
    return "note(1)" if snippet.language in ("python", "go") else "note(1);"
