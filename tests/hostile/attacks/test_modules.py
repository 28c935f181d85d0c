"""Modules of a clone with the names of Python's, of ours and of libraries: none of them is run.

Editors start the server in the folder that is open, which Python may look in first.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devstral_lsp.cli.setup.jupyter import NAME, server_specs
from tests.hostile.attacks.session import ENDS_WITHIN_S, Session
from tests.support import wire
from tests.support.editor import SERVER
from tests.support.fake_mistral import KEY, FakeMistral

CODE = "import json\n\ndef add(a, b):\n    "
NAMES = (
    *("sitecustomize", "usercustomize", "json", "asyncio", "typing", "argparse", "dataclasses"),
    *("logging", "ssl", "socket", "tomllib", "difflib", "sqlite3", "ctypes", "subprocess"),
    *("rich", "pygls", "lsprotocol", "cattrs", "attr", "httpx", "httpcore", "anyio", "h11"),
    *("certifi", "tree_sitter", "tree_sitter_python", "tree_sitter_language_pack", "keyring"),
)
"""What is loaded at the start, at the first key, for a request, and in a child."""
BEFORE_US = ("contextlib", "collections", "functools", "warnings", "types", "keyword", "operator")
"""What `python -m` itself loads before anything of ours: only -P helps there."""
INSTALLED = Path(sys.executable).parent / "devstral-lsp"
BY_JUPYTER = tuple(server_specs(None)[NAME]["argv"])
STARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "python -m": (SERVER, NAMES),
    "the installed script": ((str(INSTALLED),), (*NAMES, *BEFORE_US, "devstral_lsp")),
    "jupyter-lsp": (BY_JUPYTER, (*NAMES, *BEFORE_US, "devstral_lsp")),
}


class Clone:
    """A folder whose modules leave a line behind when they are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self.folder.mkdir()
        self._ran = folder / "ran"

    def plant(self, *names: str) -> None:
        """Each name as a module and as a package."""
        line = f"open({str(self._ran)!r}, 'a').write(__name__ + '\\n')\n"
        for index, name in enumerate(names):
            file = self.folder / (f"{name}/__init__.py" if index % 2 else f"{name}.py")
            file.parent.mkdir(exist_ok=True)
            file.write_text(line)
            if index % 2:
                (file.parent / "__main__.py").write_text(line)

    @property
    def ran(self) -> str:
        return self._ran.read_text() if self._ran.exists() else ""


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """Where an editor starts the server."""
    clone = Clone(tmp_path)
    monkeypatch.chdir(clone.folder)
    return clone


@pytest.mark.parametrize(("command", "names"), STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("key", ["a variable", "the keyring"])
async def test_no_module_of_the_folder_is_run(
    environ: dict[str, str], mistral: FakeMistral, clone: Clone, monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...], names: tuple[str, ...], key: str,
) -> None:  # fmt: skip
    """Not at the start, not while typing, refactoring or leaving, nor in the keyring's child."""
    clone.plant(*names)
    monkeypatch.setattr(wire, "SERVER", command)
    variables = {} if key == "a variable" else {"MISTRAL_API_KEY": ""}
    session = await Session.start(environ, mistral, clone.folder, **variables)
    uri = session.open("app.py", CODE)
    await session.complete(uri)
    session.type(uri, "return ")
    assert await session.complete(uri) or key == "the keyring"
    await session.refactor(uri, "Improve readability")
    assert await session.leave() < ENDS_WITHIN_S
    await session.stop()
    assert clone.ran == ""


@pytest.mark.parametrize(
    "arguments",
    [("doctor",), ("complete", "app.py:1"), ("refactor", "app.py", "--action", "readability")],
)
def test_no_module_of_the_folder_is_run_by_a_command(
    environ: dict[str, str], clone: Clone, arguments: tuple[str, ...]
) -> None:
    clone.plant(*NAMES)
    (clone.folder / "app.py").write_text(CODE)
    command = [sys.executable, "-m", "devstral_lsp", *arguments]
    where = {**environ, "MISTRAL_API_KEY": KEY, "DEVSTRAL_FIM_BASE_URL": "http://127.0.0.1:9"}
    done = subprocess.run(command, env=where, capture_output=True, timeout=60, check=False)
    assert b"Traceback" not in done.stderr
    assert clone.ran == ""


@pytest.mark.parametrize("names", ["{own}", "{own}{sep}/nowhere"])
def test_the_users_own_path_for_modules_stays(
    environ: dict[str, str], clone: Clone, tmp_path: Path, names: str
) -> None:
    """PYTHONPATH is the user's word, even where the folder that is open is not."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("import atexit, sys\natexit.register(print, sys.path)\n")
    where = {**environ, "PYTHONPATH": names.format(own=own, sep=os.pathsep)}
    command = [sys.executable, "-m", "devstral_lsp", "--version"]
    done = subprocess.run(command, env=where, capture_output=True, timeout=60, check=True)
    assert str(own).encode() in done.stdout
    assert repr(str(clone.folder)).encode() not in done.stdout
