"""Real programs, found where they may be, with what they may see, and bounded in all they do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devstral_lsp.errors import ConfigError
from devstral_lsp.programs import (
    MAX_OUTPUT_BYTES,
    child_environment,
    find_program,
    foreign_folders,
    output_of,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no such terminals")

PATIENCE_S = 20
ON_A_TERMINAL = """
import os, sys
from devstral_lsp.programs import output_of
with open("/dev/tty", "w") as terminal:
    terminal.write("This is one.")
output_of(("sh", "-c", "echo Password? > /dev/tty; echo key"), 20)
"""
LEFT_WITH_A_QUESTION = """
import asyncio, os, sys
from functools import partial
from devstral_lsp.daemon_thread import run_in_daemon_thread
from devstral_lsp.programs import output_of

async def main():
    command = ("sh", "-c", f"exec 3> {os.getcwd()}/fifo; echo asked >&3; sleep 60 | cat")
    asking = asyncio.ensure_future(run_in_daemon_thread(partial(output_of, command, 60)))
    await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


def test_there_is_no_terminal_to_ask_on() -> None:
    command = [sys.executable, "-c", ON_A_TERMINAL]
    spawn = (sys.executable, "-c", f"import pty; pty.spawn({command!r})")
    done = subprocess.run(spawn, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S)
    assert b"This is one." in done.stdout
    assert b"Password" not in done.stdout


def test_it_ends_with_us_and_we_do_not_wait_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    command = (sys.executable, "-c", LEFT_WITH_A_QUESTION)
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=tmp_path) as process:
        with (tmp_path / "fifo").open("rb") as fifo:
            assert fifo.readline() == b"asked\n"
            assert process.stdin is not None
            process.stdin.close()
            assert fifo.read() == b""  # the end comes when all that held it has ended
        assert process.wait(PATIENCE_S) == 0


def sh(script: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", script)


def refusal(command: tuple[str, ...], timeout_s: float = PATIENCE_S) -> str:
    with pytest.raises(ConfigError) as refused:
        output_of(command, timeout_s)
    return str(refused.value)


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for counts as ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def until_gone(pid: int) -> None:
    for _ in range(200):
        if is_gone(pid):
            return
        time.sleep(0.02)  # the kernel ends it in its own time
    raise AssertionError("it lives on")


def test_its_output() -> None:
    assert output_of(sh("echo one; echo two"), PATIENCE_S) == b"one\ntwo\n"
    assert output_of(sh("cat"), PATIENCE_S) == b""


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo secret; exit 3", "ended with exit code 3"),
        ("yes secret", f"printed more than {MAX_OUTPUT_BYTES // 1024} kB"),
        ("cat /dev/zero", f"printed more than {MAX_OUTPUT_BYTES // 1024} kB"),
        ("kill -9 $$", "ended with exit code -9"),
    ],
)
def test_a_failure_is_told_without_output(script: str, told: str) -> None:
    assert refusal(sh(script)) == told


@pytest.mark.parametrize(
    "script",
    [
        "sleep 300",
        "trap '' TERM INT HUP; while :; do sleep 1; done",
        "exec >&-; sleep 300",
        "while :; do echo; sleep 0.05; done",
    ],
    ids=["sleeps", "ignores signals", "closes its output", "never stops talking"],
)
def test_a_deadline_ends_it(tmp_path: Path, script: str) -> None:
    pid = tmp_path / "pid"
    assert refusal(sh(f"echo $$ > {pid}; {script}"), 0.5).startswith("did not end within")
    until_gone(int(pid.read_text()))


def test_what_it_leaves_behind_is_neither_waited_for_nor_left(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = f"(trap '' HUP TERM; echo $$ > {pid}; exec sleep 300) & echo key"
    start = time.monotonic()
    assert output_of(sh(f"(echo) | cat; sleep 300 & echo $! > {pid}; {script}"), 60) == b"\nkey\n"
    assert time.monotonic() - start < PATIENCE_S
    until_gone(int(pid.read_text()))


def test_a_child_in_a_session_of_its_own_is_not_waited_for() -> None:
    start = time.monotonic()
    assert output_of(sh("setsid sleep 5 & echo key"), 60) == b"key\n"
    assert time.monotonic() - start < 4


def program(folder: Path, name: str = "pass", says: str = "key") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(0o755)
    return path


def test_a_program_is_found_where_a_shell_would(tmp_path: Path) -> None:
    (tmp_path / "a" / "pass").mkdir(parents=True)
    program(tmp_path / "b").chmod(0o644)
    right = program(tmp_path / "c")
    program(tmp_path / "d")
    path = os.pathsep.join(str(tmp_path / each) for each in "abcd")
    assert find_program("pass", path) == str(right)
    assert find_program(str(right), "") == str(right)


@pytest.mark.parametrize(
    "entries", ["", ".", "bin", "{clone}/bin", "{clone}", "{link}", "{clone}/../clone"]
)
def test_nothing_of_a_project_is_run_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: str
) -> None:
    clone, link = tmp_path / "clone", tmp_path / "link"
    program(clone), program(clone / "bin")
    link.symlink_to(clone / "bin")
    monkeypatch.chdir(clone)
    path = entries.format(clone=clone, link=link)
    for folders, where in (((clone,), {}), ((), {}), ((clone,), {"HOME": str(tmp_path)})):
        foreign = foreign_folders(folders, where)
        with pytest.raises(ConfigError, match="not found on the PATH"):
            find_program("pass", f"{path}{os.pathsep}/nowhere", foreign)
        assert "PATH" not in child_environment({"PATH": path}, (), foreign)


@pytest.mark.parametrize("name", ["./pass", "bin/pass", "../clone/pass", ""])
def test_a_relative_program_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    program(tmp_path / "clone"), program(tmp_path / "clone" / "bin")
    monkeypatch.chdir(tmp_path / "clone")
    assert "absolute path" in refusal((name,))


def test_the_home_folder_is_no_project_although_an_editor_starts_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = program(tmp_path / ".local" / "bin")
    monkeypatch.chdir(tmp_path)
    foreign = foreign_folders((), {"HOME": str(tmp_path)})
    assert find_program("pass", str(own.parent), foreign) == str(own)


def test_it_does_not_run_in_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert output_of(sh("pwd"), PATIENCE_S).strip() != os.fsencode(tmp_path)


KEPT = {
    "HOME": "/home/u", "LANG": "C", "GNUPGHOME": "/g", "GPG_TTY": "/dev/pts/1", "DISPLAY": ":0",
    "SSH_AUTH_SOCK": "/s", "DBUS_SESSION_BUS_ADDRESS": "unix:x", "XDG_RUNTIME_DIR": "/run/u",
    "PASSWORD_STORE_DIR": "/p", "PASSWORD_STORE_KEY": "0xABCDEF0123", "BW_SESSION": "s3ss10n-x",
    "OP_SERVICE_ACCOUNT_TOKEN": "ops_token", "VAULT_TOKEN": "hvs.token", "VAULT_ADDR": "https://v",
    "WAYLAND_DISPLAY": "w", "SystemRoot": "C:", "PWD": "/x", "KEYBOARD": "de", "HTTPS_PROXY": "http://p",
    "PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": "/opt/lib", "AWS_PROFILE": "work", "MONKEY": "ape",
}  # fmt: skip
LEFT_OUT = {
    "MISTRAL_API_KEY": "mistral-key-1", "CODESTRAL_API_KEY": "codestral-key", "OPENAI_API_KEY": "o",
    "ANTHROPIC_API_KEY": "a", "HF_TOKEN": "h", "GITHUB_TOKEN": "g", "AZURE_OPENAI_KEY": "z",
    "MISTRAL_API_KEY_WORK": "w", "mistral_api_key": "low", "DEVSTRAL_FIM_BASE_URL": "http://x",
    "CORP": "named-by-a-setting", "COPY_OF_IT": "mistral-key-1", "AWS_SECRET_ACCESS_KEY": "s",
    "GIT_SSH_COMMAND": "x", "GIT_DIR": "/x", "LD_PRELOAD": "/x.so", "LD_AUDIT": "/x.so",
    "DYLD_INSERT_LIBRARIES": "/x", "BASH_ENV": "/x", "ENV": "/x", "BASH_FUNC_ls%%": "() { x; }",
    "PYTHONSTARTUP": "/x", "PERL5OPT": "-Mx", "NODE_OPTIONS": "-r x", "RUBYOPT": "-rx",
    "PGPASSWORD": "p", "MYSQL_PWD": "p", "X_PASSPHRASE": "p", "OPENAI_APIKEY": "q",
}  # fmt: skip


def test_it_sees_no_keys_and_nothing_that_runs_code() -> None:
    assert child_environment({**KEPT, **LEFT_OUT}, {"CORP"}, ()) == KEPT


def test_lists_of_folders_lose_what_a_project_holds() -> None:
    environ = {"PATH": "/usr/bin::.:/clone/bin:x:/bin", "PYTHONPATH": "", "PERL5LIB": "/clone"}
    assert child_environment(environ, (), ("/clone",)) == {"PATH": "/usr/bin:/bin"}


def test_a_real_program_sees_that_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LEFT_OUT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LD_PRELOAD", "")
    monkeypatch.setenv("LD_AUDIT", "")
    output = output_of((sys.executable, "-c", "import os; print(dict(os.environ))"), PATIENCE_S)
    assert not [name for name in LEFT_OUT if f"'{name}'" in output.decode() and name != "CORP"]
