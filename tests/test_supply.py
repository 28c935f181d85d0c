"""What is installed is what the lock files name, by hash; and nothing is fetched after that."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
LOWEST = ".ci/locks/lowest.lock"
LOCKS = {
    "requirements.lock": PYPROJECT["project"]["dependencies"],
    ".ci/locks/build.lock": PYPROJECT["build-system"]["requires"],
    **{f".ci/locks/{extra}.lock": needed for extra, needed in EXTRAS.items()},
}
"""Each lock file, and what of pyproject.toml it is for."""

_PIN = re.compile(r"([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9, ._-]+\])?==([^\s;]+)(?: ; ([^\\]+))? \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a lock file."""

    name: str
    version: str
    hashes: int


def pins(lock: str) -> dict[str, Pin]:
    """The packages of a lock file by name. Raises AssertionError for a line of any other kind."""
    found: dict[str, Pin] = {}
    name = ""
    for line in (PROJECT / lock).read_text(encoding="utf-8").splitlines()[1:]:
        if _HASH.fullmatch(line):
            found[name] = Pin(name, found[name].version, found[name].hashes + 1)
            continue
        match = _PIN.fullmatch(line)
        assert match, f"{lock}: {line}"
        name = match[1]
        assert name not in found, name
        found[name] = Pin(name, match[2], 0)
    return found


@pytest.mark.parametrize("lock", [*LOCKS, LOWEST])
def test_every_package_is_pinned_with_hashes(lock: str) -> None:
    locked = pins(lock)
    assert locked
    assert [each.name for each in locked.values() if not each.hashes] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_it_holds_what_pyproject_asks_for_in_a_version_that_will_do(lock: str) -> None:
    """If this fails, run `python3 .ci/lock.py` and `.venv/bin/python .ci/licences.py`."""
    # An extra is installed beside the main lock, which may hold what it asks for; the build is not.
    beside = {} if lock.endswith("build.lock") else pins("requirements.lock")
    locked = {**beside, **pins(lock)}
    wanted = [Requirement(each) for each in LOCKS[lock]]
    missing = [each.name for each in wanted if canonicalize_name(each.name) not in locked]
    assert missing == []
    unfit = [
        str(each)
        for each in wanted
        if not each.specifier.contains(locked[canonicalize_name(each.name)].version, True)
    ]
    assert unfit == []


@pytest.mark.parametrize("extra", ["", "otel", "dev"])
def test_the_lowest_versions_are_those_that_pyproject_admits(extra: str) -> None:
    """If a lowest version does not work, raise the bound; `python3 .ci/lock.py` does the rest."""
    locked = pins(LOWEST)
    for each in map(Requirement, EXTRAS[extra] if extra else PYPROJECT["project"]["dependencies"]):
        (bound,) = (Version(it.version) for it in each.specifier if it.operator == ">=")
        found = Version(locked[canonicalize_name(each.name)].version)
        assert found.release[: len(bound.release)] == bound.release, each


def test_it_holds_all_that_these_need_in_turn() -> None:
    """By the metadata of what is installed: pip would refuse what comes without a hash."""
    needed: set[str] = set()
    _collect(PYPROJECT["project"]["dependencies"], needed)
    assert needed - set(pins("requirements.lock")) == set()


def _collect(requirements: list[str], into: set[str]) -> None:
    for each in map(Requirement, requirements):
        name = canonicalize_name(each.name)
        extras = each.extras or {""}
        if not any(each.marker is None or each.marker.evaluate({"extra": e}) for e in extras):
            continue
        is_new = name not in into
        into.add(name)
        if is_new or each.extras:
            _collect(list(_needs_of(name, each.extras)), into)


def _needs_of(name: str, extras: set[str]) -> Iterator[str]:
    for text in metadata.requires(name) or []:
        marker = Requirement(text).marker
        if marker is None or any(marker.evaluate({"extra": e}) for e in ("", *extras)):
            yield text.partition(";")[0]


def test_versions_are_the_same_in_all_lock_files() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for pin in pins(lock).values():
            versions.setdefault(pin.name, set()).add(pin.version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_what_the_tests_run_with_is_what_is_locked() -> None:
    wrong = {
        pin.name: metadata.version(pin.name)
        for pin in pins("requirements.lock").values()
        if metadata.version(pin.name) != pin.version
    }
    assert wrong == {}


@pytest.mark.parametrize("command", ["show", "test"])
def test_the_commands_of_the_readme_install_nothing_without_its_hash(command: str) -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    block = text.partition(f"<!-- command:{command} -->\n```sh\n")[2].partition("```")[0]
    installs = [each for each in block.replace("\\\n", " ").split("&&") if "pip install" in each]
    assert len(installs) == 2
    assert all(_is_checked(each) for each in installs)


def test_the_suites_install_nothing_for_users_without_its_hash() -> None:
    text = "".join((PROJECT / ".ci" / name).read_text("utf-8") for name in ("run", "versions"))
    installs = re.findall(r"^.*\bpip\b.* (?:install|wheel) .*$", text, re.MULTILINE)
    assert len(installs) >= 5
    assert [each for each in installs if not _is_checked(each)] == []


def _is_checked(command: str) -> bool:
    """Whether an index is asked for nothing but what has hashes."""
    builds_here = "--no-build-isolation" in command or command.rstrip().endswith(".whl")
    return "--require-hashes" in command or ("--no-deps" in command and builds_here)


def test_the_licences_are_listed_and_let_us_depend_on_them() -> None:
    command = (sys.executable, str(PROJECT / ".ci" / "licences.py"), "--check")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


PACKAGE = sorted((PROJECT / "devstral_lsp").rglob("*.py"))
FETCHERS = ("pip", "ensurepip", "urllib.request", "http.client", "ftplib", "xmlrpc", "venv")
"""Modules that could bring code from elsewhere. `httpx` speaks to the endpoints; that it is used
only there is held by test_architecture.py."""
FETCHES_NOTHING = ("urllib.request.getproxies",)
"""Reads variables and the system's settings."""


def test_the_package_imports_nothing_that_fetches() -> None:
    found = [
        f"{path.relative_to(PROJECT)}:{node.lineno}"
        for path in PACKAGE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
        if any(f"{name}.".startswith(f"{each}.") for each in FETCHERS)
        and name not in FETCHES_NOTHING
    ]
    assert found == []


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def test_the_package_runs_no_text_as_code() -> None:
    """What came over the network could not be run, if it were ever kept."""
    found = {
        str(path.relative_to(PROJECT)): words
        for path in PACKAGE
        if (words := _calls_of(path, {"exec", "eval", "__import__"}))
    }
    assert found == {}


def _calls_of(path: Path, names: set[str]) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [func.id for func in calls if isinstance(func, ast.Name) and func.id in names]


EDITORS = ("nvim", "emacs", "helix", "others", "vscode")
WRITTEN_BY_TOOLS = ("node_modules", "out", "server", "package-lock.json")
DOWNLOAD = re.compile(
    r"\b(?:curl|wget|git clone|npm (?:i|ci|install)|npx|package-install|package-vc-install)\b"
    r"|url-(?:copy-file|retrieve)|vim\.net|luarocks|\bfetch\(|node:https?|XMLHttpRequest"
    r"|require\(['\"]https?['\"]\)|Invoke-WebRequest"
)


@pytest.mark.parametrize("editor", EDITORS)
def test_what_runs_in_an_editor_downloads_nothing(editor: str) -> None:
    files = [
        path
        for path in (PROJECT / "editors" / editor).rglob("*")
        if path.suffix in {".lua", ".el", ".ts", ".vim", ".kak", ".json", ".toml", ".mjs"}
        and not any(part in WRITTEN_BY_TOOLS for part in path.parts)
    ]
    assert files
    found = {
        str(path.relative_to(PROJECT)): match[0]
        for path in files
        if (match := DOWNLOAD.search(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_vs_code_installs_what_was_checked_only() -> None:
    """The extension is the one that installs anything, when its user says so. Each command asks an
    index only for what has a hash, or for nothing."""
    text = (PROJECT / "editors" / "vscode" / "src" / "server.ts").read_text(encoding="utf-8")
    body = text.partition("async function waysToInstall")[2].partition("\n}\n")[0]
    commands = re.findall(
        r"^ *(?:commands: )?\[(?:uv|pipx|\.\.\.pip|python|inside)\b.*\],$", body, re.M
    )
    assert len(commands) == 6
    for command in commands:
        assert re.search(
            r'"--require-hashes", "-r", lock|"--offline"|"--no-deps", wheel|"venv"', command
        ), command
    (pipx,) = re.findall(r"const command = \[pipx.*\];", body)
    assert "checked, addressWithHash(wheel)" in pipx
    assert "const checked = `--pip-args=--constraint ${pathToFileURL(lock).href}`;" in body


def test_the_lock_goes_along_with_the_extension() -> None:
    vscode = PROJECT / "editors" / "vscode"
    assert "!server/requirements.lock" in (vscode / ".vscodeignore").read_text(encoding="utf-8")
    assert '"--require-hashes", "-r", builders' in (vscode / "bundle.mjs").read_text("utf-8")
