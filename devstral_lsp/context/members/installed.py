"""Locate installed packages below the workspace, to resolve imports of them.

Searches a virtual environment's site-packages, the TypeScript declarations in `node_modules`, and
Go's `vendor`. git ignores these folders, but the types of receivers may be defined there, and a
package's public interface is not secret. Files that are private or kept from assistants are not
read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from devstral_lsp.bounded_read import Within, entries_of, is_file, read_text
from devstral_lsp.context.import_resolution import Importer

MAX_MANIFEST_BYTES = 256 * 1024
"""Size limit of a `package.json`, in bytes."""
FOLDERS = frozenset({"site-packages", "node_modules", "vendor"})
_ENVIRONMENTS = (".venv", "venv", "env", ".env")
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")
_DEEPEST = 6
"""Maximum nesting of conditions under `exports`."""


def is_installed(path: Path) -> bool:
    """Whether a file belongs to an installed package."""
    return not FOLDERS.isdisjoint(path.parts)


def find_installed_files(
    module: str, importer: Importer, grammar: str, within: Within
) -> Iterator[Path]:
    """Files of installed packages that a module may refer to, the most likely first. Reads the
    disk."""
    finder = _FINDERS.get(grammar)
    if finder is not None and not module.startswith("."):
        yield from finder(module, list(importer.ancestors) or list(importer.folders), within)


def _python(module: str, folders: Sequence[Path], within: Within) -> Iterator[Path]:
    parts = module.split(".")
    for packages in _site_packages(folders, within):
        path = packages.joinpath(*parts)
        yield from (path.with_name(f"{path.name}{suffix}") for suffix in (".pyi", ".py"))
        yield from (path / f"__init__{suffix}" for suffix in (".pyi", ".py"))
        yield packages.joinpath(f"{parts[0]}-stubs", *parts[1:], "__init__.pyi")


def _site_packages(folders: Sequence[Path], within: Within) -> Iterator[Path]:
    for folder in folders:
        if "site-packages" in folder.parts:  # a package that imports another one
            at = folder.parts.index("site-packages")
            yield Path(*folder.parts[: at + 1])
            return
        for name in _ENVIRONMENTS:
            if is_file(folder / name / "pyvenv.cfg", within=within):
                library = folder / name / "lib"
                yield from (library / each / "site-packages" for each in _names(library, within))
                yield folder / name / "Lib" / "site-packages"  # Windows


def _names(folder: Path, within: Within) -> list[str]:
    try:
        return [entry.name for entry in entries_of(folder, within=within)]
    except OSError:
        return []


def _javascript(module: str, folders: Sequence[Path], within: Within) -> Iterator[Path]:
    parts = module.removeprefix("node:").split("/")
    count = 2 if module.startswith("@") else 1
    name, inside = "/".join(parts[:count]), "/".join(parts[count:])
    types = f"@types/{name.removeprefix('@').replace('/', '__')}"
    for folder in folders:
        for package in (folder / "node_modules" / name, folder / "node_modules" / types):
            manifest = _manifest(package, within)
            if manifest is None:
                continue
            for declared in _declared(manifest, inside):
                yield package / declared
            for suffix in _DECLARATIONS:
                yield package / f"{inside or 'index'}{suffix}"
                yield package / inside / f"index{suffix}"


def _manifest(package: Path, within: Within) -> dict[str, Any] | None:
    try:
        text = read_text(package / "package.json", max_bytes=MAX_MANIFEST_BYTES, within=within)
        manifest = json.loads(text)
    except (OSError, ValueError, RecursionError):
        return None
    return manifest if isinstance(manifest, dict) else None


def _declared(manifest: dict[str, Any], inside: str) -> Iterator[str]:
    """The declaration files that a package names for itself or for one of its parts."""
    exports = manifest.get("exports")
    wanted = f"./{inside}" if inside else "."
    if isinstance(exports, dict):
        yield from _types_of(exports.get(wanted, exports if not inside else None), _DEEPEST)
    for key in ("types", "typings"):
        if not inside and isinstance(manifest.get(key), str):
            yield _with_suffix(manifest[key])


def _types_of(entry: object, depth: int) -> Iterator[str]:
    if not isinstance(entry, dict) or not depth:
        return
    if isinstance(types := entry.get("types"), str):
        yield types
    for key in ("types", "import", "require", "default"):
        yield from _types_of(entry.get(key), depth - 1)


def _with_suffix(name: str) -> str:
    return name if name.endswith(".ts") else f"{name}.d.ts"


_FINDERS: dict[str, Callable[[str, Sequence[Path], Within], Iterator[Path]]] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "tsx": _javascript,
}
