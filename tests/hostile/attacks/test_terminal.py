"""What a file, a model or an endpoint says, on its way to a terminal, a pipe and a log.

A terminal obeys what it is shown: it clears itself, takes a text into the clipboard, shows one
address and opens another, answers on the keyboard's behalf. Each command runs as users run it, on a
terminal of its own and in a pipe, and only colours of ours come out.
"""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import replies
from tests.support.answers import Answer, failure
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.fake_server import Received

PROGRAM = (sys.executable, "-m", "devstral_lsp")
MODEL = "devstral-2512"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_BAR = re.compile(r"\r?\x1b\[(?:\?25[lh]|2K|1A)")
"""How a progress bar hides the cursor and takes its line away."""

PAYLOADS = {
    "clear": "\x1b[2J\x1b[H",
    "hyperlink": "\x1b]8;;https://bad.example\x1b\\good.example\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "window title": "\x1b]0;root shell\x07",
    "device control": "\x1bPq#0;2;0;0;0\x1b\\",
    "report": "\x1b[6n\x1b[c",
    "one byte": "\x9b2J\x9d52;c;eA==\x9c",
    "overprint": "FAILED\rpassed",
    "backspace": "FAILED\x08\x08\x08\x08\x08\x08passed",
    "reorder": "\u202eegassem\u2066\u2069",
    "invisible": "a\u200bb\u2060\ufeff",
    "tags": "\U000e0072\U000e006d",
    "bell and NUL": "\x07\x00\x7f",
}
ALL = "".join(PAYLOADS.values())
ON_ONE_LINE = ALL.replace("\x00", "")
CODE = "def total(values):\n    return sum(values)\n"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command showed, and how it ended."""

    out: str
    err: str
    code: int

    @property
    def all(self) -> str:
        return f"{self.out}{self.err}"


class Shell:
    """Runs commands in one folder, with one endpoint."""

    def __init__(self, folder: Path, environ: Mapping[str, str], *, is_terminal: bool) -> None:
        self.folder = folder
        self.environ = {**environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
        self.environ |= {"PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "ignore"}
        self.is_terminal = is_terminal

    async def run(self, *arguments: str, fake: FakeMistral | None = None, **more: str) -> Shown:
        """Run the command; variables in capitals go into its environment."""
        variables = {**self.environ, **more}
        if fake is not None:
            variables |= {
                "DEVSTRAL_FIM_BASE_URL": fake.url,
                "DEVSTRAL_CHAT_BASE_URL": fake.url,
                "MISTRAL_API_KEY": KEY,
            }
            variables.setdefault("DEVSTRAL_CHAT_MODEL", MODEL)
        run = _on_terminals if self.is_terminal else _in_pipes
        async with asyncio.timeout(50):
            return await asyncio.to_thread(run, arguments, self.folder, variables)


def _in_pipes(arguments: Sequence[str], folder: Path, environ: Mapping[str, str]) -> Shown:
    done = subprocess.run(
        [*PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=folder,
        env=dict(environ),
        check=False,
    )
    texts = (each.decode("utf-8", "surrogateescape") for each in (done.stdout, done.stderr))
    return Shown(*texts, done.returncode)


def _on_terminals(arguments: Sequence[str], folder: Path, environ: Mapping[str, str]) -> Shown:
    """One terminal for the result and one for what is said beside it."""
    ends = [pty.openpty(), pty.openpty()]
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=ends[0][1],
        stderr=ends[1][1],
        cwd=folder,
        env=dict(environ),
    ) as process:
        for _, theirs in ends:
            os.close(theirs)
        out, err = asyncio.run(_both(ends[0][0], ends[1][0]))
        code = process.wait()
    return Shown(out, err, code)


async def _both(*descriptors: int) -> list[str]:
    return list(await asyncio.gather(*(asyncio.to_thread(_read, each) for each in descriptors)))


def _read(descriptor: int) -> str:
    shown = b""
    with suppress(OSError):  # Linux reports the other end's closing as an error.
        while data := os.read(descriptor, 4096):
            shown += data
    os.close(descriptor)
    return shown.decode("utf-8", "surrogateescape").replace("\r\n", "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    clone = tmp_path / "clone"
    clone.mkdir()
    (clone / "pyproject.toml").touch()
    (clone / "a.py").write_text(CODE, encoding="utf-8")
    return clone


@pytest.fixture(params=[True, False], ids=["terminal", "pipe"])
def shell(request: pytest.FixtureRequest, folder: Path, environ: dict[str, str]) -> Shell:
    return Shell(folder, environ, is_terminal=request.param)


def is_harmless(shown: Shown) -> bool:
    """Whether a terminal would do nothing but show it in colours, and show all of it."""
    plain = _COLOUR.sub("", shown.out + _BAR.sub("", shown.err))
    return all(line.replace("\t", "").isprintable() for line in plain.split("\n"))


def chatting(*script: Answer) -> FakeMistral:
    return FakeMistral(script, strict=False)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_an_explanation(shell: Shell, payload: str) -> None:
    said = f"# It{payload}\n\nIt adds {payload}.\n\n`{payload}`\n\n```\n{payload}\n```\n"
    async with chatting(replies.markdown(said)) as fake:
        shown = await shell.run("refactor", "a.py:1", "--action", "explain", fake=fake)
    assert shown.code == 0, shown
    assert "It adds" in shown.out
    assert is_harmless(shown), shown


async def test_a_finding(shell: Shell) -> None:
    async with chatting(replies.findings((1, f"Too long{ALL}."))) as fake:
        shown = await shell.run("refactor", "a.py:1", "--action", "review", fake=fake)
    assert "a.py:1: warning: Too long" in shown.out
    assert is_harmless(shown), shown


async def test_a_link_whose_address_is_not_seen(shell: Shell) -> None:
    said = "See [the docs](https://bad.example) and ![](https://bad.example/?q=1)."
    async with chatting(replies.markdown(said)) as fake:
        shown = await shell.run("refactor", "a.py:1", "--action", "explain", fake=fake)
    assert shown.out.count("https://bad.example") == 2
    assert is_harmless(shown), shown


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}], ids=str)
async def test_an_id_of_a_model_in_doctor(shell: Shell, variables: dict[str, str]) -> None:
    models = {f"codestral-{ON_ONE_LINE}": True, "codestral-2508": True}
    async with FakeMistral(models=models, strict=False) as fake:
        wanted = {"DEVSTRAL_FIM_MODEL": "codestral-0000", "DEVSTRAL_CHAT_MODEL": "devstral-0000"}
        shown = await shell.run("doctor", fake=fake, **wanted, **variables)
    assert "codestral-" in shown.out
    assert is_harmless(shown), shown


@pytest.mark.parametrize("status", [401, 422, 500])
async def test_the_words_of_an_endpoint_in_doctor(shell: Shell, status: int) -> None:
    body = {"message": f"No{ALL}", "detail": [{"msg": f"No{ALL}", "loc": ["body", ALL]}]}
    async with FakeMistral(
        lambda _: failure(status, body, x_request_id=PAYLOADS["reorder"].encode().hex()),
        strict=False,
    ) as fake:
        shown = await shell.run("doctor", fake=fake)
    assert shown.out
    assert is_harmless(shown), shown


async def test_the_words_of_an_endpoint_in_a_refactor(shell: Shell) -> None:
    async with chatting(*[failure(422, {"detail": f"No{ALL}"})] * 4) as fake:
        shown = await shell.run("refactor", "a.py:1", "--action", "simplify", fake=fake)
    assert shown.code == 2
    assert is_harmless(shown), shown


HOSTILE_NAME = "a\x1b[2J\x1b]52;c;eA==\x07\r\x08\u202e\u200b\x9bx.py"


async def test_a_files_own_name(shell: Shell, folder: Path) -> None:
    """A user names all files of a clone by `*.py`."""
    (folder / HOSTILE_NAME).write_text(CODE, encoding="utf-8")
    new = 'def total(values):\n    """Add up."""\n    return sum(values)\n'
    async with chatting(replies.code(new)) as fake:
        arguments = ("refactor", f"{HOSTILE_NAME}:1", "--action", "document")
        shown = await shell.run(*arguments, fake=fake)
    assert shown.code == 0, shown
    assert '+    """Add up."""' in _COLOUR.sub("", shown.out)
    assert is_harmless(shown), shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("refactor", HOSTILE_NAME, "--list"),
        ("refactor", f"{HOSTILE_NAME}:99", "--list"),
        ("refactor", f"{HOSTILE_NAME}:9-1", "--action", "x"),
        ("refactor", "a.py", "--action", f"x{HOSTILE_NAME}"),
        ("complete", HOSTILE_NAME),
        ("complete", f"{HOSTILE_NAME}:99"),
        ("complete", f"{HOSTILE_NAME}-is-not-there:1"),
        ("complete", "a.py:1", "--provider", HOSTILE_NAME),
        ("init", HOSTILE_NAME),
        (HOSTILE_NAME,),
        ("--tcp", HOSTILE_NAME),
        ("serve", f"--{HOSTILE_NAME}"),
        ("doctor", HOSTILE_NAME),
    ],
    ids=lambda arguments: "-".join(map(ascii, arguments))[:40],
)
async def test_a_command_line_that_is_repeated(
    folder: Path, environ: dict[str, str], arguments: tuple[str, ...]
) -> None:
    (folder / HOSTILE_NAME).write_text(CODE, encoding="utf-8")
    shell = Shell(folder, environ, is_terminal=True)
    shown = await shell.run(*arguments)
    assert shown.all
    assert is_harmless(shown), shown


async def test_ghost_text_among_a_files_own_lines(shell: Shell, folder: Path) -> None:
    line = ON_ONE_LINE.replace("\r", "")
    (folder / "b.py").write_text(f"# {line}\nx = \n# {line}\n", encoding="utf-8")
    async with FakeMistral([Answer(text=(f"'{PAYLOADS['clear']}'",))], strict=False) as fake:
        shown = await shell.run("complete", "b.py:2:5", fake=fake)
    assert shown.code == 0, shown
    assert "x = " in _COLOUR.sub("", shown.out)
    assert is_harmless(shown), shown


async def test_a_file_of_the_project_that_is_wrong(shell: Shell, folder: Path) -> None:
    quoted = json.dumps(f"x{ON_ONE_LINE}")
    toml = f"[fim]\nprovider = {quoted}\nnonsense = {quoted}\n[{quoted}]\na = 1\n"
    (folder / ".devstral.toml").write_text(toml, encoding="utf-8")
    for arguments in (("doctor",), ("refactor", "a.py:1", "--list"), ("complete", "a.py:1")):
        shown = await shell.run(*arguments)
        assert is_harmless(shown), shown


async def test_an_action_of_the_project(shell: Shell, folder: Path) -> None:
    title = json.dumps(f"Tidy{ON_ONE_LINE}")
    toml = f'[refactor.actions.tidy]\ntitle = {title}\ninstruction = "Tidy up."\n'
    (folder / ".devstral.toml").write_text(toml, encoding="utf-8")
    shown = await shell.run("refactor", "a.py:1", "--list")
    assert "a.py:1:" in shown.out
    assert is_harmless(shown), shown


async def test_settings_of_another_tool_in_init(shell: Shell, folder: Path) -> None:
    """`init` takes over what a clone's `.aider.conf.yml` names, and shows it first."""
    model = json.dumps(f"mistral/codestral-{ON_ONE_LINE}")
    (folder / ".aider.conf.yml").write_text(f"model: {model}\n", encoding="utf-8")
    shown = await shell.run("init", "neovim")
    assert shown.out
    assert is_harmless(shown), shown


async def test_what_a_settings_file_holds_in_init(shell: Shell, folder: Path) -> None:
    hidden = "".join(PAYLOADS[each] for each in ("reorder", "invisible", "tags"))
    settings = folder.parent / "home" / "config.toml"
    settings.write_text(f"# {hidden}\n", encoding="utf-8")
    (folder / ".aider.conf.yml").write_text("model: mistral/codestral-2508\n", encoding="utf-8")
    shown = await shell.run("init", "neovim")
    assert "codestral-2508" in shown.out
    readable = Shown(shown.out if shell.is_terminal else "", shown.err, shown.code)
    assert is_harmless(readable), shown


async def test_a_log_on_a_terminal(shell: Shell) -> None:
    body = {"detail": f"No{ALL}"}
    async with FakeMistral(lambda _: failure(422, body), strict=False) as fake:
        shown = await shell.run("complete", "a.py:2", fake=fake, DEVSTRAL_LOG_LEVEL="debug")
    assert "DEBUG" in shown.err
    assert is_harmless(shown), shown


JSON: Mapping[str, Callable[[Received], Answer]] = {
    "explain": lambda _: replies.markdown(f"It adds.{ALL}\x7f"),
    "review": lambda _: replies.findings((1, f"Too long.{ALL}\x7f")),
}


@pytest.mark.parametrize("action", JSON)
async def test_json_is_json_in_ascii(shell: Shell, action: str) -> None:
    async with FakeMistral(JSON[action], strict=False) as fake:
        shown = await shell.run("refactor", "a.py:1", "--action", action, "--json", fake=fake)
    assert shown.out.isascii()
    assert json.loads(shown.out)["places"][0]["action"] == action
    assert is_harmless(shown), shown


NEW = 'def total(values):\n    """Add up."""\n    return sum(values)  # \x1b[2J\x0c\n'


async def test_a_diff_that_holds_what_the_users_file_held(shell: Shell, folder: Path) -> None:
    """A terminal gets escapes; a pipe gets a diff that git applies, byte for byte."""
    file = folder / "a.py"
    old = NEW.replace('    """Add up."""\n', "")
    file.write_text(old, encoding="utf-8")
    async with chatting(replies.code(NEW)) as fake:
        shown = await shell.run("refactor", "a.py:1", "--action", "document", fake=fake)
    assert '+    """Add up."""' in _COLOUR.sub("", shown.out)
    if shell.is_terminal:
        assert is_harmless(shown), shown
        return
    assert is_harmless(Shown("", shown.err, 0)), shown
    git = await asyncio.create_subprocess_exec(
        "git", "apply", "-", stdin=subprocess.PIPE, cwd=folder
    )
    await git.communicate(shown.out.encode())
    assert git.returncode == 0
    assert file.read_text(encoding="utf-8") == NEW


async def test_a_diff_in_a_pipe_has_nothing_that_the_file_had_not(
    folder: Path, environ: dict[str, str]
) -> None:
    """The model's own lines come without: its edit is refused, by the character's name."""
    hostile = NEW.replace("Add up.", f"Add up.{PAYLOADS['clear']}")
    async with chatting(replies.code(hostile), replies.code(hostile)) as fake:
        shell = Shell(folder, environ, is_terminal=False)
        shown = await shell.run("refactor", "a.py:1", "--action", "document", fake=fake)
    assert shown.code == 2
    assert shown.out == ""
    assert "U+001B ESCAPE" in shown.err
    assert (folder / "a.py").read_text(encoding="utf-8") == CODE


async def test_a_diff_for_a_pager(folder: Path, environ: dict[str, str]) -> None:
    """In colours, it is for a reader, in whatever it is piped."""
    (folder / "a.py").write_text(NEW.replace('    """Add up."""\n', ""), encoding="utf-8")
    async with chatting(replies.code(NEW)) as fake:
        shell = Shell(folder, environ, is_terminal=False)
        arguments = ("refactor", "a.py:1", "--action", "document")
        shown = await shell.run(*arguments, fake=fake, FORCE_COLOR="1")
    assert "\x1b[32m+" in shown.out
    assert is_harmless(shown), shown
