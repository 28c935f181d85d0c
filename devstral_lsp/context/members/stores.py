"""Locate packages that a package manager keeps outside of the workspace.

Go's module cache, Cargo's registry, and the active environment of Python. The versions are those
that the workspace asks for. Only the environment says where such a folder is, never a file of the
workspace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from devstral_lsp.bounded_read import Within, entries_of, read_text

MAX_BYTES = 1024 * 1024
"""Size limit of `go.mod` and `Cargo.lock`."""
_REQUIRED = re.compile(r"^[ \t]*(?:require[ \t]+)?([^\s()=]+)[ \t]+(v[^\s/]+)", re.MULTILINE)
_REPLACED = re.compile(
    r"^[ \t]*(?:replace[ \t]+)?([^\s()=]+)(?:[ \t]+v\S+)?[ \t]+=>[ \t]+(\S+)(?:[ \t]+(v\S+))?",
    re.MULTILINE,
)

Stores = Mapping[str, tuple[Path, ...]]
"""Folders by grammar."""


def find_stores(environ: Mapping[str, str]) -> Stores:
    """The folders in which package managers keep what the user's projects need. Reads the disk."""
    home = environ.get("HOME") or environ.get("USERPROFILE") or ""
    go_path = (environ.get("GOPATH") or "").partition(":")[0] or _below(home, "go")
    cargo = environ.get("CARGO_HOME") or _below(home, ".cargo")
    environments = [environ.get(name, "") for name in ("VIRTUAL_ENV", "CONDA_PREFIX")]
    return {
        "go": _existing([environ.get("GOMODCACHE") or _below(go_path, "pkg/mod")]),
        "rust": _inside(_below(cargo, "registry/src"), ""),
        "python": tuple(
            packages
            for each in environments
            for packages in (
                *_inside(_below(each, "lib"), "site-packages"),
                *_existing([_below(each, "Lib/site-packages")]),
            )
        ),
    }


def find_go_packages(
    module: str, roots: Iterable[Path], store: Iterable[Path], within: Within
) -> Iterator[Path]:
    """The folders that may hold a Go package of another module."""
    for root in roots:
        text = _read(root / "go.mod", within)
        for path, target, version in _go_modules(text):
            if module != path and not module.startswith(f"{path}/"):
                continue
            inside = module[len(path) :].lstrip("/")
            if not version:
                yield root / target / inside
            yield from (each / _escape(f"{target}@{version}") / inside for each in store if version)


def find_crate_files(
    module: str, roots: Iterable[Path], store: Iterable[Path], within: Within
) -> Iterator[Path]:
    """The files that may hold a module of another crate."""
    crate, *parts = module.split("::")
    for root in roots:
        text = _read(root / "Cargo.lock", within)
        for name in (crate, crate.replace("_", "-")):
            for match in re.finditer(
                rf'name = "{re.escape(name)}"\r?\nversion = "([\w.+-]+)"', text
            ):
                for each in store:
                    source = each / f"{name}-{match[1]}" / "src"
                    for depth in range(len(parts), 0, -1):
                        inside = source.joinpath(*parts[:depth])
                        yield from (inside.with_suffix(".rs"), inside / "mod.rs")
                    yield source / "lib.rs"


def _go_modules(text: str) -> list[tuple[str, str, str]]:
    """Each required module with what stands for it, the longest path first: another module and its
    version, or a folder and ""."""
    found = {path: (path, path, version) for path, version in _REQUIRED.findall(text)}
    for path, target, version in _REPLACED.findall(text):
        found[path] = (path, target, version)
    return sorted(found.values(), key=lambda each: -len(each[0]))


def _escape(path: str) -> str:
    """The path in the module cache, which has no capitals (go.dev/ref/mod#module-cache)."""
    return re.sub(r"[A-Z]", lambda match: f"!{match[0].lower()}", path)


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else ""


def _existing(folders: Iterable[str]) -> tuple[Path, ...]:
    paths = (Path(each) for each in folders if each)
    return tuple(each for each in paths if each.is_absolute() and each.is_dir())


def _inside(folder: str, name: str) -> tuple[Path, ...]:
    """The folders named `name` in those of a folder; these themselves if `name` is ""."""
    if not _existing([folder]):
        return ()
    names = [each.name for each in entries_of(folder, max_entries=64)]
    return _existing(f"{folder}/{each}/{name}" for each in names)


def _read(path: Path, within: Within) -> str:
    try:
        return read_text(path, max_bytes=MAX_BYTES, within=within)
    except OSError:
        return ""
