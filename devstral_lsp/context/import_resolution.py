"""Map an import statement to candidate files of the workspace, the most likely first.

Uses each language's naming conventions and none of its tools. Installed packages are ignored, since
they are not the user's own code. Only `sibling_files`, the search for a package's top folder and a
project's own mapping of paths read the disk, within the importer's folders and repository. The
caller checks which candidates exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from os.path import normpath
from pathlib import Path

from devstral_lsp.bounded_read import entries_of, is_file, read_text
from devstral_lsp.context.path_mapping import Rules, apply_rules, read_rules
from devstral_lsp.context.paths import repository_root
from devstral_lsp.languages import get_language
from devstral_lsp.languages.language import Import

MAX_SIBLINGS = 16
"""Maximum number of files of one package."""
MAX_MANIFEST_BYTES = 64 * 1024
"""Bytes."""


@dataclass(frozen=True, slots=True)
class Importer:
    """The importing file, and the folders in which its imports may be found.

    `rules` are the mappings of paths that were read already, by folder.
    """

    file: Path
    folders: Sequence[Path]
    rules: dict[Path, Rules] = field(default_factory=dict, compare=False)

    @property
    def ancestors(self) -> Iterator[Path]:
        """The folders from the file's own up to the workspace folder that holds it."""
        for parent in self.file.parents:
            yield parent
            if parent in self.folders:
                return

    def mapped(self, module: str) -> Iterator[Path]:
        """The paths that the configuration files around the file map a module to."""
        for folder in self.ancestors:
            if folder not in self.rules:
                self.rules[folder] = read_rules(folder, self.folders)
            yield from apply_rules(self.rules[folder], module)


def candidate_files(wanted: Import, importer: Importer, language_id: str) -> Iterator[Path]:
    """Paths that `wanted` may refer to, existing or not."""
    resolver = _RESOLVERS.get(get_language(language_id).name)
    if resolver is not None:
        yield from (Path(normpath(path)) for path in resolver(wanted, importer))


def sibling_files(importer: Importer, language_id: str) -> list[Path]:
    """The other files of the same package, for languages that need no import between them."""
    language = get_language(language_id)
    if not language.shares_folder_scope:
        return []
    beside = _files_in(importer.file.parent, language.extensions[0], importer)
    return [path for path in beside if path != importer.file][:MAX_SIBLINGS]


def _files_in(folder: Path, suffix: str, importer: Importer) -> list[Path]:
    """The files in a folder with this suffix, without tests, sorted by name."""
    try:
        entries = entries_of(folder, within=importer.folders)
    except OSError:
        return []
    named = (folder / each.name for each in entries if each.name.endswith(suffix))
    return [path for path in named if not _is_test(path)]


def _is_test(path: Path) -> bool:
    return path.stem.endswith(("_test", "Test", "Tests"))


def _python(wanted: Import, importer: Importer) -> Iterator[Path]:
    dots = len(wanted.module) - len(wanted.module.lstrip("."))
    parts = [part for part in wanted.module.split(".") if part]
    if dots:
        roots = [importer.file.parents[dots - 1]] if dots <= len(importer.file.parents) else []
    else:
        ancestors = list(importer.ancestors)
        roots = [*reversed(ancestors), *importer.folders, *(each / "src" for each in ancestors)]
    for root in dict.fromkeys(roots):
        module = root.joinpath(*parts)
        for name in wanted.names:
            yield module / f"{name}.py"
        if parts:
            yield from (module.with_name(module.name + suffix) for suffix in (".py", ".pyi"))
        yield module / "__init__.py"


_JS_SUFFIXES = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".vue", ".svelte")


def _javascript(wanted: Import, importer: Importer) -> Iterator[Path]:
    module = wanted.module
    if module.startswith("."):
        bases = [importer.file.parent / module]
    else:
        bases = list(importer.mapped(module))
    if module.startswith(("@/", "~/", "/", "src/")):  # most bundlers map these to the source folder
        name = re.sub(r"^(@/|~/|/|src/)", "", module)
        bases += [each / part / name for each in importer.ancestors for part in ("src", "")]
    for base in bases:
        stem = base.with_suffix("") if base.suffix in (".js", ".mjs", ".cjs", ".jsx") else base
        yield base
        yield from (stem.with_name(stem.name + suffix) for suffix in _JS_SUFFIXES)
        yield from (base / f"index{suffix}" for suffix in _JS_SUFFIXES[:5])


def _go(wanted: Import, importer: Importer) -> Iterator[Path]:
    top = _top(importer, "go.mod")
    if top is None:
        return
    module = _go_module(top / "go.mod", importer)
    if module and (wanted.module == module or wanted.module.startswith(f"{module}/")):
        folder = top / wanted.module[len(module) :].lstrip("/")
        yield from _files_in(folder, ".go", importer)[:MAX_SIBLINGS]


def _go_module(file: Path, importer: Importer) -> str:
    try:
        text = read_text(file, max_bytes=MAX_MANIFEST_BYTES, within=_manifest_folders(importer))
    except OSError:
        return ""
    match = re.search(r"^module[ \t]+(\S+)", text, re.MULTILINE)
    return match[1] if match else ""


def _rust(wanted: Import, importer: Importer) -> Iterator[Path]:
    first, *parts = wanted.module.split("::")
    file = importer.file
    own = file.parent if file.stem in ("mod", "lib", "main") else file.with_suffix("")
    if first == "crate":
        top = _top(importer, "Cargo.toml")
        base = top / "src" if top else file.parent
    elif first == "self":
        base = own
    elif first == "super":
        base = own.parent
        while parts[:1] == ["super"]:
            base, parts = base.parent, parts[1:]
    else:
        base, parts = own, [first, *parts]  # a module that this file declares
    for depth in range(len(parts) + bool(wanted.names), -1, -1):
        module = base.joinpath(*[*parts, *wanted.names][:depth])
        if depth:
            yield module.with_suffix(".rs")
        yield from (module / name for name in ("mod.rs", *(() if depth else ("lib.rs", "main.rs"))))


def _java(wanted: Import, importer: Importer) -> Iterator[Path]:
    parts = wanted.module.split(".")
    for root in importer.ancestors:
        for inside in ("", "src/main/java", "src"):
            for depth in (len(parts), len(parts) - 1):  # a static import ends with a member
                if depth:
                    yield (root / inside).joinpath(*parts[:depth]).with_suffix(".java")


def _c(wanted: Import, importer: Importer) -> Iterator[Path]:
    for root in importer.ancestors:
        for inside in ("", "include", "src"):
            yield root / inside / wanted.module


def _ruby(wanted: Import, importer: Importer) -> Iterator[Path]:
    name = wanted.module.removesuffix(".rb") + ".rb"
    yield importer.file.parent / name
    yield from (root / inside / name for root in importer.ancestors for inside in ("lib", "app"))


def _php(wanted: Import, importer: Importer) -> Iterator[Path]:
    if wanted.module.endswith(".php"):
        yield importer.file.parent / wanted.module
        return
    parts = [part for part in wanted.module.split("\\") if part]
    for root in importer.ancestors:  # PSR-4 maps a leading namespace to a folder
        for inside in ("src", "app", "lib", ""):
            for skipped in (1, 2, 0):
                if parts[skipped:]:
                    yield (root / inside).joinpath(*parts[skipped:]).with_suffix(".php")


def _lua(wanted: Import, importer: Importer) -> Iterator[Path]:
    module = wanted.module.replace(".", "/")
    for root in importer.ancestors:
        for inside in ("", "lua", "src"):
            yield root / inside / f"{module}.lua"
            yield root / inside / module / "init.lua"


def _bash(wanted: Import, importer: Importer) -> Iterator[Path]:
    yield from (root / wanted.module for root in importer.ancestors)


def _top(importer: Importer, marker: str) -> Path | None:
    """The nearest parent folder that contains a file named `marker`."""
    folders = _manifest_folders(importer)
    above = (each for each in importer.file.parents if is_file(each / marker, within=folders))
    return next(above, None)


def _manifest_folders(importer: Importer) -> list[Path]:
    """Folders that may hold a manifest, also above the workspace folder, up to the repository's
    top."""
    repository = repository_root(importer.file)
    return [*importer.folders, *((repository,) if repository is not None else ())]


_RESOLVERS: dict[str, Callable[[Import, Importer], Iterator[Path]]] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "go": _go,
    "rust": _rust,
    "java": _java,
    "c": _c,
    "cpp": _c,
    "ruby": _ruby,
    "php": _php,
    "lua": _lua,
    "shellscript": _bash,
}
