"""Who may import whom, held against the import statements of every module.

A room that is not in the table, or a package that no room may use, fails: the table is changed on
purpose or not at all.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from devstral_lsp.completion.filters import FILTERS
from devstral_lsp.languages import registry
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Endpoint

PACKAGE = "devstral_lsp"
FOLDER = Path(import_module(PACKAGE).__file__ or "").parent
FILES = sorted(FOLDER.rglob("*.py"))
MOST_LINES = 350

_REGISTRY = ("providers", "providers.base")
"""The providers' names and hosts, and the values they speak in: no HTTP client comes with these."""
_CORE = (
    *("text", "errors", "bounded_read", "characters", "path_names", "sensitive_paths"),
    *("programs", "languages.*", "languages", "leaks", "secrets.*", "config.*"),
)
_TRACE = "observability.trace"

ROOMS: dict[str, tuple[str, ...]] = {
    "text": (),
    "errors": (),
    "bounded_read": (),
    "characters": (),
    "programs": ("errors",),
    "path_names": ("characters",),
    "sensitive_paths": ("path_names",),
    "languages": (),
    "leaks": (),
    "secrets": (),
    "backoff": ("errors",),
    "observability": ("errors", "characters", "config.schema", "providers.base"),
    "daemon_thread": (),
    "config": (
        *("errors", "bounded_read", "characters", "languages", "programs"),
        *("observability.trace", *_REGISTRY),
    ),
    "providers": (
        *("errors", "bounded_read", "backoff", _TRACE, "secrets.*", "config.*"),
        "local.provider",
    ),
    "git": ("bounded_read",),
    "syntax": ("text", "languages", "languages.*"),
    "local": ("text", "languages", "secrets.*", "syntax.*", "config.*", "providers.base"),
    "context": (
        *("text", "bounded_read", "characters", "languages", "languages.*"),
        *("secrets.*", "config.*"),
        *("git.*", "syntax.*"),
    ),
    "completion": (
        *(*_CORE, "backoff", _TRACE, "syntax.*", "context.*"),
        *("providers.base", "providers.http.hooks"),
    ),
    "refactor": (*_CORE, _TRACE, "syntax.*", "context.*", "providers.base"),
    "endpoints": (
        *(*_CORE, *_REGISTRY, "refactor.types", "daemon_thread"),
        *("providers.fallback", "providers.redacted", "providers.fim.strategy_cache"),
    ),
    "doctor": (*_CORE, "providers", "providers.*", "daemon_thread", "endpoints.*"),
    "app": (
        *(*_CORE, "context.*", "providers", "providers.*", "completion.*", "local.*"),
        *("daemon_thread", "endpoints.*", "refactor.*"),
    ),
    "server": (
        *(*_CORE, *_REGISTRY, "observability.*", "daemon_thread", "completion.*", "refactor.*"),
        "app",
    ),
    "cli": (
        *(*_CORE, *_REGISTRY, "observability.*", "completion.*", "refactor.*", "app", "doctor.*"),
        *("endpoints.*", "server.*", "daemon_thread", "context.paths"),
    ),
    "jupyter": (),
    "__main__": ("cli.main",),
}
"""For each room what it may import of ours, besides itself; `x` is that module, `x.*` all in it."""

LIBRARIES: dict[str, tuple[str, ...]] = {
    "cachetools": ("completion/cache.py", "completion/source/parse_check.py"),
    "cattrs": ("server/*",),
    "h2": ("providers/http/*",),
    "httpcore": ("providers/http/*",),
    "httpx": ("providers/http/*",),
    "json5": ("cli/setup/config_merge.py",),
    "lsprotocol": ("server/*",),
    "platformdirs": ("config/readers.py",),
    "pygls": ("server/*",),
    "rich": ("cli/*",),
    "tree_sitter": ("syntax/*",),
    "websockets": ("server/websocket.py",),
    "yaml": ("cli/setup/yaml_settings.py",),
}
"""The files that may import each package that is not of the standard library."""

HEAVY = (
    *(
        "httpx",
        "httpcore",
        "h2",
        "rich",
        "pygments",
        "platformdirs",
        "keyring",
        "websockets",
    ),
    *("tree_sitter", "cachetools", "tomllib", "yaml", "json5"),
    f"{PACKAGE}.languages.python",
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


@cache
def _all_imports() -> Sequence[Import]:
    return [each for path in FILES for each in _imports(path)]


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
    ours = [each for each in _all_imports() if each.module.split(".")[0] == PACKAGE]
    assert len(ours) > 100
    assert [str(each) for each in ours if not _is_allowed(each)] == []


def test_libraries_are_imported_only_where_they_belong() -> None:
    foreign = [each for each in _all_imports() if each.module.split(".")[0] not in _at_hand()]
    wrong = [
        str(each)
        for each in foreign
        if not any(
            fnmatchcase(each.file, file) for file in LIBRARIES.get(each.module.split(".")[0], ())
        )
    ]
    assert wrong == []


_STARTS_A_PROCESS = re.compile(
    r"\bsubprocess\b|create_subprocess|\bos\.(?:system|popen|exec|spawn|posix_spawn|fork|startfile)|"
    r"\bpty\.|multiprocessing|ProcessPool|\bwebbrowser\b"
)


def test_one_module_starts_processes() -> None:
    starting = {
        path.relative_to(FOLDER).as_posix()
        for path in FILES
        if any(_STARTS_A_PROCESS.search(name) for name in _names_used(path))
    }
    assert starting == {"programs.py"}


def _names_used(path: Path) -> Iterator[str]:
    """Modules that a file imports, and what it reads of a name, as `os.system`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield ast.unparse(node)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def _at_hand() -> set[str]:
    """What needs no line in the table."""
    return {*sys.stdlib_module_names, PACKAGE}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(ast.parse(text))


_READS = {
    ("cli/cursor_argument.py", "open"): "the document that the user names",
    ("cli/main.py", "os.open"): "the null device",
    ("cli/setup/editors.py", "read_bytes"): "our package",
    ("cli/setup/editors.py", "read_text"): "our package",
    ("cli/setup/editors.py", "rglob"): "our package",
    ("cli/setup/file_transaction.py", "glob"): "our own backups",
    ("cli/setup/file_transaction.py", "read_bytes"): "our own backups",
    ("cli/setup/file_transaction.py", "read_text"): "our own backups",
    ("config/misnamed.py", "os.scandir"): "the names in the folder of the user file",
    ("syntax/tree.py", "walk"): "a syntax tree",
    ("git/files.py", "os.open"): "objects and packs, which are read in pieces, by the same rules",
    ("git/files.py", "os.scandir"): "a folder of packs or references, bounded there",
    ("git/ownership.py", "open"): "the user's own git configuration",
    ("git/staged.py", "walk"): "the comparison's own method",
    ("observability/log.py", "os.open"): "our own log",
    ("providers/fim/strategy_cache.py", "open"): "our own cache",
    ("providers/fim/strategy_cache.py", "os.scandir"): "our own cache",
    ("server/stdio.py", "os.open"): "the null device",
    ("server/unix_socket.py", "os.open"): "the folder of the socket, to lock it",
}
"""What is read without `bounded_read.py`, and what it is."""
_OF_PATHS = frozenset({"read_text", "read_bytes", "glob", "rglob", "iterdir", "walk"})
_OF_OS = frozenset({"open", "listdir", "scandir", "walk", "popen"})
_MODES = re.compile(r"[rwaxbt+]{1,3}")


def _reads(path: Path) -> Iterator[str]:
    """The calls in a file that open or list something on the disk."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and (name := _read_by(node)):
            yield name


def _read_by(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return "open" if call.func.id == "open" else ""
    if not isinstance(call.func, ast.Attribute):
        return ""
    name, owner = call.func.attr, call.func.value
    module = owner.id if isinstance(owner, ast.Name) else ""
    if module in ("os", "io", "codecs"):
        return f"{module}.{name}" if name in _OF_OS else ""
    modes = [each.value for each in call.args if isinstance(each, ast.Constant)]
    is_open = name == "open" and any(_MODES.fullmatch(str(each)) for each in modes)
    return name if name in _OF_PATHS or is_open else ""


def test_what_the_user_did_not_open_is_read_by_the_bounded_reader() -> None:
    files = [path for path in FILES if path.name != "bounded_read.py"]
    found = {(path.relative_to(FOLDER).as_posix(), call) for path in files for call in _reads(path)}
    assert found == set(_READS)


PRINTING = frozenset({"cli/terminal.py", "cli/console.py", "config/markdown_table.py"})
"""The files through which all goes that a user reads in a terminal, and a script of ours."""


@pytest.mark.parametrize(
    "path",
    [
        each
        for each in FILES
        if not each.is_relative_to(FOLDER / "server")
        and each.relative_to(FOLDER).as_posix() not in PRINTING
    ],
    ids=lambda path: path.relative_to(FOLDER).as_posix(),
)
def test_a_command_prints_through_the_terminal_alone(path: Path) -> None:
    """What is printed past it may drive the terminal that it is shown in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [node.lineno for node in ast.walk(tree) if _prints(node)] == []


def _prints(node: ast.AST) -> bool:
    """Whether a call writes to standard output or error."""
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    streams = ("sys.stdout.", "sys.stderr.", "sys.__stdout__.", "sys.__stderr__.")
    writes = called.startswith(streams) and called.rpartition(".")[2] in ("write", "writelines")
    return writes or called in ("print", "input", "os.write")


def test_what_rich_draws_goes_through_one_console() -> None:
    silent = ("rich.markdown", "rich.syntax", "rich.table", "rich.text")
    drawing = [each for each in _all_imports() if each.module.split(".")[0] == "rich"]
    wrong = [each for each in drawing if each.module not in silent]
    assert wrong
    assert {each.file for each in wrong} == {"cli/console.py"}


def test_messages_are_sent_where_links_and_hidden_characters_are_taken_out() -> None:
    sending = ("ShowMessageParams(", "LogMessageParams(", "window_show_message", "window_log_mess")
    texts = {path: path.read_text(encoding="utf-8") for path in FILES}
    senders = {path.name for path, text in texts.items() if any(each in text for each in sending)}
    assert senders == {"user_messages.py"}


_OTHER_MEANINGS = {
    "cli/init.py": "the format of a settings file",
    "cli/report.py": "a key of the JSON output",
    "cli/setup/config_merge.py": "the format of a settings file",
    "cli/setup/editors.py": "the format of a settings file",
    "config/nearest.py": "a word of file names",
    "doctor/checks.py": "the sample that an endpoint completes",
    "doctor/fim_check.py": "the sample that an endpoint completes",
    "jupyter.py": "names of JupyterLab, in a module that imports nothing",
    "providers/http/client.py": "a content type",
    "providers/http/error_body.py": "a content type",
    "providers/ollama_chat.py": "a value of Ollama's API",
    "refactor/images.py": "with ids of documents that have no file of their own: mdx, vue",
    "refactor/reply_envelope.py": "a key of a reply",
    "refactor/reply_format.py": "a key of a reply",
    "refactor/types.py": "a kind of reply",
    "secrets/named.py": "a word of names",
}
"""Files with a string that is also a language id, and what it is there."""
_LANGUAGE_TABLES = {
    "completion/cursor_position.py": "the one language whose blocks are tried out",
    "completion/filters/cut_prose.py": "documents in which introductory sentences are content",
    "completion/filters/fences.py": "documents in which a fence is content",
    "completion/source/columns.py": "documents in which indentation is content",
    "completion/source/parse_check.py": "what was measured to parse piece by piece, by id",
    "context/import_resolution.py": "the functions that find files, which look at the disk",
    "context/similar_code.py": "languages that are compared as one",
    "context/workspace_files.py": "files that continue no code",
}
"""Tables by language that stand outside of `languages/`, and what for."""


def test_language_ids_stand_only_in_their_own_room() -> None:
    """What differs between languages is a field of `Language`, not a comparison of ids."""
    known = {alias for each in registry().languages for alias in each.aliases} | registry().ids
    found = {
        path.relative_to(FOLDER).as_posix()
        for path in FILES
        if path.parent.name != "languages" and known & _strings(path)
    }
    assert found == {*_OTHER_MEANINGS, *_LANGUAGE_TABLES}


def _strings(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    constants = (each.value for each in nodes if isinstance(each, ast.Constant))
    return {each for each in constants if isinstance(each, str)}


def test_every_language_is_in_the_registry() -> None:
    files = {path.stem for path in (FOLDER / "languages").glob("*.py")}
    assert files - {"__init__", "language"} == {each.name for each in registry().languages}


def test_every_filter_is_in_the_list() -> None:
    """A file whose function has its name is a filter; others in the folder are what filters use."""
    files = (FOLDER / "completion" / "filters").glob("*.py")
    written = {path.stem for path in files if path.stem in _names(path, ast.FunctionDef)}
    assert written == {each.__name__ for each in FILTERS}


def test_every_provider_is_in_the_registry() -> None:
    """A class called Provider is one, but for the protocols and those made of other providers."""
    not_vendors = ("base.py", "composite.py", "fallback.py")
    rooms = [*(FOLDER / "providers").rglob("*.py"), *(FOLDER / "local").glob("*.py")]
    files = [path for path in rooms if path.name not in not_vendors]
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
