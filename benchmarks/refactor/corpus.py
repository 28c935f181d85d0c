"""Functions of real files that stand on a machine where people program, in six languages.

Files are found below the roots where package managers put sources: Python's own library and
site-packages, npm, Go's and Rust's trees, a JDK's `src.zip`, C in wheels and Debian's examples, the
headers of C++. Of the languages that are there, the first six are taken, in the order of `ROOTS`.
Chosen by a seed from sorted lists, so that one machine always gives the same.
"""

from __future__ import annotations

import random
import sysconfig
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from devstral_lsp.syntax.outline import Definition, outline
from devstral_lsp.syntax.tree import Syntax
from devstral_lsp.text import Snapshot, Span, Text

LANGUAGES, PER_LANGUAGE = 6, 10
LINES = (6, 60)
"""Of a function that is worth refactoring and fits a prompt."""
FILE_CHARS = (1_500, 60_000)
MAX_LINE_LENGTH = 200
MAX_FILES = 4_000
"""Looked at below one root."""

_PATHS = sysconfig.get_paths()

ROOTS: dict[str, tuple[tuple[str, str], ...]] = {
    "python": ((_PATHS["purelib"], "*.py"), (_PATHS["stdlib"], "*.py")),
    "javascript": (("/usr/lib/node_modules", "*.js"), ("/usr/share/nodejs", "*.js")),
    "go": (("/usr/local/go/src", "*.go"), ("/usr/lib/go", "*.go"), ("/usr/share/go", "*.go")),
    "java": (("/usr/lib/jvm", "src.zip"),),
    "c": ((_PATHS["purelib"], "*.c"), ("/usr/share/doc", "*.c"), ("/usr/src", "*.c")),
    "cpp": (("/usr/include/c++", "*"), ("/usr/include", "*.hpp")),
    "rust": ((str(Path.home() / ".rustup/toolchains"), "*.rs"), ("/usr/lib/rustlib", "*.rs")),
    "typescript": (("/usr/lib/node_modules", "*.ts"), ("/usr/share/nodejs", "*.ts")),
    "php": (("/usr/share/php", "*.php"), ("/usr/lib", "*.php")),
}
_SKIPPED = (
    "-packages",
    "test",
    "__pycache__",
    "vendor",
    "testdata",
    ".d.ts",
    ".min.js",
    "_pb2",
    "lib2to3",
)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A function of a file, as a span of whole lines with the last line end."""

    path: str
    snapshot: Snapshot
    span: Span
    name: str
    index: int

    @property
    def language(self) -> str:
        return self.snapshot.language

    @property
    def code(self) -> str:
        return self.snapshot.text.slice(self.span.start, self.span.end)

    @property
    def around(self) -> tuple[str, str]:
        text = str(self.snapshot.text)
        return text[: self.span.start], text[self.span.end :]


def snippets(seed: int) -> list[Snippet]:
    """Snippets of as many languages as there are, up to six, the same number of each."""
    chosen: list[Snippet] = []
    for language in ROOTS:
        found = list(islice(_of_language(language, seed), PER_LANGUAGE))
        if len(found) == PER_LANGUAGE:
            chosen += found
        if len(chosen) == LANGUAGES * PER_LANGUAGE:
            break
    return chosen


def _of_language(language: str, seed: int) -> Iterator[Snippet]:
    """One snippet of each file, in an order given by the seed."""
    chance = random.Random(f"{seed} {language}")
    files = [file for root, pattern in ROOTS[language] for file in _files(Path(root), pattern)]
    chance.shuffle(files)
    for path in files:
        text = _read(path)
        if not text or (syntax := Syntax.of(text, language)) is None or syntax.missing_nodes():
            continue
        spans = [*_functions(text, language)]
        if spans:
            span, name = chance.choice(spans)
            snapshot = Snapshot(f"file://{path}", 1, language, Text.of(text))
            yield Snippet(path, snapshot, span, name, chance.randrange(1 << 30))


def _files(root: Path, pattern: str) -> list[str]:
    if not root.is_dir():
        return []
    if pattern == "src.zip":
        return [f"{zip_}!{name}" for zip_ in _zips(root) for name in _java_names(zip_)]
    found = sorted(str(path) for path in islice(root.rglob(pattern), 20 * MAX_FILES))
    fit = [path for path in found if not any(each in path[len(str(root)) :] for each in _SKIPPED)]
    return fit[: 2 * MAX_FILES]


def _zips(root: Path) -> list[Path]:
    found = [path for path in sorted(root.rglob("src.zip")) if path.is_file()]
    return found[:1]


def _java_names(path: Path) -> list[str]:
    names = sorted(_archive(path).namelist())
    wanted = ("java.base/java/util/", "java.base/java/io/", "java.base/java/net/")
    return [name for name in names if name.endswith(".java") and name.startswith(wanted)]


@cache
def _archive(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


def _read(path: str) -> str:
    """The file's text, "" where it is not fit: size, encoding, generated."""
    zip_, _, name = path.partition("!")
    try:
        raw = _archive(Path(zip_)).read(name) if name else Path(path).read_bytes()
        text = raw.decode()
    except (OSError, UnicodeDecodeError):
        return ""
    low, high = FILE_CHARS
    if not low <= len(text) <= high or "\r" in text or "\0" in text or not text.endswith("\n"):
        return ""
    return text if max(map(len, text.split("\n"))) <= MAX_LINE_LENGTH else ""


def _functions(text: str, language: str) -> Iterator[tuple[Span, str]]:
    for each in _flat(outline(text, language)):
        start = text.rfind("\n", 0, each.span.start) + 1
        end = text.find("\n", each.span.end) + 1
        alone = not text[start : each.span.start].strip() and not text[each.span.end : end].strip()
        low, high = LINES
        if alone and end and low <= text.count("\n", start, end) <= high:
            yield Span(start, end), each.name


def _flat(definitions: tuple[Definition, ...]) -> Iterator[Definition]:
    """The functions: of the file, and of its classes."""
    for each in definitions:
        if each.members:
            yield from _flat(each.members)
        elif not each.is_value and "(" in each.signature:
            yield each
