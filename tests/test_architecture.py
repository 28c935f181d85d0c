"""Who may import whom, held against the import statements of every module.

A room that is not in the table, or a package that no room may use, fails: the table is changed on
purpose or not at all.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path

import pytest

from devstral_lsp.completion.filters import FILTERS
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Endpoint

PACKAGE = "devstral_lsp"
FOLDER = Path(import_module(PACKAGE).__file__ or "").parent
FILES = sorted(FOLDER.rglob("*.py"))
MOST_LINES = 350

_REGISTRY = ("providers", "providers.base")
"""The providers' names and hosts, and the values they speak in: no HTTP client comes with these."""
_CORE = ("text", "errors", "characters", "languages", "leaks", "secrets.*", "config.*")

ROOMS: dict[str, tuple[str, ...]] = {
    "text": (),
    "errors": (),
    "characters": (),
    "languages": (),
    "leaks": (),
    "secrets": (),
    "backoff": ("errors",),
    "story": ("errors",),
    "log": ("config.schema", "providers.base"),
    "unattended": (),
    "config": ("errors", *_REGISTRY),
    "providers": ("errors", "backoff", "story", "secrets.*", "config.*"),
    "context": ("text", "languages", "secrets.*", "config.*"),
    "completion": (*_CORE, "backoff", "story", "context.*", "providers.base", "providers.waiting"),
    "refactor": (*_CORE, "story", "context.*", "providers.base"),
    "endpoint": (*_CORE, *_REGISTRY),
    "connection": (
        *(*_CORE, *_REGISTRY, "endpoint", "refactor.base"),
        *("unattended", "providers.chain", "providers.redacted", "providers.remembered"),
    ),
    "app": (
        *(*_CORE, "context.*", "providers", "providers.*", "completion.*", "endpoint"),
        *("unattended", "connection", "refactor.*"),
    ),
    "findings": (),
    "endpoint_look": ("errors", "providers.*"),
    "endpoint_check": (*_CORE, "providers", "providers.*", "endpoint_look", "findings"),
    "chat_check": (
        *(*_CORE, "providers", "providers.*"),
        *("endpoint_check", "endpoint_look", "findings"),
    ),
    "checkup": (
        *(*_CORE, *_REGISTRY, "unattended", "endpoint", "connection"),
        *("chat_check", "endpoint_check", "endpoint_look", "findings"),
    ),
    "server": (*_CORE, *_REGISTRY, "log", "story", "completion.*", "refactor.*", "app"),
    "cli": (
        *(*_CORE, *_REGISTRY, "log", "completion.*", "refactor.*", "app", "checkup"),
        *("endpoint", "findings", "server.*"),
        "context.file_name",
    ),
    "jupyter": (),
    "__main__": ("cli.main",),
}
"""For each room what it may import of ours, besides itself; `x` is that module, `x.*` all in it."""

LIBRARIES: dict[str, tuple[str, ...]] = {
    "cachetools": ("completion/cache.py", "completion/filters/parsing.py"),
    "cattrs": ("server/*",),
    "h2": ("providers/*",),
    "httpcore": ("providers/*",),
    "httpx": ("providers/*",),
    "json5": ("cli/setup/merge.py",),
    "lsprotocol": ("server/*",),
    "pathspec": ("context/*",),
    "platformdirs": ("config/sources.py",),
    "pygls": ("server/*",),
    "rich": ("cli/*",),
    "tree_sitter": ("context/*",),
    "websockets": ("server/transport.py",),
    "yaml": ("cli/setup/yaml_text.py",),
}
"""The files that may import each package that is not of the standard library."""

HEAVY = (
    *(
        "httpx",
        "httpcore",
        "h2",
        "rich",
        "pygments",
        "pathspec",
        "platformdirs",
        "keyring",
        "websockets",
    ),
    *("tree_sitter", "cachetools", "tomllib", "yaml", "json5"),
    *(f"{PACKAGE}.app", f"{PACKAGE}.completion.engine", f"{PACKAGE}.refactor.engine"),
)
"""Not loaded before `initialize` has been answered."""


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, by its full name, and where the statement stands."""

    file: str
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


def _imports(path: Path) -> Iterator[Import]:
    """Every module that a file imports, wherever in it."""
    file = path.relative_to(FOLDER).as_posix()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} imports relatively"
            for alias in node.names:
                yield Import(file, node.lineno, _module(node.module or "", alias.name))


def _module(module: str, name: str) -> str:
    """`from package import module` imports that module, anything else what it is taken from."""
    inner = FOLDER.parent.joinpath(*module.split("."), name)
    is_module = inner.with_suffix(".py").exists() or (inner / "__init__.py").exists()
    return f"{module}.{name}" if module.split(".")[0] == PACKAGE and is_module else module


IMPORTS = [each for path in FILES for each in _imports(path)]


def _room(file: str) -> str:
    return file.partition("/")[0].removesuffix(".py")


def _is_allowed(each: Import) -> bool:
    room, (_, *inner) = _room(each.file), each.module.split(".")
    wanted = ".".join(inner)
    own = (room, f"{room}.*")
    # The package itself holds nothing but its version.
    return not wanted or any(fnmatchcase(wanted, may) for may in (*own, *ROOMS[room]))


def test_every_room_has_a_line_in_the_table() -> None:
    rooms = {_room(path.relative_to(FOLDER).as_posix()) for path in FILES} - {"__init__"}
    assert rooms == set(ROOMS)


def test_rooms_import_only_what_they_may() -> None:
    ours = [each for each in IMPORTS if each.module.split(".")[0] == PACKAGE]
    assert len(ours) > 100
    assert [str(each) for each in ours if not _is_allowed(each)] == []


def test_libraries_are_imported_only_where_they_belong() -> None:
    foreign = [each for each in IMPORTS if each.module.split(".")[0] not in _at_hand()]
    wrong = [
        str(each)
        for each in foreign
        if not any(
            fnmatchcase(each.file, file) for file in LIBRARIES.get(each.module.split(".")[0], ())
        )
    ]
    assert wrong == []


def _at_hand() -> set[str]:
    """What needs no line in the table."""
    return {*sys.stdlib_module_names, PACKAGE}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(ast.parse(text))


def test_every_filter_is_in_the_list() -> None:
    """A file whose function has its name is a filter; others in the folder are what filters use."""
    files = (FOLDER / "completion" / "filters").glob("*.py")
    written = {path.stem for path in files if path.stem in _names(path, ast.FunctionDef)}
    assert written == {each.__name__ for each in FILTERS}


def test_every_provider_is_in_the_registry() -> None:
    """A class called Provider is one, but for the protocols in `base.py`."""
    files = [path for path in (FOLDER / "providers").rglob("*.py") if path.name != "base.py"]
    classes = {name for path in files for name in _names(path, ast.ClassDef)}
    written = {name for name in classes if name.endswith("Provider")}
    endpoint = Endpoint(base_url="http://127.0.0.1:1")
    assert written == {type(spec.build_fim(endpoint)).__name__ for spec in PROVIDERS.values()}


def _names(path: Path, kind: type[ast.FunctionDef] | type[ast.ClassDef]) -> set[str]:
    """The names of what a file defines at its top level."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name for node in body if isinstance(node, kind)}


@pytest.mark.parametrize("module", ["server.server", "server.transport", "cli.main", "cli.serve"])
def test_serving_loads_nothing_heavy_at_its_start(module: str) -> None:
    code = (
        f"import sys, {PACKAGE}.{module}\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
