"""The files that holes are cut out of: real code in any language, never the project's own.

The standard corpus is Python: packages that the project depends on and modules of the standard
library, which are there wherever the project is. Every model has read them, so for a judgement of
the model itself `--corpus` should name code younger than the model. Knows no holes.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.replay.corpus import MODULES, PACKAGES
from devstral_lsp.languages import language_id_of_path

FILE_CHARS = (1_500, 60_000)
"""Smaller files are declarations, larger ones often tables."""

MAX_LINE_LENGTH = 300
"""Code points. A file with a longer line is generated or minified."""

NOT_CODE = frozenset({"plaintext", "markdown", "json", "yaml", "toml", "html"})
"""Languages that are left out unless they are asked for by name."""

_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "vendor", "_vendor", "testdata"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the corpus. `language` is the LSP language id, `folder` its workspace."""

    path: Path
    folder: Path
    language: str
    text: str

    @property
    def name(self) -> str:
        """The file's path below its workspace."""
        return self.path.relative_to(self.folder).as_posix()


def source_files(
    roots: Sequence[Path], context_folder: Path | None, languages: Collection[str]
) -> list[SourceFile]:
    """The fit files below `roots` (empty: the standard corpus), in a stable order.

    The workspace of a file is `context_folder` where that holds it, else its root. `languages` are
    the wanted language ids; empty takes all that are code.
    """
    if not roots:
        roots, languages = standard_roots(), languages or {"python"}
    found = []
    for root in roots:
        for path in _paths(root):
            language = language_id_of_path(path.name)
            if language not in languages if languages else language in NOT_CODE:
                continue
            if text := _text(path):
                folder = _workspace(path, root, context_folder)
                found.append(SourceFile(path, folder, language, text))
    return found


def standard_roots() -> list[Path]:
    paths = sysconfig.get_paths()
    packages = [Path(paths["purelib"], name) for name in PACKAGES]
    return packages + [Path(paths["stdlib"], name + ".py") for name in MODULES]


def siblings(file: SourceFile, files: Sequence[SourceFile], count: int) -> list[SourceFile]:
    """Up to `count` files that somebody who works on `file` may well have open: those beside it."""
    beside = [
        other
        for other in files
        if other.path.parent == file.path.parent
        and other.language == file.language
        and other.path != file.path
    ]
    return beside[:count]


def _paths(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for path in sorted(root.rglob("*")):
        folders = path.relative_to(root).parts[:-1]
        hidden = any(part.startswith(".") for part in folders)
        if not hidden and _SKIPPED_FOLDERS.isdisjoint(folders) and path.is_file():
            yield path


def _text(path: Path) -> str:
    """The file's text, empty where it is unfit: size, encoding, line ends, generated."""
    if path.name.endswith((".min.js", ".min.css", ".d.ts")):
        return ""
    low, high = FILE_CHARS
    try:
        if not low <= path.stat().st_size <= 4 * high:
            return ""
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return ""
    fit = low <= len(text) <= high and "\r" not in text and "\0" not in text
    return text if fit and max(map(len, text.split("\n"))) <= MAX_LINE_LENGTH else ""


def _workspace(path: Path, root: Path, context_folder: Path | None) -> Path:
    if context_folder is not None and path.is_relative_to(context_folder):
        return context_folder
    return root if root.is_dir() else root.parent
