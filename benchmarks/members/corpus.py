"""The packages whose places are looked at: pinned, of the registries, in five languages.

`tune` are those that the context was made better on; `fresh` are younger ones that were not looked
at while it was made, but later; nothing was tuned on `untouched`. Fetched by each language's
ordinary client into ~/.cache/devstral-lsp-members, which must be on the path: pip, npm, go, mvn,
cargo. Nothing of a package is run or installed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from devstral_lsp.languages import language_id_of_path

CACHE = Path.home() / ".cache" / "devstral-lsp-members"
MAX_LINE_LENGTH = 400
"""Code points. A file with a longer line is generated or minified."""
FILE_BYTES = (600, 200_000)
_LEFT_OUT = frozenset(
    {"tests", "test", "testdata", "__tests__", "examples", "benches", "dist", "build", "lib",
     "node_modules", "vendor", "_vendor", "docs", "esm", "cjs"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Package:
    """`part` is the folder of the package that is looked at, "" for all of it."""

    language: str
    group: str
    name: str
    version: str
    part: str = ""

    @property
    def folder(self) -> Path:
        """The workspace."""
        plain = self.name.replace("/", "_").replace(":", "_")
        return CACHE / "packages" / self.language / f"{plain}-{self.version}"

    @property
    def own_modules(self) -> frozenset[str]:
        """How imports of the package's own modules begin."""
        if self.language == "go":
            return frozenset({self.name})
        return frozenset(path.name.removesuffix(".py") for path in self.folder.iterdir())


PACKAGES = (
    Package("python", "tune", "httpx", "0.28.1"),
    Package("python", "tune", "werkzeug", "3.1.3"),
    Package("python", "tune", "rich", "14.0.0"),
    Package("python", "fresh", "pydantic-ai-slim", "2.68.0"),
    Package("python", "fresh", "openai-agents", "0.24.0"),
    Package("typescript", "tune", "@tanstack/query-core", "5.108.4", "src"),
    Package("typescript", "tune", "@reduxjs/toolkit", "2.15.0", "src"),
    Package("typescript", "tune", "rxjs", "7.8.2", "src"),
    Package("typescript", "tune", "mobx", "7.1.3", "src"),
    Package("typescript", "fresh", "@tanstack/db", "0.15.2", "src"),
    Package("typescript", "fresh", "@tanstack/ai", "0.58.0", "src"),
    Package("typescript", "fresh", "@ai-sdk/provider-utils", "4.0.66", "src"),
    Package("go", "tune", "github.com/spf13/cobra", "v1.10.2"),
    Package("go", "tune", "github.com/go-git/go-git/v5", "v5.19.3"),
    Package("go", "fresh", "github.com/modelcontextprotocol/go-sdk", "v1.8.0"),
    Package(
        *("go", "fresh", "github.com/charmbracelet/ultraviolet"),
        "v0.0.0-20261008173134-6b8d4baf91b4",
    ),
    Package("java", "tune", "com.google.code.gson:gson", "2.11.0"),
    Package("java", "tune", "org.jsoup:jsoup", "1.18.1"),
    Package("java", "fresh", "dev.langchain4j:langchain4j-core", "1.19.0"),
    Package("rust", "tune", "clap_builder", "4.5.40"),
    Package("rust", "tune", "hyper", "1.6.0"),
    Package("rust", "fresh", "rmcp", "3.11.0"),
    Package("rust", "fresh", "rig-core", "0.44.0"),
    Package("python", "untouched", "litestar", "2.18.0"),
    Package("python", "untouched", "textual", "6.1.0"),
    Package("typescript", "untouched", "@trpc/server", "11.6.0", "src"),
    Package("typescript", "untouched", "effect", "3.18.4", "src"),
    Package("go", "untouched", "github.com/labstack/echo/v4", "v4.13.4"),
    Package("go", "untouched", "github.com/hashicorp/raft", "v1.7.3"),
    Package("java", "untouched", "com.fasterxml.jackson.core:jackson-core", "2.20.0"),
    Package("java", "untouched", "org.apache.commons:commons-compress", "1.28.0"),
    Package("rust", "untouched", "axum", "0.8.6"),
    Package("rust", "untouched", "ratatui-core", "0.1.0"),
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a package."""

    path: Path
    package: Package
    text: str

    @property
    def language(self) -> str:
        """The LSP language id."""
        return language_id_of_path(self.path.name)


def files_of(package: Package) -> list[SourceFile]:
    """The package's own source files, in a stable order; fetched if they are not there."""
    if not package.folder.exists():
        fetch(package)
    root = package.folder / package.part
    found = []
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        is_own = _LEFT_OUT.isdisjoint(inside[:-1]) and not _is_test(path.name)
        ids = ("typescriptreact",) if package.language == "typescript" else ()
        if not is_own or language_id_of_path(path.name) not in (package.language, *ids):
            continue
        if (text := _text(path)) is not None:
            found.append(SourceFile(path, package, text))
    return found


def fetch(package: Package) -> None:
    """Bring the package into the cache. Raises CalledProcessError where its client fails."""
    print(f"fetching {package.name} {package.version}", file=sys.stderr)
    with TemporaryDirectory() as temporary:
        unpacked = _CLIENTS[package.language](package, Path(temporary))
        package.folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(unpacked, package.folder, symlinks=True, copy_function=shutil.copyfile)
    for folder in (package.folder, *package.folder.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o755)  # Go's module cache is read-only


def _pip(package: Package, into: Path) -> Path:
    wanted = f"{package.name}=={package.version}"
    _run(into, sys.executable, "-m", "pip", "download", "-q", "--no-deps", wanted)
    return _unzipped(next(into.glob("*.whl")), into / "unpacked")


def _npm(package: Package, into: Path) -> Path:
    _run(into, "npm", "pack", "--silent", f"{package.name}@{package.version}")
    with tarfile.open(next(into.glob("*.tgz"))) as archive:
        archive.extractall(into / "unpacked", filter="data")
    shutil.rmtree(into / "unpacked" / "package" / "dist", ignore_errors=True)
    return into / "unpacked" / "package"


def _go(package: Package, into: Path) -> Path:
    (into / "go.mod").write_text("module fetching\n", encoding="utf-8")
    told = _run(into, "go", "mod", "download", "-json", f"{package.name}@{package.version}")
    return Path(json.loads(told)["Dir"])


def _mvn(package: Package, into: Path) -> Path:
    artifact = f"-Dartifact={package.name}:{package.version}:jar:sources"
    store = f"-Dmaven.repo.local={into / 'store'}"
    _run(into, "mvn", "-q", "dependency:get", artifact, "-Dtransitive=false", store)
    return _unzipped(next((into / "store").rglob("*-sources.jar")), into / "unpacked")


def _cargo(package: Package, into: Path) -> Path:
    _run(into, "cargo", "info", f"{package.name}@{package.version}")
    sources = Path.home() / ".cargo" / "registry" / "src"
    return next(sources.glob(f"*/{package.name}-{package.version}"))


_CLIENTS: dict[str, Callable[[Package, Path], Path]] = {
    "python": _pip,
    "typescript": _npm,
    "go": _go,
    "java": _mvn,
    "rust": _cargo,
}


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def _unzipped(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(folder)
    return folder


def _is_test(name: str) -> bool:
    stem = name.partition(".")[0]
    ends = stem.endswith(("_test", "_tests", "Test", "Tests")) or stem.startswith("test_")
    return ends or ".test." in name or ".spec." in name or ".d." in name


def _text(path: Path) -> str | None:
    """The file's text; None where it is unfit: size, encoding, line ends, generated."""
    low, high = FILE_BYTES
    if not path.is_file() or not low <= path.stat().st_size <= high:
        return None
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        return None
    is_fit = "\r" not in text and max(map(len, text.split("\n"))) <= MAX_LINE_LENGTH
    return text if is_fit else None


def packages(languages: Sequence[str], groups: Sequence[str]) -> list[Package]:
    """Those of the languages and groups; empty takes all."""
    return [
        each
        for each in PACKAGES
        if (not languages or each.language in languages) and (not groups or each.group in groups)
    ]
