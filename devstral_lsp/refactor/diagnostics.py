"""Groups diagnostics by kind, and describes them to a model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from devstral_lsp.refactor.selection_context import truncate_title
from devstral_lsp.refactor.types import Diagnostic, DiagnosticSeverity
from devstral_lsp.text import Text

_MAX_MESSAGE_LENGTH = 1_000
"""Code points. C++ compilers write far more."""
_MAX_LINE_LENGTH = 300
_PARTICULARS = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|‘[^‘’]*’|“[^“”]*”|\d+")
_ABOUT_NAMES = re.compile(
    r"\bun-?used\b|never (?:used|read)|not used|redefin|redeclar|duplicate|dead code|deprecat"
    r"|unreachable|naming|should be named|should match|rename|spell|shadow|snake_?case|camel_?case"
    r"|case convention|unresolved|undefined|not defined|cannot find|can't find|unknown",
    re.IGNORECASE,
)


def diagnostic_kind(problem: Diagnostic) -> tuple[str, str]:
    """Identifies the kind of a problem: source and code, or else the shape of its message."""
    return problem.source, problem.code or _PARTICULARS.sub("…", problem.message)


def title_of_kind(problem: Diagnostic) -> str:
    """The kind in a few words, for a title."""
    words = _PARTICULARS.sub("…", problem.message)
    return (
        f"{truncate_title(words, 50)} ({problem.code})" if problem.code else truncate_title(words)
    )


def may_change_names(problems: Sequence[Diagnostic]) -> bool:
    """Whether a fix may remove or rename a definition."""
    return any(_ABOUT_NAMES.search(f"{each.code} {each.message}") for each in problems)


def format_diagnostics(problems: Sequence[Diagnostic], text: Text, start: int) -> str:
    """The problems for an instruction, one per line, with lines counted from offset `start`."""
    first_line = text.line_of(start)
    return "\n".join(_described(each, text, first_line) for each in problems)


def _described(problem: Diagnostic, text: Text, first_line: int) -> str:
    line = text.line_of(problem.span.start)
    code = text.line(line).strip()[:_MAX_LINE_LENGTH]
    where = f"- line {line - first_line + 1} of the code, `{code}`"
    severity = DiagnosticSeverity(problem.severity).name.lower()
    origin = " ".join(filter(None, (problem.source, problem.code)))
    message = " ".join(problem.message[:_MAX_MESSAGE_LENGTH].split())
    return f"{where}: {severity}{f' ({origin})' if origin else ''}: {message}"
