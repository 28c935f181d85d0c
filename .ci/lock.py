#!/usr/bin/env python3
"""Writes the lock files anew from pyproject.toml: `python3 .ci/lock.py`, or with `--upgrade`.

They name each package that an installation takes, its version, and the SHA-256 of every file that
the index has of it, for Python 3.11 and later on all systems but a browser's:

    requirements.lock       what runs
    .ci/locks/build.lock    what builds the package, complete by itself
    .ci/locks/EXTRA.lock    what an extra of pyproject.toml needs beside requirements.lock
    .ci/locks/lowest.lock   what runs and tests, in the lowest versions that pyproject.toml admits

Versions that are locked stay as long as pyproject.toml admits them; `--upgrade` takes the newest.
Needs the package index.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).parent.parent
MAIN = PROJECT / "requirements.lock"
LOCKS = PROJECT / ".ci" / "locks"
LOWEST = LOCKS / "lowest.lock"
UV = "uv==0.13.9"
OLDEST_PYTHON = "3.11"
FOR_EDITABLE = "editables"
"""What hatchling asks for when it is to build an editable package, beside what pyproject names."""

IN_A_BROWSER = "sys_platform == 'emscripten'"

_NAME = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9, ._-]+\])?==", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true")
    more = ["--upgrade"] if parser.parse_args().upgrade else []
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    LOCKS.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        uv = _uv(Path(folder))
        build = Path(folder) / "build.in"
        build.write_text("\n".join([*project["build-system"]["requires"], FOR_EDITABLE]))
        _compile(uv, MAIN, ["pyproject.toml", *more], "what runs")
        locked = ["--constraints", str(MAIN)]
        _compile(uv, LOCKS / "build.lock", [str(build), *locked, *more], "what builds the package")
        locked_build = ["--constraints", str(LOCKS / "build.lock")]
        for extra in project["project"]["optional-dependencies"]:
            lock = LOCKS / f"{extra}.lock"
            arguments = ["pyproject.toml", "--extra", extra, *locked, *locked_build, *more]
            _compile(
                uv, lock, arguments, f"what the extra `{extra}` needs beside requirements.lock"
            )
            _leave_out(lock, names(MAIN))
        lowest = ["pyproject.toml", "--extra", "dev", "--resolution", "lowest-direct"]
        _compile(uv, LOWEST, [*lowest, *locked_build], "the lowest versions for `.ci/versions`")
    return 0


def names(lock: Path) -> set[str]:
    """The packages in a lock file."""
    return set(_NAME.findall(lock.read_text(encoding="utf-8")))


def _uv(folder: Path) -> list[str]:
    """The command `uv pip compile`; uv is in an environment of its own."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = str(folder / "venv" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", UV], check=True)
    return [str(folder / "venv" / "bin" / "uv"), "pip", "compile"]


def _compile(uv: Sequence[str], lock: Path, arguments: Sequence[str], holds: str) -> None:
    """Write `lock`. The versions that it has now are kept as far as they fit."""
    options = [
        *("--quiet", "--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes"),
        *("--no-annotate", "--no-header", "--no-strip-extras", "--output-file", str(lock)),
    ]
    subprocess.run([*uv, *options, *arguments], check=True, cwd=PROJECT)
    head = f"# Made by .ci/lock.py from pyproject.toml: {holds}.\n"
    lock.write_text(head + lock.read_text(encoding="utf-8"), encoding="utf-8")


def _leave_out(lock: Path, left_out: set[str]) -> None:
    """Take these packages out of a lock file, and those that only a browser needs."""
    head, *entries = re.split(r"^(?=\S)", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    kept = [each for each in entries if _name(each) not in left_out and IN_A_BROWSER not in each]
    lock.write_text("".join([head, *kept]), encoding="utf-8")


def _name(entry: str) -> str:
    found = _NAME.match(entry)
    return found[1] if found else ""


if __name__ == "__main__":
    sys.exit(main())
