"""What is typed: spans of real files, picked by a seed.

The standard corpus is Python: packages that the project depends on (so they are there wherever
the project is) and modules of the standard library; never the project itself. `--corpus DIR` takes
any other directory, in any language. Nothing here knows of servers or models.
"""

from __future__ import annotations

import ast
import random
import sysconfig
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("anyio", "cachetools", "h11", "httpcore", "httpx", "pathspec", "pygls", "websockets")
"""Installed with the project. Left out: vendored and generated code."""

MODULES = (
    "argparse", "bdb", "calendar", "cmd", "configparser", "csv", "fractions", "ftplib", "heapq",
    "pprint", "queue", "sched", "shlex", "shutil", "smtplib", "socketserver", "tempfile",
    "textwrap", "timeit", "trace", "zipapp",
)  # fmt: skip
"""Of the standard library: ordinary application code, no tables."""

FILE_CHARS = (6_000, 18_000)
"""Ordinary files. The mean, about 9,500, sets what a server pays that sends the whole file."""

SPAN_KEYS = (80, 140)
"""A few lines: what one types between two looks at the whole."""

SPAN_LINES = 8

LEAD_CHARS = 1_000
"""Code before the span: nobody measures completion in an empty file."""

SIBLINGS = 24
"""Files of the same directory that lie in the workspace beside the typed one."""

LANGUAGES = {
    ".c": "c", ".cc": "cpp", ".cpp": "cpp", ".cs": "csharp", ".css": "css", ".go": "go",
    ".h": "c", ".html": "html", ".java": "java", ".js": "javascript", ".json": "json",
    ".lua": "lua", ".md": "markdown", ".php": "php", ".py": "python", ".rb": "ruby",
    ".rs": "rust", ".sh": "shellscript", ".ts": "typescript", ".tsx": "typescriptreact",
    ".yaml": "yaml", ".yml": "yaml",
}  # fmt: skip
"""LSP's language ids by the end of a file's name."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A span of a file, to be typed. `start` and `end` are code points in `text`."""

    number: int
    path: Path
    text: str
    start: int
    end: int

    @property
    def language_id(self) -> str:
        return LANGUAGES[self.path.suffix]

    @property
    def span(self) -> str:
        return self.text[self.start : self.end]

    @property
    def cut(self) -> str:
        """The document before anything is typed."""
        return self.text[: self.start] + self.text[self.end :]

    @property
    def siblings(self) -> list[Path]:
        """Other files of the same directory and language, in a stable order."""
        beside = sorted(self.path.parent.glob("*" + self.path.suffix))
        return [path for path in beside if path != self.path][:SIBLINGS]


def key_at(text: str, offset: int) -> str:
    """What one key press types at `offset` of the true text.

    Enter brings the next line's indentation with it (the editor indents), and blanks at a line's
    start are one Tab; every other key is one character.
    """
    end = offset + 1
    if text[offset] == "\n" or (text[offset] in " \t" and text[offset - 1] == "\n"):
        while end < len(text) and text[end] in " \t":
            end += 1
    return text[offset:end]


def count_keys(text: str, start: int, end: int) -> int:
    """The key presses that typing `text[start:end]` takes."""
    keys, offset = 0, start
    while offset < end:
        offset += len(key_at(text, offset))
        keys += 1
    return keys


def pick(seed: int, traces: int, corpus: Path | None = None) -> list[Trace]:
    """`traces` spans, each of another file, the same for the same seed and files."""
    files = sorted(_files(corpus) if corpus else _standard_files())
    random.Random(f"{seed}:files").shuffle(files)
    picked: list[Trace] = []
    for path in files:
        if len(picked) == traces:
            break
        text = _read(path)
        span = _span(random.Random(f"{seed}:{path.name}:span"), text, path.suffix)
        if span:
            picked.append(Trace(len(picked), path, text, *span))
    return picked


def _standard_files() -> list[Path]:
    paths = sysconfig.get_paths()
    found = [path for name in PACKAGES for path in Path(paths["purelib"], name).rglob("*.py")]
    return found + [Path(paths["stdlib"], name + ".py") for name in MODULES]


def _files(corpus: Path) -> list[Path]:
    return [path for path in corpus.rglob("*") if path.suffix in LANGUAGES and path.is_file()]


def _read(path: Path) -> str:
    """The file's text, empty when it is unfit: wrong size, not UTF-8, other line ends."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    fit = FILE_CHARS[0] <= len(text) <= FILE_CHARS[1] and "\r" not in text
    return text if fit else ""


def _span(rng: random.Random, text: str, suffix: str) -> tuple[int, int] | None:
    """From a line's first letter to some later line's end, of SPAN_KEYS keys."""
    lines = text.split("\n")
    starts = _statement_lines(text) if suffix == ".py" else range(len(lines))
    offsets = [0]
    for line in lines:
        offsets.append(offsets[-1] + len(line) + 1)
    spans = []
    for first in starts:
        lead = len(lines[first]) - len(lines[first].lstrip())
        start = offsets[first] + lead
        if start < LEAD_CHARS or not lines[first].strip():
            continue
        last = min(first + SPAN_LINES, len(lines))
        ends = [offsets[at] + len(lines[at]) for at in range(first, last)]
        spans += [(start, end) for end in ends if _fits(text, start, end)]
    return rng.choice(spans) if spans else None


def _fits(text: str, start: int, end: int) -> bool:
    """Whether a span has the right length, no trailing blanks and no blank last line."""
    low, high = SPAN_KEYS
    span = text[start:end]
    return span.rstrip() == span and low <= count_keys(text, start, end) <= high


def _statement_lines(text: str) -> list[int]:
    """Lines (from 0) where a Python statement starts that is not a docstring."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt) and not _is_docstring(node):
            found.add(node.lineno - 1)
    return sorted(found)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
