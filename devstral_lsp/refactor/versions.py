"""Detects which versions of a language a project says that it targets.

Regular expressions search each file for the line that says it, so a half-edited file, or one for
which there is no parser, will do. JSON is parsed, since it may be a single line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from devstral_lsp.bounded_read import entries_of, read_text
from devstral_lsp.refactor.types import LanguageVersion
from devstral_lsp.syntax.grammars import grammar_name

LARGEST_FILE = 512 * 1024
"""Bytes. A larger file is not maintained by hand."""
MOST_MATCHES = 4
"""Files of one pattern (`*.csproj`) that are read in a folder."""

_A_VERSION = re.compile(r"[\w.<>=!~^*|,+ -]{1,40}")
"""What may go into a prompt as a version: other text may hold instructions to the model."""


@dataclass(frozen=True, slots=True)
class _VersionLine:
    """`find` gets the text of a file of this name, and returns a version of `language` or ""."""

    language: str
    file: str
    find: Callable[[str], str]


def _line(language: str, file: str, pattern: str) -> _VersionLine:
    compiled = re.compile(pattern, re.MULTILINE)

    def find(text: str) -> str:
        match = compiled.search(text)
        return match[1] if match is not None else ""

    return _VersionLine(language, file, find)


def _entry(language: str, file: str, *places: tuple[str, str]) -> _VersionLine:
    """In a JSON file: the first of these (object, member) pairs that is a string."""

    def find(text: str) -> str:
        whole = _json(text)
        groups = ((whole.get(group), name) for group, name in places)
        found = (group.get(name) for group, name in groups if isinstance(group, dict))
        return next((each for each in found if isinstance(each, str)), "")

    return _VersionLine(language, file, find)


@lru_cache(maxsize=1)  # two lines may ask the same file, one after the other
def _json(text: str) -> dict[str, Any]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return whole if isinstance(whole, dict) else {}


_QUOTED = r"\s*[=:]\s*[\"']([^\"'\n]+)[\"']"
_SCRIPT = (
    _entry("Node.js", "package.json", ("engines", "node")),
    _line("Node.js", ".nvmrc", r"\A\s*(\S+)"),
    _line("Node.js", ".node-version", r"\A\s*(\S+)"),
)
_TYPESCRIPT = (
    _entry(
        "TypeScript",
        "package.json",
        *(
            (group, "typescript")
            for group in ("devDependencies", "dependencies", "peerDependencies")
        ),
    ),
    _line("ECMAScript target", "tsconfig.json", r'^[^/\n]*"target"\s*:\s*"([^"\n]+)"'),
)
_CMAKE = "CMakeLists.txt"
_COMPATIBILITY = r"(?:source|target)Compatibility[ \t]*(?:=[ \t]*)?"
_JAVA = (
    _line("Java", "pom.xml", r"<(?:maven\.compiler\.)?release>\s*([\w.]+)\s*<"),
    _line("Java", "pom.xml", r"<(?:java\.version|maven\.compiler\.source|source)>\s*([\w.]+)\s*<"),
    *(
        line
        for file in ("build.gradle", "build.gradle.kts")
        for line in (
            _line("Java", file, r"JavaLanguageVersion\.of\(\s*[\"']?(\d+)"),
            _line("Java", file, rf"{_COMPATIBILITY}(?:JavaVersion\.)?VERSION_([\d_]+)"),
            _line("Java", file, rf"{_COMPATIBILITY}[\"']?([\d.]+)"),
        )
    ),
)
_C = _line("C", _CMAKE, r"\bCMAKE_C_STANDARD\s+(\d+)")

_LINES: dict[str, tuple[_VersionLine, ...]] = {
    "python": (
        _line("Python", "pyproject.toml", rf"^requires-python{_QUOTED}"),
        _line("Python", "pyproject.toml", rf"^python{_QUOTED}"),  # of Poetry
        _line("Python", "setup.cfg", r"^python_requires\s*=\s*(\S[^\n#]*)"),
        _line("Python", "setup.py", rf"\bpython_requires{_QUOTED}"),
        _line("Python", ".python-version", r"\A\s*([\d.]+)"),
    ),
    "javascript": _SCRIPT,
    "typescript": (*_TYPESCRIPT, *_SCRIPT),
    "tsx": (*_TYPESCRIPT, *_SCRIPT),
    "go": (_line("Go", "go.mod", r"^go\s+([\d.]+)"),),
    "rust": (
        # Also of a whole workspace, further up, from which a package may take it.
        _line("Rust edition", "Cargo.toml", rf"^edition{_QUOTED}"),
        _line("Rust", "Cargo.toml", rf"^rust-version{_QUOTED}"),
        _line("Rust", "rust-toolchain.toml", rf"^channel{_QUOTED}"),
    ),
    "java": _JAVA,
    "ruby": (
        _line("Ruby", ".ruby-version", r"\A\s*(?:ruby-)?([\d.]+)"),
        _line("Ruby", "Gemfile", r"^ruby\s+[\"']([^\"'\n]+)"),
    ),
    "php": (_entry("PHP", "composer.json", ("require", "php")),),
    "csharp": tuple(
        line
        for file in ("*.csproj", "Directory.Build.props")
        for line in (
            _line(".NET", file, r"<TargetFrameworks?>\s*([\w.;-]+?)\s*<"),
            _line("C#", file, r"<LangVersion>\s*([\w.]+)\s*<"),
        )
    ),
    "c": (_C,),
    "cpp": (
        _line("C++", _CMAKE, r"\bCMAKE_CXX_STANDARD\s+(\d+)"),
        _line("C++", _CMAKE, r"\bcxx_std_(\d+)"),
    ),
}
"""By grammar. Where several give one language, the first that is found in a folder counts."""


def detect_versions(file: Path, root: Path, language_id: str) -> tuple[LanguageVersion, ...]:
    """The versions stated in the folders from that of `file` up to `root`; the nearest counts.

    Blocks. `source` of each is the name of the file that states it.
    """
    lines = _LINES.get(grammar_name(language_id) or "", ())
    found: dict[str, LanguageVersion] = {}
    for folder in ancestors_within(file, root):
        for version in _said_in(folder, lines, root):
            found.setdefault(version.language, version)
    return tuple(found.values())


def ancestors_within(file: Path, root: Path) -> Iterator[Path]:
    """The folders that hold `file`, its own first and `root` last; none outside `root`."""
    if file.is_relative_to(root):
        yield from (parent for parent in file.parents if parent.is_relative_to(root))


def _said_in(folder: Path, lines: Sequence[_VersionLine], root: Path) -> Iterator[LanguageVersion]:
    texts: dict[Path, str] = {}
    for line in lines:
        for path in _files(folder, line.file, root):
            if path not in texts:
                texts[path] = read_project_file(path, root)
            version = line.find(texts[path]).strip().replace("_", ".")
            if _A_VERSION.fullmatch(version):
                yield LanguageVersion(line.language, version, path.name)


def _files(folder: Path, name: str, root: Path) -> list[Path]:
    if "*" not in name:
        return [folder / name]
    try:
        entries = entries_of(folder, within=[root])
    except OSError:
        return []
    suffix = name.removeprefix("*")
    return [folder / each.name for each in entries if each.name.endswith(suffix)][:MOST_MATCHES]


def read_project_file(
    path: Path, root: Path, max_bytes: int = LARGEST_FILE, *, encoding: str = "utf-8"
) -> str:
    """The text of a file below `root`; "" for a link, a larger file and one that cannot be read."""
    if path.is_symlink():
        return ""
    try:
        return read_text(path, max_bytes=max_bytes, within=[root], encoding=encoding)
    except OSError:
        return ""
