"""Real code in twelve languages: pinned packages of the public registries, fetched once.

Each language has packages to `tune` on and `fresh` ones, for figures on places that nothing was
tuned on. Registries are asked by their ordinary clients; what came is kept in `~/.cache`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import MappingProxyType

CACHE = Path.home() / ".cache" / "devstral-lsp-statements"

FILE_CHARACTERS = (400, 60_000)
"""Code points. Smaller files hold few statements, larger ones are often generated."""

MAX_LINE_LENGTH = 200
"""Code points. A file with a longer line is likely generated."""

_FETCH_TIMEOUT_S = 300


class Registry(Enum):
    PYPI = "pypi"
    NPM = "npm"
    CRATES = "crates"
    GO = "go"
    MAVEN = "maven"
    DEBIAN = "debian"


class Share(Enum):
    """What a package's statements are for."""

    TUNE = "tune"
    FRESH = "fresh"


@dataclass(frozen=True, slots=True)
class Package:
    """One version of one package, of which the files with `suffixes` below `folder` are read."""

    registry: Registry
    name: str
    version: str
    share: Share
    folder: str = ""

    @property
    def path(self) -> Path:
        """Where it is kept."""
        name = self.name.replace("/", "+").replace(":", "+")
        return CACHE / f"{self.registry.value}-{name}-{self.version}"


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a package; `language` is an LSP language id."""

    path: Path
    language: str
    text: str


_TUNE, _FRESH = Share.TUNE, Share.FRESH
_PYPI, _NPM, _CRATES = Registry.PYPI, Registry.NPM, Registry.CRATES
_GO, _MAVEN, _DEBIAN = Registry.GO, Registry.MAVEN, Registry.DEBIAN

PACKAGES = MappingProxyType(
    {
        "python": (
            Package(_PYPI, "click", "8.1.7", _TUNE),
            Package(_PYPI, "requests", "2.32.3", _TUNE),
            Package(_PYPI, "aiohttp", "3.10.10", _FRESH),
            Package(_PYPI, "attrs", "24.2.0", _FRESH),
        ),
        "javascript": (
            Package(_NPM, "express", "4.21.1", _TUNE, "lib"),
            Package(_NPM, "axios", "1.7.7", _TUNE, "lib"),
            Package(_NPM, "eslint", "8.57.1", _FRESH, "lib"),
            Package(_NPM, "mocha", "10.7.3", _FRESH, "lib"),
        ),
        "typescript": (
            Package(_NPM, "rxjs", "7.8.1", _TUNE, "src"),
            Package(_NPM, "@tanstack/query-core", "5.59.0", _FRESH, "src"),
            Package(_NPM, "effect", "3.9.2", _FRESH, "src"),
        ),
        "typescriptreact": (
            Package(_NPM, "react-native-paper", "5.12.5", _TUNE, "src"),
            Package(_NPM, "@react-navigation/stack", "6.4.1", _FRESH, "src"),
            Package(_NPM, "react-aria-components", "1.4.1", _FRESH, "src"),
        ),
        "go": (
            Package(_GO, "github.com/gin-gonic/gin", "v1.10.0", _TUNE),
            Package(_GO, "github.com/spf13/cobra", "v1.8.1", _FRESH),
            Package(_GO, "github.com/go-chi/chi/v5", "v5.1.0", _FRESH),
        ),
        "rust": (
            Package(_CRATES, "serde_json", "1.0.128", _TUNE, "src"),
            Package(_CRATES, "clap_builder", "4.5.20", _FRESH, "src"),
            Package(_CRATES, "regex-automata", "0.4.8", _FRESH, "src"),
        ),
        "java": (
            Package(_MAVEN, "com.google.code.gson:gson", "2.11.0", _TUNE),
            Package(_MAVEN, "org.jsoup:jsoup", "1.18.1", _FRESH),
            Package(_MAVEN, "org.apache.commons:commons-lang3", "3.17.0", _FRESH),
        ),
        "c": (
            Package(_CRATES, "zstd-sys", "2.0.13+zstd.1.5.6", _TUNE, "zstd/lib"),
            Package(_CRATES, "lzma-sys", "0.1.20", _TUNE),
            Package(_CRATES, "libgit2-sys", "0.17.0+1.8.1", _FRESH, "libgit2/src"),
            Package(_CRATES, "lua-src", "547.0.0", _FRESH, "lua-5.4.7"),
        ),
        "cpp": (
            Package(_NPM, "leveldown", "6.1.1", _TUNE, "deps/leveldb"),
            Package(_NPM, "re2", "1.21.4", _FRESH, "vendor"),
        ),
        "ruby": (
            Package(_DEBIAN, "ruby-rack", "2.2.22-0+deb12u2", _TUNE),
            Package(_DEBIAN, "ruby-thor", "1.2.1-2", _TUNE),
            Package(_DEBIAN, "ruby-sinatra", "3.0.5-3+deb12u1", _FRESH),
            Package(_DEBIAN, "ruby-activesupport", "2:6.1.7.10+dfsg-1~deb12u4", _FRESH),
        ),
        "php": (
            Package(_DEBIAN, "php-twig", "3.5.1-1+deb12u3", _TUNE),
            Package(_DEBIAN, "php-guzzlehttp-psr7", "2.4.5-1+deb12u1", _TUNE),
            Package(_DEBIAN, "php-symfony-console", "5.4.53+dfsg-0+deb12u1", _FRESH),
            Package(_DEBIAN, "php-monolog", "2.9.1-1", _FRESH),
        ),
        "shellscript": (
            Package(_DEBIAN, "bash-completion", "1:2.11-6", _TUNE),
            Package(_DEBIAN, "debootstrap", "1.0.128+nmu2+deb12u2", _FRESH),
            Package(_NPM, "bats", "1.11.0", _FRESH),
        ),
    }
)
"""By LSP language id."""

_SUFFIXES = {
    "python": (".py",), "javascript": (".js",), "typescript": (".ts",),
    "typescriptreact": (".tsx",), "go": (".go",), "rust": (".rs",), "java": (".java",),
    "c": (".c",), "cpp": (".cc", ".cpp"), "ruby": (".rb",), "php": (".php",),
    "shellscript": (".sh", ".bash", ""),
}  # fmt: skip


_SHELL = re.compile(r"#!\S*sh\b|#!/usr/bin/env \w*sh\b|#[^\n]*-\*- shell-script -\*-")
"""How a script without a suffix begins."""


def sources(language: str, share: Share) -> Iterator[Source]:
    """The fit files of a language's packages, in a stable order; fetches what is not there yet.

    Raises CalledProcessError where a registry does not answer.
    """
    for package in PACKAGES[language]:
        if package.share is share:
            root = _fetched(package) / package.folder
            for path in sorted(root.rglob("*")):
                if (text := _text(path, language)) is not None:
                    yield Source(path, language, text)


def _text(path: Path, language: str) -> str | None:
    if path.suffix not in _SUFFIXES[language] or not path.is_file() or path.is_symlink():
        return None
    low, high = FILE_CHARACTERS
    if not low <= path.stat().st_size <= 4 * high:
        return None
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        return None
    if not path.suffix and not _SHELL.match(text):
        return None
    fit = low <= len(text) <= high and "\r" not in text and "\0" not in text
    return text if fit and max(map(len, text.split("\n"))) <= MAX_LINE_LENGTH else None


def _fetched(package: Package) -> Path:
    if not package.path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            unpacked = _FETCHERS[package.registry](package, Path(scratch))
            shutil.move(unpacked, package.path)
    return package.path


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_FETCH_TIMEOUT_S)


def _from_pypi(package: Package, scratch: Path) -> Path:
    pinned = f"{package.name}=={package.version}"
    _run(scratch, "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", pinned)
    return _unpacked(scratch)


def _from_npm(package: Package, scratch: Path) -> Path:
    _run(scratch, "npm", "pack", "--silent", f"{package.name}@{package.version}")
    return _unpacked(scratch) / "package"


def _from_crates(package: Package, scratch: Path) -> Path:
    manifest = '[package]\nname = "corpus"\nversion = "0.0.0"\n[lib]\npath = "lib.rs"\n' + (
        f'[dependencies]\n{package.name} = "={package.version.split("+")[0]}"\n'
    )
    (scratch / "Cargo.toml").write_text(manifest)
    (scratch / "lib.rs").touch()
    _run(scratch, "cargo", "vendor", "--quiet", "vendored")
    return scratch / "vendored" / package.name


def _from_go(package: Package, scratch: Path) -> Path:
    (scratch / "go.mod").write_text("module corpus\n")
    pinned = f"{package.name}@{package.version}"
    _run(scratch, "env", f"GOMODCACHE={scratch}/cache", "GOFLAGS=-modcacherw", "go", "mod",
         "download", pinned)  # fmt: skip
    return scratch / "cache" / pinned


def _from_maven(package: Package, scratch: Path) -> Path:
    artifact = f"-Dartifact={package.name}:{package.version}:jar:sources"
    _run(scratch, "mvn", "-q", "dependency:copy", artifact, f"-DoutputDirectory={scratch}")
    return _unpacked(scratch)


def _from_debian(package: Package, scratch: Path) -> Path:
    _run(scratch, "apt-get", "download", f"{package.name}={package.version}")
    (archive,) = scratch.iterdir()
    _run(scratch, "dpkg", "-x", archive.name, "unpacked")
    return scratch / "unpacked"


def _unpacked(scratch: Path) -> Path:
    (archive,) = scratch.iterdir()
    target = scratch / "unpacked"
    if archive.suffix in (".whl", ".jar"):
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(target)
    else:
        with tarfile.open(archive) as packed:
            packed.extractall(target, filter="data")
    return target


_FETCHERS: dict[Registry, Callable[[Package, Path], Path]] = {
    Registry.PYPI: _from_pypi,
    Registry.NPM: _from_npm,
    Registry.CRATES: _from_crates,
    Registry.GO: _from_go,
    Registry.MAVEN: _from_maven,
    Registry.DEBIAN: _from_debian,
}
