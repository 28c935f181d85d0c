#!/usr/bin/env python3
"""Writes docs/licences.md, the licences of all that the lock files name.

`.venv/bin/python .ci/licences.py` reads what is installed there, and asks the package index for the
metadata of the rest, such as what only Windows needs. With `--check` nothing is asked or written:
the exit status is 1 if the list is not the one of the lock files, or not what the installed
packages say. A licence that is not among ALLOWED is an error in either case.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from email.message import Message
from email.parser import Parser
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).parent.parent
LIST = PROJECT / "docs" / "licences.md"
SECTIONS: Mapping[str, str] = {
    "requirements.lock": "What is installed with devstral-lsp",
    ".ci/locks/keyring.lock": "What the extra `keyring` adds",
    ".ci/locks/otel.lock": "What the extra `otel` adds",
    ".ci/locks/build.lock": "What builds the package, and is no part of it",
    ".ci/locks/dev.lock": "What the tests need, and users do not install",
}
ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"),
        *("MPL-2.0", "PSF-2.0", "Unlicense", "Zlib"),
    }
)
"""Licences that let a program under the MIT licence depend on a package. MPL-2.0 asks only for
changes of its own files."""

SPDX: Mapping[str, str] = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The MIT License (MIT)": "MIT",
}
"""What packages wrote before there was a field for SPDX expressions."""

UNSAID: Mapping[str, str] = {"mistralai": "Apache-2.0"}
"""Packages whose metadata says nothing: what the licence file in them is."""

_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9, ._-]+\])?==([^\s;]+)", re.MULTILINE)
_ROW = re.compile(r"^\| (\S+) \| (\S+) \| ([^|]+) \|$", re.MULTILINE)
_HEAD = """\
# Licences

devstral-lsp is under the MIT licence. It contains no code of the packages that it depends on: an
installation brings them under their own licences, which are listed here as the packages' metadata
names them. The list is written by `.ci/licences.py` from the lock files, and held by a test against
what is installed.

One file of others is part of the package: `usage/page/chart.umd.min.js`, which draws the charts of
`devstral-lsp stats --html`. It is Chart.js 4.6.1 from npm, unmodified, under the MIT licence, which
stands beside it and, shortened, in each page that is made. A test holds its hash.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args().check
    listed = LIST.read_text(encoding="utf-8") if LIST.exists() else ""
    known = {(name, version): licence for name, version, licence in _ROW.findall(listed)}
    found = {pin: _licence(*pin, "" if not is_check else known.get(pin, "")) for pin in _pins()}
    wanted = "\n".join([_HEAD, *_tables(found)])
    wrong = [f"{name}: {said or 'none'}" for (name, _), said in found.items() if not _allowed(said)]
    if wrong:
        sys.stderr.write(f"Licences that are not among those allowed: {'; '.join(wrong)}\n")
        return 1
    if not is_check:
        LIST.parent.mkdir(exist_ok=True)
        LIST.write_text(wanted, encoding="utf-8")
    elif listed != wanted:
        sys.stderr.write("The lock files have changed: run .venv/bin/python .ci/licences.py\n")
        return 1
    return 0


def _pins() -> Iterator[tuple[str, str]]:
    for lock in SECTIONS:
        yield from _pins_of(lock)


def _pins_of(lock: str) -> list[tuple[str, str]]:
    return sorted(_PIN.findall((PROJECT / lock).read_text(encoding="utf-8")))


def _tables(found: Mapping[tuple[str, str], str]) -> Iterator[str]:
    for lock, title in SECTIONS.items():
        rows = [
            f"| {name} | {version} | {found[name, version]} |" for name, version in _pins_of(lock)
        ]
        yield "\n".join(
            [f"## {title}", "", "| package | version | licence |", "|---|---|---|", *rows]
        )
        yield ""


def _licence(name: str, version: str, listed: str) -> str:
    """The licence of a package: as installed, else as listed, else as the index says."""
    try:
        if metadata.version(name) == version:
            return _said(name, metadata.metadata(name))
    except metadata.PackageNotFoundError:
        pass
    return listed or _said(name, _downloaded(name, version))


def _said(name: str, about: Message | metadata.PackageMetadata) -> str:
    """An SPDX expression, or "" if the metadata says nothing that is known."""
    fields = {key: about[key] for key in ("License-Expression", "License") if key in about}
    of_classifiers = [
        SPDX[word]
        for each in about.get_all("Classifier") or []
        if each.startswith("License :: ") and (word := each.rpartition(" :: ")[2]) in SPDX
    ]
    first_line = fields.get("License", "").strip().partition("\n")[0]
    return (
        fields.get("License-Expression")
        or (first_line if _allowed(first_line) else SPDX.get(first_line, ""))
        or " OR ".join(of_classifiers)
        or UNSAID.get(name, "")
    )


def _downloaded(name: str, version: str) -> Message:
    """The metadata in a package's wheel, whichever system that is for."""
    with TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", folder]
        subprocess.run([*pip, f"{name}=={version}"], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as held:
            (about,) = [each for each in held.namelist() if each.endswith(".dist-info/METADATA")]
            return Parser().parsestr(held.read(about).decode())


def _allowed(expression: str) -> bool:
    """Whether one of the choices that an expression leaves has allowed licences alone."""
    bare = expression.replace("(", "").replace(")", "")
    return any(
        all(licence.strip() in ALLOWED for licence in choice.split(" AND "))
        for choice in bare.split(" OR ")
    )


if __name__ == "__main__":
    sys.exit(main())
