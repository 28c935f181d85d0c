"""Who may import whom, held against the import statements of every module.

A room that is not in the table, or a package that no room may use, fails: the table is changed on
purpose or not at all.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest

from devstral_lsp.completion.filters import FILTERS
from devstral_lsp.languages import registry

PACKAGE = "devstral_lsp"
FOLDER = Path(import_module(PACKAGE).__file__ or "").parent
FILES = sorted(FOLDER.rglob("*.py"))
MAX_LINES = 350

_REGISTRY = ("providers", "providers.base", "providers.metering")
"""The providers' names and hosts, and the values they speak in: no HTTP client comes with these."""
_CORE = (
    *("text", "errors", "bounded_read", "characters", "paths.*"),
    *("programs", "languages.*", "languages", "secrets.*", "config.*"),
)
_TRACE = "observability.trace"

ROOMS: dict[str, tuple[str, ...]] = {
    "text": (),
    "errors": (),
    "bounded_read": (),
    "characters": (),
    "programs": ("errors",),
    "paths": ("characters",),
    "languages": (),
    "secrets": (),
    "observability": (
        *("errors", "characters", "secrets.key_like", "config.schema", "providers.base"),
    ),
    "daemon_thread": (),
    "config": (
        *("errors", "bounded_read", "characters", "languages", "programs"),
        *("observability.trace", "secrets.key_like", *_REGISTRY),
    ),
    "providers": (
        *("errors", "bounded_read", _TRACE, "secrets.*", "config.*"),
        "local.provider",
    ),
    "usage": (
        *("errors", _TRACE, "text", "config.*", "daemon_thread", "providers.base"),
        *("providers.metering", "providers.backoff"),
    ),
    "git": ("bounded_read", "edits.patience_diff"),
    "syntax": ("text", "languages", "languages.*"),
    "edits": (
        *("text", "errors", "characters", "languages.*", "languages", "config.*"),
        *("secrets.*", "syntax.*", "providers.control_tokens"),
    ),
    "local": (
        *("text", "languages", "secrets.*", "syntax.*", "config.*"),
        *("providers.base", "providers.metering"),
    ),
    "context": (
        *("text", "bounded_read", "characters", "languages", "languages.*"),
        *("secrets.*", "config.*", _TRACE),
        *("git.*", "syntax.*"),
    ),
    "completion": (
        *(*_CORE, _TRACE, "syntax.*", "context.*", "providers.backoff", "providers.base"),
        *("providers.control_tokens", "providers.metering"),
    ),
    "next_edit": ("text", "languages", "languages.indentation", "edits.*", "syntax.*"),
    "refactor": (
        *(*_CORE, _TRACE, "syntax.*", "context.*", "edits.*", "providers.base"),
        *("providers.control_tokens", "providers.metering"),
    ),
    "endpoints": (
        *(*_CORE, *_REGISTRY, "refactor.types", "daemon_thread"),
        *("providers.fallback", "providers.redacted", "providers.fim.strategy_cache"),
    ),
    "doctor": (*(*_CORE, "providers", "providers.*", "daemon_thread", "endpoints.*", "usage.*"),),
    "app": (
        *(*_CORE, "context.*", "providers", "providers.*", "completion.*", "local.*"),
        *(_TRACE, "usage.*", "next_edit.engine"),
        *("daemon_thread", "endpoints.*", "refactor.*"),
    ),
    "server": (
        *(*_CORE, *_REGISTRY, "observability.*", "daemon_thread", "completion.*", "refactor.*"),
        *("app", "doctor.*", "edits.*", "context.members.editor", "next_edit.proposal"),
    ),
    "cli": (
        *(*_CORE, *_REGISTRY, "observability.*", "completion.*", "refactor.*", "app", "doctor.*"),
        *("endpoints.*", "server.*", "daemon_thread", "context.paths", "edits.*", "usage.*"),
    ),
    "__main__": ("cli.main",),
}
"""For each room what it may import of ours, besides itself; `x` is that module, `x.*` all in it."""

LIBRARIES: dict[str, tuple[str, ...]] = {
    "anyio": ("providers/http/cancellation.py",),
    "cachetools": ("completion/cache.py", "completion/source/parsing.py"),
    "cattrs": ("server/*",),
    "h2": ("providers/http/cancellation.py",),
    "httpcore": ("providers/http/cancellation.py",),
    "httpx": ("providers/http/*",),
    "json5": ("cli/setup/config_merge.py",),
    "lsprotocol": ("server/*",),
    "opentelemetry": ("usage/spans.py",),
    "platformdirs": ("config/readers.py",),
    "pygls": ("server/*",),
    "rich": ("cli/*",),
    "tree_sitter": (
        *("syntax/*", "completion/extent/*", "completion/sensible.py"),
        *("context/members/bindings.py", "context/members/reading.py"),
    ),
    "websockets": ("server/websocket.py",),
    "yaml": ("cli/setup/import_settings.py", "languages/yaml.py"),
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
        "opentelemetry",
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


@cache
def _tree(path: Path) -> ast.Module:
    """The syntax tree of a file, which many tests look at."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _nodes(path: Path) -> Sequence[ast.AST]:
    """All nodes of a file's tree."""
    return tuple(ast.walk(_tree(path)))


def _file(path: Path) -> str:
    """How a file is named in the tables of this module."""
    return path.relative_to(FOLDER).as_posix()


def _imports(path: Path) -> Iterator[Import]:
    """Every module that a file imports, wherever in it."""
    file = _file(path)
    for node in _nodes(path):
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
    rooms = {_room(_file(path)) for path in FILES} - {"__init__"}
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
        _file(path)
        for path in FILES
        if any(_STARTS_A_PROCESS.search(name) for name in _names_used(path))
    }
    assert starting == {"programs.py"}


def _names_used(path: Path) -> Iterator[str]:
    """Modules that a file imports, and what it reads of a name, as `os.system`."""
    for node in _nodes(path):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield ast.unparse(node)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def _at_hand() -> set[str]:
    """What needs no line in the table."""
    return {*sys.stdlib_module_names, PACKAGE}


def test_a_module_is_short_and_says_what_it_is_for() -> None:
    lines = {_file(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {file: count for file, count in lines.items() if count > MAX_LINES} == {}
    assert [_file(path) for path in FILES if not ast.get_docstring(_tree(path))] == []


_READS = {
    ("cli/main.py", "os.open"): "the null device",
    ("server/why_socket.py", "glob"): "our own sockets",
    ("cli/setup/editors.py", "read_bytes"): "our package",
    ("cli/setup/editors.py", "read_text"): "our package",
    ("cli/setup/editors.py", "rglob"): "our package",
    ("cli/setup/file_transaction.py", "glob"): "our own backups",
    ("cli/setup/file_transaction.py", "read_bytes"): "our own backups",
    ("cli/setup/file_transaction.py", "read_text"): "our own backups",
    ("config/readers.py", "os.scandir"): "the names in the folder of the user file",
    ("completion/extent/nodes.py", "walk"): "a syntax tree",
    ("syntax/tree.py", "walk"): "a syntax tree",
    ("git/files.py", "os.open"): "objects and packs, which are read in pieces, by the same rules",
    ("git/files.py", "os.scandir"): "a folder of packs or references, bounded there",
    ("git/ownership.py", "open"): "the user's own git configuration",
    ("git/staged.py", "walk"): "the comparison's own method",
    ("observability/log.py", "os.open"): "our own log",
    ("providers/fim/strategy_cache.py", "open"): "our own cache",
    ("providers/fim/strategy_cache.py", "os.scandir"): "our own cache",
    ("server/stdio.py", "os.open"): "the null device",
    ("usage/page/__init__.py", "read_text"): "our package",
    ("server/unix_socket.py", "os.open"): "the folder of the socket, to lock it",
}
"""What is read without `bounded_read.py`, and what it is."""
_OF_PATHS = frozenset({"read_text", "read_bytes", "glob", "rglob", "iterdir", "walk"})
_OF_OS = frozenset({"open", "listdir", "scandir", "walk", "popen"})
_MODES = re.compile(r"[rwaxbt+]{1,3}")


def _reads(path: Path) -> Iterator[str]:
    """The calls in a file that open or list something on the disk."""
    for node in _nodes(path):
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
    found = {(_file(path), call) for path in files for call in _reads(path)}
    assert found == set(_READS)


_INSIDES = ("pygls", "lsprotocol", "httpx", "httpcore")
"""Libraries whose private members change between versions, and were used here once."""


def test_no_private_member_of_a_library_is_read() -> None:
    """A private attribute is read where it is written: in the file of its own class."""
    using = [path for path in FILES if any(_root(each.module) in _INSIDES for each in _of(path))]
    assert len(using) > 10
    assert [each for path in using for each in _foreign_privates(path)] == []


def test_one_adapter_at_most_redefines_private_members_of_a_library() -> None:
    """Elsewhere a subclass neither overrides what its library keeps private, nor uses it."""
    clashes = {
        _file(path): f"{ours.__name__}.{name} of {theirs.__module__}"
        for path in FILES
        if any(_root(each.module) in _INSIDES for each in _of(path))
        for ours in _classes(path)
        for theirs in ours.__mro__
        if _root(theirs.__module__) in _INSIDES
        for name in _privates(ours) & _privates(theirs)
    }
    adapters = {file for file in clashes if file.startswith("providers/http/")}
    assert set(clashes) == adapters, clashes
    assert len(adapters) <= 1, clashes


def _root(module: str) -> str:
    return module.partition(".")[0]


def _of(path: Path) -> Sequence[Import]:
    file = _file(path)
    return [each for each in _all_imports() if each.file == file]


def _foreign_privates(path: Path) -> Iterator[str]:
    """Where a file reads a private name that it does not define."""
    defined = _defined(_nodes(path))
    for node in _nodes(path):
        if isinstance(node, ast.ImportFrom) and _root(node.module or "") in _INSIDES:
            names = [alias.name for alias in node.names if _is_private(alias.name)]
        elif isinstance(node, ast.Attribute) and _is_private(node.attr):
            is_own = ast.unparse(node.value) in ("self", "cls") or node.attr in defined
            names = [] if is_own else [node.attr]
        else:
            continue
        yield from (f"{path.relative_to(FOLDER)}:{node.lineno} reads {name}" for name in names)


def _defined(nodes: Sequence[ast.AST]) -> set[str]:
    """The names of functions and classes, of variables, and of attributes of `self`."""
    functions = {
        node.name
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    stored = [
        node
        for node in nodes
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]
    variables = {node.id for node in stored if isinstance(node, ast.Name)}
    own = {
        node.attr
        for node in stored
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self"
    }
    return functions | variables | own


def _classes(path: Path) -> Iterator[type]:
    """The classes that a file defines."""
    inner = path.relative_to(FOLDER).with_suffix("").parts
    module = import_module(".".join((PACKAGE, *inner)).removesuffix(".__init__"))
    found = (each for each in vars(module).values() if isinstance(each, type))
    return (each for each in found if each.__module__ == module.__name__)


def _privates(a_class: type) -> set[str]:
    """The private names that a class defines, or that its methods read and write."""
    members = vars(a_class).values()
    codes = [each.__code__ for each in members if isinstance(each, FunctionType)]
    used = {name for code in codes for name in code.co_names}
    return {name for name in {*used, *vars(a_class)} if _is_private(name)}


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


PRINTING = frozenset({"cli/terminal.py", "cli/console.py", "observability/log.py"})
"""The files through which all goes that a user reads in a terminal."""


def test_a_command_prints_through_the_terminal_alone() -> None:
    """What is printed past it may drive the terminal that it is shown in."""
    files = [path for path in FILES if _room(_file(path)) != "server"]
    printing = {_file(path) for path in files if any(map(_prints, _nodes(path)))}
    assert printing - PRINTING == set()


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
    "cli/setup/jupyter.py": "names of JupyterLab",
    "config/nearest.py": "a word of file names",
    "doctor/checks.py": "the sample that an endpoint completes",
    "doctor/fim_check.py": "the sample that an endpoint completes",
    "providers/http/error_reply.py": "a content type",
    "providers/http/response.py": "a content type",
    "providers/ollama.py": "a value of Ollama's API",
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
    "completion/source/fences.py": "documents in which a fence is content",
    "completion/source/columns.py": "documents in which indentation is content",
    "completion/extent/ground.py": "what a window that begins in a class is put into",
    "completion/extent/nodes.py": "the one grammar whose statements hold their own ends",
    "completion/extent/unit.py": "what a unit may lead on to, by language",
    "completion/filters/add_missing_blank.py": "documents in which a blank is content",
    "completion/filters/drop_leading_newline.py": "what may begin on the next line",
    "completion/source/parsing.py": "what was measured to parse piece by piece, by id",
    "context/import_resolution.py": "the functions that find files, which look at the disk",
    **{
        f"context/members/{name}.py": "how a language names its modules, types and receivers"
        for name in (
            *("answers", "bindings", "importing", "installed", "library", "modules", "needs"),
            "parsing",
            *("pieces", "queries", "reading", "resolver", "sketch", "stores", "usages"),
        )
    },
    "context/similar_code.py": "languages that are compared as one",
    "context/workspace_files.py": "files that continue no code",
}
"""Tables by language that stand outside of `languages/`, and what for."""


def test_language_ids_stand_only_in_their_own_room() -> None:
    """What differs between languages is a field of `Language`, not a comparison of ids."""
    known = {alias for each in registry().languages for alias in each.aliases} | registry().ids
    found = {
        _file(path) for path in FILES if path.parent.name != "languages" and known & _strings(path)
    }
    assert found == {*_OTHER_MEANINGS, *_LANGUAGE_TABLES}


def _strings(path: Path) -> set[str]:
    constants = (each.value for each in _nodes(path) if isinstance(each, ast.Constant))
    return {each for each in constants if isinstance(each, str)}


def test_every_language_is_in_the_registry() -> None:
    files = {path.stem for path in (FOLDER / "languages").glob("*.py")}
    assert files - {"__init__", "indentation", "language", "tokens"} == {
        each.name for each in registry().languages
    }


def test_every_filter_is_in_the_list() -> None:
    """A file whose function has its name is a filter; others in the folder are what filters use."""
    files = (FOLDER / "completion" / "filters").glob("*.py")
    written = {path.stem for path in files if path.stem in _names(path, ast.FunctionDef)}
    assert written == {each.__name__ for each in FILTERS}


def test_every_provider_is_in_the_registry() -> None:
    """A module that has a function `build` holds a provider: a row names it."""
    files = (FOLDER / "providers").glob("*.py")
    written = {path.stem for path in files if "build" in _names(path, ast.FunctionDef)}
    assert written
    assert written <= _strings(FOLDER / "providers" / "__init__.py")


def test_the_trace_is_the_only_context_variable() -> None:
    """What a call needs is passed to it; only logging may reach around its callers."""
    using = {path.name for path in FILES if "ContextVar(" in path.read_text(encoding="utf-8")}
    assert using == {"trace.py"}


def _names(path: Path, kind: type[ast.FunctionDef] | type[ast.ClassDef]) -> set[str]:
    """The names of what a file defines at its top level."""
    return {node.name for node in _tree(path).body if isinstance(node, kind)}


@pytest.mark.parametrize("module", ["server.server", "server.transport", "cli.main", "cli.serve"])
def test_serving_loads_nothing_heavy_at_its_start(module: str) -> None:
    code = (
        f"import sys, {PACKAGE}.{module}\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_no_class_name_has_two_meanings() -> None:
    """One word for a thing, and one thing for a word."""
    counted = Counter(name for path in FILES for name in _names(path, ast.ClassDef))
    assert [name for name, count in counted.items() if count > 1] == []


def test_no_module_leads_back_to_itself_by_what_it_imports() -> None:
    """Imports for the type checker alone count, and so do those within functions."""
    leads = {path: _imported_files(path) for path in FILES}
    assert len(leads) > 100
    while leads:
        free = [path for path, wanted in leads.items() if not wanted & leads.keys()]
        assert free, sorted(_file(path) for path in leads)
        for path in free:
            del leads[path]


def _imported_files(path: Path) -> set[Path]:
    """The modules of the package that a module imports, wherever in it."""
    files = [FOLDER.parent.joinpath(*each.module.split(".")) for each in _of(path)]
    return {each.with_suffix(".py") for each in files} | {each / "__init__.py" for each in files}
