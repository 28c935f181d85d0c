"""JupyterLab for the tests, with jupyterlab-lsp and this checkout in one environment, as users do.

The browser is the one that VS Code is driven with.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.editors.support.toolbox import debian
from tests.editors.vscode.install import DEBIAN, PLAYWRIGHT
from tests.support.installed import fetch, installed, python_packages

PINS = (
    "jupyterlab==4.6.6",
    "jupyterlab-lsp==5.3.0",
    "jupyter-lsp==2.3.1",
    "jupyter-server==2.21.1",
    "ipykernel==7.4.0",
)
CHECKOUT = Path(__file__).parents[3]
PROJECT = CHECKOUT / "pyproject.toml"
"""An entry point of it names the server for jupyter-lsp."""
LOCKS = (CHECKOUT / "requirements.lock", CHECKOUT / ".ci" / "locks" / "build.lock")


@dataclass(frozen=True, slots=True)
class Tools:
    """The interpreter that has JupyterLab, and a folder for `sys.path`."""

    python: Path
    playwright: Path


def install() -> Tools:
    """Install what is missing. Raises Unavailable if a package cannot be had."""
    debian(DEBIAN)
    locked = (path.read_bytes() for path in (*LOCKS, PROJECT))
    said = b"\n".join((*locked, str(CHECKOUT).encode(), *map(str.encode, PINS)))
    name = f"jupyterlab-{hashlib.sha256(said).hexdigest()[:16]}"
    return Tools(
        python=installed(name, _environment) / "bin" / "python",
        playwright=python_packages(f"playwright=={PLAYWRIGHT}"),
    )


def _environment(folder: Path) -> None:
    subprocess.run((sys.executable, "-m", "venv", str(folder)), check=True)
    python = (str(folder / "bin" / "python"), "-m", "pip", "install", "-q")
    pip = (*python, "--disable-pip-version-check")
    locked = [word for lock in LOCKS for word in ("-r", str(lock))]
    fetch((*pip, "--require-hashes", *locked), "pip install -r requirements.lock")
    fetch((*pip, *PINS), f"pip install {' '.join(PINS)}")
    ours = ("--no-deps", "--no-build-isolation", "-e", str(CHECKOUT))
    fetch((*pip, *ours), "pip install -e .")
