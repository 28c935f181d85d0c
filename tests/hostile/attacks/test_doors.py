"""Further doors of a clone: what its folder is, what its files are called, what they name and hold.

Behind each, a completion comes, and the process ends when it is told to, having held little.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.attacks.session import ANSWERS_WITHIN_S, ENDS_WITHIN_S, MAX_MB, Session
from tests.support import replies
from tests.support.fake_mistral import KEY, FakeMistral

StartSession = Callable[..., Awaitable[Session]]
SECRET = "the_neighbours_diary"
CODE = "from mod import helper\n\n\ndef add(a, b):\n    "


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "app.py").write_text(CODE)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
async def open_folder(environ: dict[str, str], mistral: FakeMistral) -> AsyncIterator[StartSession]:
    """Opens a folder in an editor."""
    started: list[Session] = []

    async def begin(folder: Path, **variables: str) -> Session:
        started.append(await Session.start(environ, mistral, folder, **variables))
        return started[-1]

    yield begin
    for session in started:
        await session.stop()


async def typing_goes_on(session: Session, name: str = "app.py") -> None:
    await is_completed(session, name)
    assert session.peak_mb < MAX_MB
    assert await session.leave() < ENDS_WITHIN_S


async def is_completed(session: Session, name: str = "app.py") -> None:
    """A completion comes, and another one where is typed on."""
    uri = session.open(name, CODE)
    async with asyncio.timeout(ANSWERS_WITHIN_S):
        # Until the key is found, which takes a while on a busy machine, `local` answers alone.
        while not await session.complete(uri):
            pass
    session.type(uri, "return ")
    await session.complete(uri)


def _link(folder: Path) -> Path:
    (folder / "link").symlink_to(folder)
    return folder / "link"


def _fifo(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


FOLDERS: dict[str, Callable[[Path], Path]] = {
    "a link to itself": _link,
    "a FIFO": _fifo,
    "all processes": lambda _: Path("/proc"),
    "our own process": lambda _: Path("/proc/self"),
    "our own files": lambda _: Path("/proc/self/fd"),
    "devices": lambda _: Path("/dev"),
    "the kernel": lambda _: Path("/sys"),
    "the whole machine": lambda _: Path("/"),
    "a file": lambda folder: folder / "app.py",
    "a device": lambda _: Path("/dev/zero"),
    "nothing": lambda folder: folder / "gone",
}


@pytest.mark.parametrize("make", FOLDERS.values(), ids=FOLDERS)
async def test_the_folder_itself(
    open_folder: StartSession, clone: Path, make: Callable[[Path], Path]
) -> None:
    """What is opened as the workspace is no folder, or one without an end."""
    folder = make(clone)
    name = "app.py" if _is_folder(folder) else str(clone / "app.py")  # nothing lies in a FIFO
    await typing_goes_on(await open_folder(folder), name)


@pytest.mark.parametrize("name", ["a" * 5000, "a/" * 3000], ids=["long", "deep"])
async def test_a_folder_that_cannot_be_asked_for_its_settings(
    open_folder: StartSession, clone: Path, mistral: FakeMistral, name: str
) -> None:
    """What they restrict is not known: nothing is sent, and the user is told why."""
    session = await open_folder(clone / name)
    assert not await session.complete(session.open(str(clone / "app.py"), CODE))
    assert not mistral.completions
    assert any("until its settings can be read" in each for each in session.told)
    assert await session.leave() < ENDS_WITHIN_S


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


URIS = (
    "file://evil.example/share/app.py",
    "file:////evil.example/share/app.py",
    "file:///%5C%5Cevil.example%5Cshare%5Capp.py",
    "file:///proc/self/fd/0",
    "file:///proc/self/mem",
    "file:///dev/zero",
    "file:///dev/stdin",
    "file:///app.py%00.txt",
    "file:///%ff%fe.py",
    "file:///..%2f..%2f..%2fetc%2fpasswd",
    "file:" + "/a" * 20_000,
    "file:///" + "%2e%2e/" * 5000 + "x.py",
    "vscode-remote://ssh-remote%2Bevil/clone/app.py",
    "vscode-notebook-cell:/clone/a.ipynb#W0sZ",
    "jar:file:///x.jar!/A.java",
    "untitled:../../etc/passwd",
    "git:/clone/app.py?%7B%22ref%22%3A%22~%22%7D",
    "file://[::1/app.py",
    "javascript:alert(1)",
    "",
)


async def test_a_documents_address(open_folder: StartSession, clone: Path) -> None:
    """It leads to a share, a device, another machine, or cannot be read; typing goes on there, too,
    or is refused, and in the next document as well."""
    os.mkfifo(clone / "pipe")
    (clone / "loop").symlink_to("loop")
    session = await open_folder(clone)
    for uri in (*URIS, (clone / "pipe").as_uri(), (clone / "loop/app.py").as_uri()):
        for language in ("python", "git-commit"):
            item = {"uri": uri, "languageId": language, "version": 1, "text": CODE}
            session.send("textDocument/didOpen", {"textDocument": item})
            where = {"textDocument": {"uri": uri}, "position": {"line": 4, "character": 4}}
            more = {"context": {"triggerKind": 2}}
            answer = await session.ask("textDocument/inlineCompletion", {**where, **more})
            assert answer.keys() & {"result", "error"}, uri[:80]
            session.send("textDocument/didClose", {"textDocument": {"uri": uri}})
    await typing_goes_on(session)


FOLDER_URIS = (
    *("file://evil.example/share", "vscode-remote://wsl%2BUbuntu/clone", "untitled:x", ""),
    *("file:////evil.example/share", "file:///a%00b", "file:", "file:///dev/fd/0", "x"),
)


async def test_the_address_of_a_folder(open_folder: StartSession, clone: Path) -> None:
    """Added to those that are open, and taken away again."""
    session = await open_folder(clone)
    for uri in FOLDER_URIS:
        for added, removed in ([uri], []), ([], [uri]), ([uri], [uri]):
            event = {
                "added": [{"uri": each, "name": each} for each in added],
                "removed": [{"uri": each, "name": each} for each in removed],
            }
            session.send("workspace/didChangeWorkspaceFolders", {"event": event})
        await is_completed(session)
    await typing_goes_on(session)


NAMES = (
    *("a\nb.py", "\x1b]0;owned\x07.py", "-rf.py", "$(touch x).py", "`x`.py", "a;b|c&.py"),
    *("\u202egnp.py", "con.py", ".py", "a" * 250 + ".py", "%2e%2e%2fx.py", "{a,b}*[!.py", " .py"),
)


async def test_the_name_of_a_file(
    open_folder: StartSession, clone: Path, mistral: FakeMistral
) -> None:
    """It drives a terminal, a shell, a pattern or an URL."""
    for name in NAMES:
        (clone / name).write_text(CODE)
    session = await open_folder(clone)
    for name in NAMES:
        await is_completed(session, name)
    await typing_goes_on(session)
    asked = "".join(str(each.body) for each in mistral.received)
    assert "\\x1b" not in asked
    assert "\\u202e" not in asked
    assert sorted(os.listdir(clone)) == sorted([*NAMES, "app.py"])


async def test_names_that_are_no_text(open_folder: StartSession, clone: Path) -> None:
    for index in range(50):
        os.close(os.open(os.fsencode(clone) + b"/\xff\xfe%d.py" % index, os.O_CREAT | os.O_WRONLY))
    (clone / "go.mod").write_text("module \udcff", errors="surrogateescape")
    await typing_goes_on(await open_folder(clone))


def _cycle(clone: Path) -> None:
    for index in range(300):
        nexts = f"from m{(index + 1) % 300} import *\nfrom mod import helper\n"
        (clone / f"m{index}.py").write_text(nexts)
    (clone / "mod.py").write_text("from m0 import *\nfrom mod import helper\nimport app\n")


def _many_lines(clone: Path) -> None:
    (clone / "mod.py").write_text("def helper(a):\n    return a\n\n" * 100_000)


def _one_line(clone: Path) -> None:
    (clone / "mod.py").write_text("helper = [" + "1," * 400_000 + "]\n")


def _deep(clone: Path) -> None:
    (clone / "mod.py").write_text("helper = " + "(" * 90_000 + ")" * 90_000 + "\n")


def _nested_classes(clone: Path) -> None:
    lines = (f"{' ' * depth}class C{depth}:\n" for depth in range(900))
    (clone / "mod.py").write_text("".join(lines) + " " * 900 + "pass\n")


def _unary(clone: Path) -> None:
    (clone / "mod.py").write_text("helper = " + "not " * 80_000 + "1\n")


def _mixed(clone: Path) -> None:
    (clone / "mod.py").write_bytes(b"\xff\xfe\x00" * 100_000)


def _chains(clone: Path) -> None:
    folder = clone
    for _ in range(20):
        (folder / "AGENTS.md").write_text("@AGENTS.md\n" * 20_000)
        (folder / ".editorconfig").write_text("[*]\nindent_size=2\n" * 3000)
        folder /= "d"
        folder.mkdir()


def _toml(text: str) -> Callable[[Path], object]:
    return lambda clone: (clone / "pyproject.toml").write_text(text)


def _very_many_files(clone: Path) -> None:
    for index in range(30_000):
        (clone / f"{index}.py").touch()


def _very_many_links(clone: Path) -> None:
    """Those of the one half are hooks, each through the whole chain."""
    for index in range(3_000):
        (clone / f".hook{index}").symlink_to("d/../" * 300 + f".hook{index + 1}")
        (clone / f"link{index}").symlink_to("/net/evil.example/share")
    (clone / "d").mkdir()


def _links_to_above(clone: Path) -> None:
    for index in range(30):
        (clone / f"d{index}").mkdir()
        (clone / f"d{index}/up").symlink_to("..")
        (clone / f"d{index}/self").symlink_to(".")


def _large(name: str) -> Callable[[Path], object]:
    """100 MB of letters, which are on the disk."""

    def make(clone: Path) -> None:
        with (clone / name).open("wb") as file:
            for _ in range(100):
                file.write(b"a" * 1_000_000)

    return make


HOLDS: dict[str, Callable[[Path], object]] = {
    "a cycle of imports": _cycle,
    "100,000 functions": _many_lines,
    "one line": _one_line,
    "brackets without an end": _deep,
    "classes within classes": _nested_classes,
    "one operator on another": _unary,
    "bytes": _mixed,
    "rules in every folder": _chains,
    "30,000 files": _very_many_files,
    "6,000 links": _very_many_links,
    "links to the folder above": _links_to_above,
    "a large .editorconfig": _large(".editorconfig"),
    "a large notebook": _large("a.ipynb"),
    "nested arrays": _toml("a = " + "[" * 200_000),
    "a key of many parts": _toml("a" + ".a" * 100_000 + " = 1\n"),
}


@pytest.mark.parametrize("make", HOLDS.values(), ids=HOLDS)
async def test_what_a_file_holds(
    open_folder: StartSession, mistral: FakeMistral, clone: Path, make: Callable[[Path], object]
) -> None:
    """It is read around what is typed, and for a refactor."""
    make(clone)
    name = "d/" * 20 + "app.py" if (clone / "d/d").exists() else "app.py"
    session = await open_folder(clone)
    await is_completed(session)
    completed = len(mistral.completions)
    text = CODE + "return a + b\n"
    mistral.answer_always(replies.code(text.replace("a", "c")))
    answer = await session.refactor(session.open(name, text), "Improve readability")
    assert len(mistral.completions) > completed, answer
    assert session.peak_mb < MAX_MB
    assert await session.leave() < ENDS_WITHIN_S


DOCUMENTS: dict[str, str] = {
    "brackets": "(" * 100_000,
    "not": "x = " + "not " * 100_000,
    "decorators": "@a\n" * 100_000,
    "imports": "".join(f"import m{index}\n" for index in range(100_000)),
    "dots": "from " + "." * 200_000 + " import x\n",
    "a dotted name": "import a" + ".a" * 100_000 + "\n",
    "names": "from mod import " + ", ".join(f"n{index}" for index in range(50_000)) + "\n",
    "quotes": '"""' * 100_001,
    "else": "if a:\n pass\n" + "elif a:\n pass\n" * 50_000,
    "a plus": "x = 1" + " + 1" * 100_000,
    "zeros": "\0" * 300_000,
    "combining": "a" + "\u0301" * 300_000,
    "returns": "\r" * 300_000,
    "backslashes": "x = '" + "\\" * 300_000,
}


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
async def test_a_document_that_is_opened(open_folder: StartSession, clone: Path, text: str) -> None:
    """Generated to keep a parser busy: completed or not, it is left behind."""
    session = await open_folder(clone)
    uri = session.open("made.x", text)
    await session.complete(uri)
    session.type(uri, "x")
    await session.complete(uri)
    await typing_goes_on(session)


async def test_a_notebook_of_very_many_cells(open_folder: StartSession, clone: Path) -> None:
    session = await open_folder(clone)
    cells = [f"vscode-notebook-cell:/nb.ipynb#{index}" for index in range(3_000)]
    session.send(
        "notebookDocument/didOpen",
        {
            "notebookDocument": {
                "uri": "file:///dev/zero",
                "notebookType": "jupyter-notebook",
                "version": 1,
                "cells": [{"kind": 2, "document": each} for each in cells],
            },
            "cellTextDocuments": [
                {"uri": each, "languageId": "python", "version": 1, "text": "x = 1\n"}
                for each in cells
            ],
        },
    )
    where = {"textDocument": {"uri": cells[-1]}, "position": {"line": 1, "character": 0}}
    await session.ask("textDocument/inlineCompletion", {**where, "context": {"triggerKind": 2}})
    await typing_goes_on(session)


async def run(
    environ: dict[str, str], fake: FakeMistral, folder: Path, *arguments: str
) -> tuple[int, str]:
    """A command in the folder; gives its exit code and all that it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "devstral_lsp", *arguments),
        cwd=folder,
        env={
            **environ,
            "MISTRAL_API_KEY": KEY,
            "DEVSTRAL_FIM_BASE_URL": fake.url,
            "DEVSTRAL_CHAT_BASE_URL": fake.url,
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(30):
        out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(errors="replace")


COMMANDS: dict[str, tuple[str, ...]] = {
    "complete": ("complete", "app.py:5"),
    "refactor": ("refactor", "app.py", "--action", "readability"),
    "doctor": ("doctor",),
    "init": ("init", "neovim"),
}
PLACES = (
    *(".devstral.toml", "pyproject.toml", ".git", ".gitignore", ".aiignore", "opencode.json"),
    *(".aider.conf.yml", "AGENTS.md", ".editorconfig", "mod.py", ".vscode/settings.json"),
)
KINDS: dict[str, Callable[[Path], Any]] = {
    "FIFOs": os.mkfifo,
    "devices": lambda path: path.symlink_to("/dev/zero"),
    "folders": lambda path: path.mkdir(),
    "nested": lambda path: path.write_text("a = " + "[" * 100_000),
    "nested JSON": lambda path: path.write_text("[" * 100_000),
    "nested YAML": lambda path: path.write_text("- " * 50_000),
    "bytes": lambda path: path.write_bytes(b"\xff\x00\x1b[2J" * 1000),
    "aliases": lambda path: path.write_text("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"),
    "links to a secret": lambda path: path.symlink_to("/etc/shadow"),
}


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
async def test_a_command_in_such_a_folder(
    *,
    environ: dict[str, str],
    mistral: FakeMistral,
    clone: Path,
    arguments: tuple[str, ...],
    make: Callable[[Path], Any],
) -> None:
    """Every file that a command reads is none, or one that no parser ends."""
    for name in PLACES:
        (clone / name).parent.mkdir(exist_ok=True)
        make(clone / name)
    code, said = await run(environ, mistral, clone, *arguments)
    assert "Traceback" not in said
    assert "unexpected" not in said.lower()
    assert "\x1b[2J" not in said
    assert code in (0, 1, 2)


@pytest.mark.parametrize(
    "name", ["pipe", "zero", "loop", "folder", "secret.py", "\x1b[2J.py", "a\nb.py", "-x"]
)
@pytest.mark.parametrize("command", ["complete", "refactor"])
async def test_a_file_of_that_kind_is_named(
    environ: dict[str, str], mistral: FakeMistral, clone: Path, name: str, command: str
) -> None:
    """As by a shell's `*`."""
    os.mkfifo(clone / "pipe")
    (clone / "zero").symlink_to("/dev/zero")
    (clone / "loop").symlink_to("loop")
    (clone / "folder").mkdir()
    (clone / ".ssh").mkdir()
    (clone / ".ssh/id_rsa").write_text(f"{SECRET}\n" * 3)
    (clone / "secret.py").symlink_to(".ssh/id_rsa")
    for each in ("\x1b[2J.py", "a\nb.py", "-x"):
        (clone / each).write_text(CODE)
    more = ("--action", "readability") if command == "refactor" else ()
    where = f"{name}:1" if command == "complete" else name
    code, said = await run(environ, mistral, clone, command, *more, "--", where)
    assert "Traceback" not in said
    assert "\x1b[2J" not in said
    assert code in (0, 1, 2)
    assert SECRET not in json.dumps([str(each.body) for each in mistral.received])
