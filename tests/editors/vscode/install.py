"""VS Code for the tests: code-server, Debian's Chromium, Playwright, and our extension, built.

code-server is VS Code with its own extension host, served to a browser. Its npm package is used,
without compiling the native modules that neither the editor nor a language server needs.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.editors.support.toolbox import debian, node, npm, npm_environment
from tests.support.installed import cache, installed, python_packages

CODE_SERVER = "4.139.1"
PLAYWRIGHT = "1.65.2"
DEBIAN = {"chromium": "chromium", "fc-list": "fontconfig"}

SOURCES = Path(__file__).parents[3] / "editors" / "vscode"
_NOT_SOURCES = ("node_modules", "out", ".vscode-test")


@dataclass(frozen=True, slots=True)
class Tools:
    """Where everything lies. `playwright` is a folder for `sys.path`."""

    node: Path
    code_server: Path
    playwright: Path
    extension: Path


def install() -> Tools:
    """Install what is missing. Raises Unavailable if a package cannot be had."""
    debian(DEBIAN)
    return Tools(
        node=node() / "node",
        code_server=installed(f"code-server-{CODE_SERVER}", _code_server) / _ENTRY,
        playwright=python_packages(f"playwright=={PLAYWRIGHT}"),
        extension=build_extension(),
    )


_ENTRY = Path("node_modules") / "code-server" / "out" / "node" / "entry.js"


def _code_server(folder: Path) -> None:
    npm("install", "--prefix", str(folder), f"code-server@{CODE_SERVER}", where=folder)
    # What its install script would do, but for compiling.
    vscode = folder / "node_modules" / "code-server" / "lib" / "vscode"
    for each in (vscode, vscode / "extensions"):
        npm("install", "--omit=dev", where=each)


def build_extension() -> Path:
    """The .vsix of this checkout, built by `npm run package` in a copy of its sources."""
    files = sorted(path for path in SOURCES.rglob("*") if _is_source(path))
    named = (str(each.relative_to(SOURCES)).encode() + each.read_bytes() for each in files)
    content = b"".join(named)
    package = cache() / f"devstral-{hashlib.sha256(content).hexdigest()[:16]}.vsix"
    if not package.exists():
        _build(_copy(files), package)
    return package


def _is_source(path: Path) -> bool:
    inner = path.relative_to(SOURCES)
    return path.is_file() and inner.parts[0] not in _NOT_SOURCES and path.suffix != ".vsix"


def _copy(files: list[Path]) -> Path:
    """The sources beside the packages that their lock file names."""
    lock = (SOURCES / "package-lock.json").read_bytes()
    name = f"extension-packages-{hashlib.sha256(lock).hexdigest()[:16]}"
    folder = installed(name, _extension_packages)
    shutil.rmtree(folder / "src", ignore_errors=True)
    for each in files:
        to = folder / each.relative_to(SOURCES)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(each, to)
    return folder


def _extension_packages(folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(SOURCES / name, folder / name)
    npm("ci", where=folder)


def _build(folder: Path, package: Path) -> None:
    """Type-check, lint, bundle and package. A failure is the extension's, and no excuse."""
    command = (str(node() / "npm"), "run", "package", "--", "--out", str(package))
    subprocess.run(command, cwd=folder, env=npm_environment(), check=True, timeout=300)
