"""What the long suites install, pinned, kept for the next run; and how to say what is missing.

Everything lies in one folder of the user's cache (`EDITOR_TESTS_CACHE` names another one), each
tool in a folder that carries its version, so that a new pin installs anew. It knows no tool.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_DONE = ".installed"


class Unavailable(Exception):
    """A package could not be had. Its message says which, and how to get it."""


def cache() -> Path:
    """The folder that keeps what has been installed."""
    named = os.environ.get("EDITOR_TESTS_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "devstral-lsp-tests"


def installed(name: str, install: Callable[[Path], None]) -> Path:
    """The folder `name` of the cache, filled by `install` unless an earlier run has done so.

    One process installs at a time. What an interrupted run left behind is thrown away.
    """
    folder = cache() / name
    with alone(name):
        if not (folder / _DONE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            install(folder)
            (folder / _DONE).touch()
    return folder


def python_packages(*pins: str) -> Path:
    """A folder for `sys.path` with these packages of PyPI, each as `name==version`."""

    def install(folder: Path) -> None:
        pip = (sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check")
        fetch((*pip, "--target", str(folder), *pins), f"pip install {' '.join(pins)}")

    return installed("python-" + "-".join(pins).replace("==", "-"), install)


def fetch(
    command: Sequence[str],
    named: str,
    *,
    where: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Run what may need the network. Raises Unavailable with the end of what it printed."""
    done = subprocess.run(
        command,
        cwd=where,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Unavailable(f"`{named}` failed:\n" + "\n".join(done.stdout.splitlines()[-15:]))


def prepare(tools: Mapping[str, Callable[[], object]], names: Sequence[str]) -> None:
    """Install the tools of these names, or all of them, and tell how long each took.

    One that cannot be had is told loudly and is no failure: its tests are then skipped.
    """
    for name in names or tools:
        start = time.monotonic()
        try:
            tools[name]()
        except Unavailable as error:
            sys.stdout.write(f"!!! {name} IS NOT TESTED: {error}\n")
        else:
            sys.stdout.write(f"{name}: ready in {time.monotonic() - start:.0f} s ({cache()})\n")


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Let no other process install `name` meanwhile."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
