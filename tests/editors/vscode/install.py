"""VS Code for the tests: code-server, Debian's Chromium, Playwright, and our extension, built.

code-server is VS Code with its own extension host, served to a browser. Its npm package is used,
without compiling the native modules that neither the editor nor a language server needs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.editors.support.toolbox import debian, node, npm, npm_environment
from tests.support.installed import cache, installed, python_packages

CODE_SERVER = "4.139.1"
PLAYWRIGHT = "1.65.2"
DEBIAN = {"chromium": "chromium", "fc-list": "fontconfig"}

CHECKOUT = Path(__file__).parents[3]
SOURCES = CHECKOUT / "editors" / "vscode"
_TAKEN = (
    *("devstral_lsp", "editors", "pyproject.toml", "README.md", "LICENSE"),
    *("requirements.lock", ".ci/locks", "docs/changes.md"),
)


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
    files = _sources()
    named = (str(each.relative_to(CHECKOUT)).encode() + each.read_bytes() for each in files)
    package = cache() / f"devstral-{hashlib.sha256(b''.join(named)).hexdigest()[:16]}.vsix"
    if not package.exists():
        with TemporaryDirectory() as folder:
            _build(_copy(files, Path(folder)), package)
    return package


def _sources() -> list[Path]:
    """All that the package is made of, the server's wheel included; nothing that git ignores."""
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *_TAKEN)
    listed = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True)
    files = {CHECKOUT / name for name in listed.stdout.split("\0") if name}
    return sorted(path for path in files if path.is_file())


def _copy(files: list[Path], folder: Path) -> Path:
    """The sources beside the packages that their lock file names; gives the extension's folder."""
    for each in files:
        to = folder / each.relative_to(CHECKOUT)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(each, to)
    lock = (SOURCES / "package-lock.json").read_bytes()
    name = f"extension-packages-{hashlib.sha256(lock).hexdigest()[:16]}"
    extension = folder / SOURCES.relative_to(CHECKOUT)
    packages = installed(name, _extension_packages) / "node_modules"
    (extension / "node_modules").symlink_to(packages)
    return extension


def _extension_packages(folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(SOURCES / name, folder / name)
    npm("ci", where=folder)


def _build(extension: Path, package: Path) -> None:
    """Type-check, lint, bundle and package. A failure is the extension's, and no excuse."""
    command = (str(node() / "npm"), "run", "package", "--", "--out", str(package))
    environ = npm_environment()
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    subprocess.run(command, cwd=extension, env=environ, check=True, timeout=300)
