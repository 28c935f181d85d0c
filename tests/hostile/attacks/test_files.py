"""Files of a clone that are read without being opened: none of them hangs, floods or leads out."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp.context.ignore_files import ASSISTANTS
from tests.hostile.attacks.session import ENDS_WITHIN_S, MAX_MB, Session
from tests.support import replies
from tests.support.answers import Answer
from tests.support.fake_mistral import FakeMistral
from tests.support.worst_repository import CODE, FOLDERS_OF_STARS, MANY_SECTIONS, STARS, lay_worst

StartSession = Callable[..., Awaitable[Session]]
Make = Callable[[Path], object]

SECRET = "the_neighbours_diary"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "app.py").write_text(CODE)
    (tmp_path / "outside.py").write_text(f"def helper():\n    return '{SECRET}'\n")
    return folder


@pytest.fixture
async def open_clone(
    environ: dict[str, str], mistral: FakeMistral, clone: Path
) -> AsyncIterator[StartSession]:
    """Opens the clone in an editor."""
    started: list[Session] = []

    async def begin(**variables: str) -> Session:
        started.append(await Session.start(environ, mistral, clone, **variables))
        return started[-1]

    yield begin
    for session in started:
        await session.stop()


async def typing_goes_on(session: Session, name: str = "app.py", language: str = "python") -> None:
    """A completion comes, and the process ends when it is told to, having held little."""
    uri = session.open(name, CODE, language)
    assert await session.complete(uri)
    session.type(uri, "return ")
    await session.complete(uri)
    await ends(session)


async def ends(session: Session) -> None:
    assert session.peak_mb < MAX_MB
    assert await session.leave() < ENDS_WITHIN_S


def asked(mistral: FakeMistral) -> str:
    """All that was sent to the endpoint."""
    return "".join(str(each.body) for each in mistral.received)


def _socket(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"/proc/self/fd/{folder}/{path.name}")
    os.close(folder)


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 10_000_000_000)


def _loop(path: Path) -> None:
    other = path.with_name(f"{path.name}-other-end")
    other.symlink_to(path)
    path.symlink_to(other)


KINDS: dict[str, Make] = {
    "a FIFO": os.mkfifo,
    "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
    "a link to a terminal": lambda path: path.symlink_to("/dev/tty"),
    "a link to our own input": lambda path: path.symlink_to("/proc/self/fd/0"),
    "10 GB of nothing": _sparse,
    "a loop of links": _loop,
    "a socket": _socket,
}
READ_AT_A_KEY = (
    *(".gitignore", ".git", ".git/info/exclude", "mod.py", "mod", "other.py", "go.mod", "other.go"),
)
"""What is read around a document in which somebody types."""


def put(clone: Path, name: str, make: Make) -> None:
    path = clone / name
    path.parent.mkdir(parents=True, exist_ok=True)
    make(path)


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("name", [".gitignore", "mod.py", ".git/info/exclude"])
async def test_what_is_no_file_in_the_place_of_one(
    open_clone: StartSession, clone: Path, make: Make, name: str
) -> None:
    """Each kind of thing that would be read for ever, where a file is read at each key."""
    put(clone, name, make)
    await typing_goes_on(await open_clone())


@pytest.mark.parametrize("name", READ_AT_A_KEY)
async def test_a_fifo_in_every_place(open_clone: StartSession, clone: Path, name: str) -> None:
    put(clone, name, os.mkfifo)
    await typing_goes_on(await open_clone())


@pytest.mark.parametrize("name", ["go.mod", "other.go", "lib"])
async def test_a_fifo_beside_a_go_file(open_clone: StartSession, clone: Path, name: str) -> None:
    put(clone, name, os.mkfifo)
    await typing_goes_on(await open_clone(), "app.go", "go")


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
async def test_the_project_file_is_none(open_clone: StartSession, clone: Path, make: Make) -> None:
    """Whatever its settings would have been: the server answers, and ends."""
    put(clone, ".devstral.toml", make)
    session = await open_clone()
    await session.complete(session.open("app.py", CODE))
    await ends(session)


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
async def test_an_assistants_ignore_file_is_none(
    open_clone: StartSession, clone: Path, mistral: FakeMistral, make: Make
) -> None:
    """One that is there and cannot be read keeps everything back; what is no file, nothing."""
    put(clone, ".aiignore", make)
    is_file = (clone / ".aiignore").is_symlink() or (clone / ".aiignore").is_file()
    session = await open_clone()
    assert bool(await session.complete(session.open("app.py", CODE))) is not is_file
    assert bool(mistral.completions) is not is_file
    assert any(".aiignore cannot be read" in each for each in session.told) is is_file
    await ends(session)


READ_FOR_A_REFACTOR = {
    "python": (
        *("AGENTS.md", ".editorconfig", "pyproject.toml", "setup.cfg", ".python-version"),
        *(".gitignore", "mod.py"),
    ),
    "typescript": ("package.json", "tsconfig.json", ".nvmrc", "mod.ts", "mod/index.ts"),
    "csharp": ("a.csproj", "Directory.Build.props", "other.cs"),
    "markdown": ("a.png",),
}
SOURCES = {
    "python": CODE + "return a\n",
    "typescript": "import { b } from './mod'\nfunction add(a, b) {\n  return a + b\n}\n",
    "csharp": "class A { int Add(int a, int b) { return a + b; } }\n",
    "java": "class A { int add(int a, int b) { return a + b; } }\n",
    "markdown": "![a](a.png)\n\nWords.\n",
}


async def refactors(session: Session, mistral: FakeMistral, name: str, language: str) -> None:
    """A refactor is asked for, and what the model says comes; then the process ends."""
    text = SOURCES[language]
    mistral.answer_always(replies.code(text.replace("a", "b")))
    answer = await session.refactor(session.open(name, text, language), "Improve readability")
    assert mistral.completions, answer
    await ends(session)


@pytest.mark.parametrize("kind", ["a FIFO", "a link to /dev/zero", "10 GB of nothing", "a socket"])
@pytest.mark.parametrize("language", READ_FOR_A_REFACTOR)
async def test_what_a_refactor_reads_is_none(
    open_clone: StartSession, clone: Path, mistral: FakeMistral, kind: str, language: str
) -> None:
    """All that it reads at once: a version, rules, layout, imports, images."""
    for name in READ_FOR_A_REFACTOR[language]:
        put(clone, name, KINDS[kind])
    await refactors(await open_clone(), mistral, "app.x", language)


PATTERNS = {
    "stars": STARS,
    "stars in folders": FOLDERS_OF_STARS,
    "places": b"*" + b"?" * 100 + b"b\n",
    "sets": b"*[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*[!a-z]\n",
    "as many as there is room for": STARS * 3_800,
}


@pytest.mark.parametrize("name", [".gitignore", ".aiignore"])
@pytest.mark.parametrize("patterns", PATTERNS.values(), ids=PATTERNS)
async def test_patterns_that_backtrack(
    open_clone: StartSession, clone: Path, patterns: bytes, name: str
) -> None:
    """A file with a long name is open, and one beside it is typed in."""
    long = "a" * 240 + ".py"
    put(clone, name, lambda path: path.write_bytes(patterns))
    (clone / long).write_text(CODE)
    session = await open_clone()
    assert await session.complete(session.open(long, CODE))
    await typing_goes_on(session)


SECTIONS = {
    "stars": "[" + "*a" * 400 + "b]\nindent_size = 3\n",
    "choices": "[" + "{a,a}" * 150 + "b]\nindent_size = 3\n",
    "choices within choices": "[" + "{a,{a," * 150 + "b" + "}}" * 150 + "]\n",
    "numbers": "[" + "{1..999999999}" * 60 + "]\n",
    "very many": MANY_SECTIONS,
    "a line of blanks": "a" + " " * 60_000 + "b\n",
}


@pytest.mark.parametrize("sections", SECTIONS.values(), ids=SECTIONS)
async def test_an_editorconfig_that_backtracks(
    open_clone: StartSession, clone: Path, mistral: FakeMistral, sections: str
) -> None:
    (clone / ".editorconfig").write_text(sections)
    folder = clone / ("a" * 60) / ("a" * 60)
    folder.mkdir(parents=True)
    name = (folder / "a.py").relative_to(clone).as_posix()
    await refactors(await open_clone(), mistral, name, "python")


MANIFESTS = {
    "engines without an end": ("package.json", "typescript", '"engines":{' * 45_000),
    "nested": ("package.json", "typescript", "[" * 500_000),
    "a number without an end": ("package.json", "typescript", '{"a": ' + "1" * 500_000 + "}"),
    "targets": ("tsconfig.json", "typescript", '"target"' * 60_000),
    "a target and blanks": ("tsconfig.json", "typescript", '"target"' + " " * 500_000),
    "a line of words": ("build.gradle", "java", "sourceCompatibility" * 26_000),
    "a line of blanks": ("build.gradle", "java", "sourceCompatibility" + " " * 500_000 + "x"),
    "releases": ("pom.xml", "java", "<release>" * 55_000),
    "a framework without an end": ("a.csproj", "csharp", "<TargetFramework>" + "a" * 500_000),
}


@pytest.mark.parametrize(("name", "language", "text"), MANIFESTS.values(), ids=MANIFESTS)
async def test_a_manifest_that_backtracks(
    *,
    open_clone: StartSession,
    clone: Path,
    mistral: FakeMistral,
    name: str,
    language: str,
    text: str,
) -> None:
    (clone / name).write_text(text)
    await refactors(await open_clone(), mistral, "app.x", language)


LEADS_OUT: dict[str, tuple[str, str, str]] = {
    "by a link": ("python", "from mod import helper\n\nhelper", "mod.py"),
    "by a linked folder": ("python", "from lib.outside import helper\n\nhelper", "lib"),
    "by its name": ("typescript", "import {helper} from '../outside.py'\n\nhelper", ""),
    "by its name and a linked folder": ("c", '#include "lib/outside.py"\n\nhelper', "lib"),
    "by an absolute name": ("bash", "source /proc/self/environ\n\nhelper", ""),
}


@pytest.mark.parametrize(("language", "text", "link"), LEADS_OUT.values(), ids=LEADS_OUT)
async def test_an_import_that_leads_out(
    *,
    open_clone: StartSession,
    clone: Path,
    mistral: FakeMistral,
    language: str,
    text: str,
    link: str,
) -> None:
    """What the neighbour's file says is not sent."""
    if link:
        (clone / link).symlink_to("../outside.py" if link.endswith(".py") else "..")
    session = await open_clone()
    uri = session.open("app.x", text, language)
    await session.complete(uri)
    session.type(uri, "(")
    await session.complete(uri)
    assert "helper" in asked(mistral)
    assert "diary" not in asked(mistral)
    assert "MISTRAL_API_KEY" not in asked(mistral)
    await ends(session)


async def test_an_import_that_stays_within_is_sent(
    open_clone: StartSession, clone: Path, mistral: FakeMistral
) -> None:
    """Without that, the refusals above would say nothing."""
    (clone / "mod.py").write_text("def helper(much: int) -> str:\n    return ''\n")
    session = await open_clone()
    await session.complete(session.open("app.py", CODE + "helper"))
    assert "much: int" in asked(mistral)
    await ends(session)


async def test_a_folder_of_very_many_entries(open_clone: StartSession, clone: Path) -> None:
    """As a package of Go, whose files need no import, and as the workspace that is indexed."""
    for number in range(100_000):
        os.close(os.open(clone / f"f{number}.go", os.O_CREAT))
    (clone / "go.mod").write_text("module a\n")
    await typing_goes_on(await open_clone(), "app.go", "go")


def _nested(clone: Path) -> None:
    code = "import os\nfor _ in range(10_000):\n    os.mkdir('d')\n    os.chdir('d')\n"
    subprocess.run([sys.executable, "-c", code], cwd=clone, check=True)


async def test_folders_within_folders(open_clone: StartSession, clone: Path) -> None:
    """10,000 of them, deeper than any path may be long."""
    _nested(clone)
    try:
        await typing_goes_on(await open_clone())
    finally:
        _remove(clone / "d")


def _remove(folder: Path) -> None:
    subprocess.run(["rm", "-rf", folder], check=True)


async def test_a_folder_that_holds_itself(open_clone: StartSession, clone: Path) -> None:
    (clone / "in").mkdir()
    for name in ("a", "b", "c"):
        (clone / "in" / name).symlink_to("..")
    await typing_goes_on(await open_clone())


@pytest.fixture
def growing(clone: Path) -> Iterator[None]:
    """An imported module that another process writes to without an end."""
    with (clone / "mod.py").open("wb") as file:
        loop = ["sh", "-c", "while :; do echo 'x = 1'; done"]
        with subprocess.Popen(loop, stdout=file) as writer:
            yield
            writer.kill()


@pytest.mark.usefixtures("growing")
async def test_a_file_that_grows_while_it_is_read(open_clone: StartSession) -> None:
    await typing_goes_on(await open_clone())


ASKED_OF_A_TASK: dict[str, tuple[str, dict[str, Any]]] = {
    "a search": ("search_files", {"pattern": "helper"}),
    "a list": ("list_files", {"pattern": "*a*a*a*a*a*a*a*a*a*b"}),
    "a FIFO": ("read_file", {"path": "pipe"}),
    "a device": ("read_file", {"path": "zero"}),
    "a share": ("read_file", {"path": "/net/evil.example/a.py"}),
    "a link out": ("read_file", {"path": "out.py"}),
    "a file that is kept from assistants": ("read_file", {"path": "kept.py"}),
}


@pytest.mark.parametrize(("tool", "arguments"), ASKED_OF_A_TASK.values(), ids=ASKED_OF_A_TASK)
async def test_a_task_in_such_a_folder(
    environ: dict[str, str], clone: Path, tool: str, arguments: dict[str, Any]
) -> None:
    os.mkfifo(clone / "pipe")
    (clone / "zero").symlink_to("/dev/zero")
    (clone / "out.py").symlink_to("../outside.py")
    (clone / ("a" * 240)).write_text("helper")
    (clone / ".cursorignore").write_text("kept.py")
    (clone / "kept.py").write_text(f"helper = '{SECRET}'")
    script = [replies.call(tool, **arguments), Answer(text=("Done.",))]
    async with FakeMistral(script, strict=False) as mistral:
        session = await Session.start(environ, mistral, clone)
        session.open("app.py", CODE)
        command = {"command": "devstral.task", "arguments": [{"instruction": "Look around."}]}
        await session.ask("workspace/executeCommand", command)
        await session.until(lambda: len(mistral.scripted) == 2)
        assert SECRET not in asked(mistral)
        await ends(session)
        await session.stop()


@pytest.mark.parametrize("name", ASSISTANTS)
async def test_what_is_kept_from_assistants_is_not_sent(
    open_clone: StartSession, clone: Path, mistral: FakeMistral, name: str
) -> None:
    """Not as the document that is typed in, nor as an open or imported one beside another."""
    (clone / name).write_text("mod.py\nkept/\n")
    (clone / "kept").mkdir()
    kept = f"def helper():\n    '{SECRET}'\n    return "
    (clone / "mod.py").write_text(kept)
    session = await open_clone()
    for file in ("mod.py", "kept/a.py"):
        assert await session.complete(session.open(file, kept)) == []
    assert mistral.completions == []
    assert any(f"{name} keeps it from assistants" in each for each in session.told)
    uri = session.open("app.py", CODE)
    assert await session.complete(uri)
    session.type(uri, "helper")
    await session.complete(uri)
    assert SECRET not in asked(mistral)
    mistral.answer_always(replies.code(kept))
    refused = await session.refactor((clone / "mod.py").as_uri(), "Improve readability")
    assert any(f"{name} keeps this file" in each for each in (str(refused), *session.told))
    assert SECRET not in asked(mistral)
    await ends(session)


async def test_the_worst_repository(open_clone: StartSession, clone: Path) -> None:
    lay_worst(clone)
    session = await open_clone()
    uri = session.open("app.py", CODE)
    session.open("mod.py", CODE)
    took: list[float] = []
    for letter in "return first + second":
        session.type(uri, letter)
        since = time.monotonic()
        await session.complete(uri)
        took.append(time.monotonic() - since)
    assert sorted(took)[len(took) // 2] < 2, "a guard; benchmarks/hostile_repository.py measures"
    await ends(session)
