"""Locate installed packages below the workspace, to resolve imports of them.

Searches a virtual environment's site-packages, the TypeScript declarations in `node_modules`, and
Go's `vendor`. git ignores these folders, but the types of receivers may be defined there, and a
package's public interface is not secret. Files that are private or kept from assistants are not
read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from devstral_lsp.bounded_read import Within, entries_of, is_file, real_path
from devstral_lsp.context.import_resolution import Importer
from devstral_lsp.context.path_mapping import match_patterns, read_object, targets_of

FOLDERS = frozenset({"site-packages", "node_modules", "vendor"})
_ENVIRONMENTS = (".venv", "venv", "env", ".env")
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")


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
            try:
                # Behind a link there are its own dependencies, or sources of the workspace.
                real = real_path(package, within)
            except OSError:
                continue
            manifest = read_object(real / "package.json", within)
            if manifest is not None:
                yield from (real / each for each in _declared(manifest, inside))


def _declared(manifest: dict[str, Any], inside: str) -> Iterator[str]:
    """The files of a package that may declare itself or one of its parts."""
    exports = manifest.get("exports")
    is_by_part = isinstance(exports, dict) and any(key.startswith(".") for key in exports)
    by_part: dict[str, object] = (
        exports if isinstance(exports, dict) and is_by_part else {".": exports}
    )
    for pattern, star in match_patterns(by_part, f"./{inside}" if inside else "."):
        for target in targets_of(by_part[pattern]):
            yield _as_declaration(target.replace("*", star))
    for key in ("types", "typings", "main"):
        if not inside and isinstance(manifest.get(key), str):
            yield _as_declaration(manifest[key])
    for base in (inside or "index", f"{inside}/index".lstrip("/")):
        yield from (f"{base}{suffix}" for suffix in _DECLARATIONS)
    for base in (f"src/{inside or 'index'}", inside or "index"):
        yield from (f"{base}{suffix}" for suffix in (".ts", ".tsx"))


def _as_declaration(name: str) -> str:
    """The declarations of a script."""
    path = PurePosixPath(name)
    if path.suffix in (".ts", ".mts", ".cts", ".tsx"):
        return name
    is_script = path.suffix in (".js", ".mjs", ".cjs", ".jsx")
    kind = path.suffix[1:2] if path.suffix in (".mjs", ".cjs") else ""
    return f"{name.removesuffix(path.suffix) if is_script else name}.d.{kind}ts"


_FINDERS: dict[str, Callable[[str, Sequence[Path], Within], Iterator[Path]]] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "tsx": _javascript,
}
