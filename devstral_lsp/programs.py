"""Run external programs; the only module that starts processes.

A program is searched on the PATH, in absolute folders outside of projects. It gets a list of
arguments, an environment without keys, no standard input, no terminal and a timeout. Its output is
limited, and its process group ends with it. Messages never repeat its output.
"""

from __future__ import annotations

import atexit
import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from devstral_lsp.errors import ConfigError

Run = Callable[[Sequence[str], float], bytes]
"""Runs a command with a timeout in seconds, like `output_of`."""

MAX_OUTPUT_BYTES = 64 * 1024
"""Output limit of a program; a key or a keyring's answer is one line."""

_CHUNK_BYTES = 8 * 1024
_POLL_S = 0.05
"""Interval between checks whether a program has ended whose children keep its output open."""
_MIN_KEY_LENGTH = 8
"""Minimum length of a key's value for variables with this value to count as keys."""

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:KEY|[A-Z]*APIKEY|TOKEN|PAT|SECRET|[A-Z]*PASSWORD|PASS|PASSWD|PWD|PASSPHRASE|"
    r"CREDENTIALS?|AUTH|BEARER)\d*(?:_|$)",
    re.IGNORECASE,
)
"""Words in the names of variables that hold secrets."""
_NO_SECRETS = frozenset({"PWD", "OLDPWD"})
_PASSWORD_MANAGERS = re.compile(
    r"^(?:OP|BW|BWS|VAULT|BAO|PASSWORD_STORE|GOPASS|LPASS|DASHLANE|KEEPER|KSM|PROTON_PASS|PASS|"
    r"DOPPLER|INFISICAL|AKEYLESS|CONJUR|SOPS|AGE|RBW|GPG|GNUPG|SSH|KRB5|DBUS|XDG)_",
    re.IGNORECASE,
)
"""Credentials with which a key command logs in to its vault: never a model's key."""
_STEERING = re.compile(
    r"^(?:DEVSTRAL_.*|GIT_.*|LD_(?:PRELOAD|AUDIT|DEBUG.*|PROFILE.*)|"
    r"DYLD_(?:INSERT_LIBRARIES|FORCE_FLAT_NAMESPACE)|"
    r"BASH_ENV|BASH_FUNC_.*|ENV|SHELLOPTS|BASHOPTS|PS4|IFS|CDPATH|ZDOTDIR|PROMPT_COMMAND|"
    r"PYTHONSTARTUP|PYTHONINSPECT|PYTHONBREAKPOINT|PYTHONWARNINGS|PERL5OPT|PERL5DB|RUBYOPT|"
    r"NODE_OPTIONS|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|GCONV_PATH|"
    r"LOCPATH|NLSPATH|HOSTALIASES)$"
)
"""Our own variables, those that configure git, and those that make a program load other code."""
_FOLDER_LISTS = frozenset(
    (
        *("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
        *("PERL5LIB", "RUBYLIB", "NODE_PATH", "CLASSPATH"),
    )
)
"""Variables with folders of code, from which a project's and relative ones are removed."""


def output_of(
    command: Sequence[str],
    timeout_s: float,
    *,
    environ: Mapping[str, str] | None = None,
    key_variables: Collection[str] = (),
    project_folders: Sequence[Path] = (),
) -> bytes:
    """The output of the command. Blocking.

    `environ` is the basis of the program's environment, None for our own; `key_variables` are names
    in it of keys; `project_folders` and the working directory must not contain the program. Raises
    ConfigError, without any output, if the program cannot be started, takes longer than
    `timeout_s`, prints more than MAX_OUTPUT_BYTES or fails.
    """
    around = dict(os.environ if environ is None else environ)
    foreign = foreign_folders(project_folders, around)
    program = find_program(command[0] if command else "", around.get("PATH", ""), foreign)
    environment = child_environment(around, key_variables, foreign)
    try:
        child = _RUNNING.start((program, *command[1:]), environment)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in an argument
        raise ConfigError(f"could not be started ({type(error).__name__})") from None
    output = _awaited(child, timeout_s)
    if child.returncode != 0:
        raise ConfigError(f"ended with exit code {child.returncode}")
    return output


def find_program(name: str, path: str, foreign: Sequence[str] = ()) -> str:
    """The absolute path of a program.

    Searches `path` like a shell, without entries that are empty, relative or within a `foreign`
    folder. A name with a separator must be an absolute path, or begin with "~". Raises ConfigError
    if there is no such program.
    """
    named = os.path.expanduser(name)
    if os.path.isabs(named):
        return named
    if not named or os.path.dirname(named) or (os.name == "nt" and ":" in named):
        raise ConfigError("could not be started: name it by its absolute path, or as on the PATH")
    for folder in _trusted(path, foreign):
        for each in _with_suffixes(os.path.join(folder, named)):
            if os.path.isfile(each) and os.access(each, os.X_OK):
                return each
    raise ConfigError("could not be started (not found on the PATH)")


def child_environment(
    environ: Mapping[str, str], key_variables: Collection[str], foreign: Sequence[str]
) -> dict[str, str]:
    """The part of `environ` to pass to a user's program.

    Excludes keys and variables that load code, instead of listing what is needed: a user's command
    may call any password manager, each with its own variables. A key is excluded by its value, too,
    whatever the variable's name.
    """
    named = {variable.upper() for variable in key_variables}
    secret = {name for name in environ if name.upper() in named or _is_secret(name)}
    values = {environ[name] for name in secret if len(environ[name]) >= _MIN_KEY_LENGTH}
    kept = {
        name: value
        for name, value in environ.items()
        if name not in secret and value not in values and not _STEERING.match(name)
    }
    for name in _FOLDER_LISTS.intersection(kept):
        kept[name] = os.pathsep.join(_trusted(kept[name], foreign))
        if not kept[name]:
            del kept[name]
    return kept


def foreign_folders(project_folders: Sequence[Path], environ: Mapping[str, str]) -> tuple[str, ...]:
    """The real paths of folders whose content may be hostile.

    Includes the working directory, which editors set to the project's folder, unless it contains
    the home folder: then it was not set for a project.
    """
    folders = [os.path.realpath(folder) for folder in project_folders]
    with suppress(OSError):
        folders.append(os.path.realpath(os.getcwd()))
    home = os.path.realpath(environ.get("HOME") or os.path.expanduser("~"))
    return tuple(folder for folder in folders if not _is_within(home, folder))


def _is_secret(name: str) -> bool:
    if name in _NO_SECRETS or _PASSWORD_MANAGERS.match(name):
        return False
    return bool(_SECRET_NAME.search(name))


def _trusted(folders: str, foreign: Sequence[str]) -> list[str]:
    """The entries of a list such as PATH that are absolute and outside of foreign folders."""
    return [
        entry
        for entry in folders.split(os.pathsep)
        if os.path.isabs(entry)
        and not any(
            _is_within(path, each)
            for each in foreign
            for path in (os.path.normpath(entry), os.path.realpath(entry))
        )
    ]


def _is_within(path: str, folder: str) -> bool:
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    return path == folder or path.startswith(os.path.join(folder, ""))


def _with_suffixes(path: str) -> Iterator[str]:
    yield path
    if os.name == "nt":
        for suffix in os.environ.get("PATHEXT", ".COM;.EXE").split(";"):
            yield path + suffix


def _neutral_folder() -> str:
    """The working directory of programs: outside of projects, so that no relative name leads
    into one."""
    home = os.path.expanduser("~")
    return home if os.path.isabs(home) and os.path.isdir(home) else os.path.abspath(os.sep)


class _Running:
    """The running programs, which end with our own process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # also held while a program is started, in any thread
        self._children: set[subprocess.Popen[bytes]] = set()
        self._is_over = False

    def start(self, command: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a program. Raises OSError or ValueError on failure, ConfigError while we are
        exiting."""
        with self._lock:
            if self._is_over:
                raise ConfigError("was not started: devstral-lsp is ending")
            child = subprocess.Popen(
                command,
                cwd=_neutral_folder(),
                env=environ,
                stdin=subprocess.DEVNULL,  # standard input is the editor's
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # on POSIX, a new session has no terminal
                bufsize=0,
            )
            self._children.add(child)
            return child

    def end(self, child: subprocess.Popen[bytes]) -> None:
        """End the program and everything that it has started, such as a shell's pipe."""
        if hasattr(os, "killpg"):  # not on Windows
            with suppress(OSError):
                os.killpg(child.pid, signal.SIGKILL)
        child.kill()
        child.wait()
        self._children.discard(child)

    def end_all(self) -> None:
        """End all programs and start no more, because our own process exits."""
        with self._lock:
            self._is_over = True
            for child in tuple(self._children):
                self.end(child)


_RUNNING = _Running()
atexit.register(_RUNNING.end_all)


def _awaited(child: subprocess.Popen[bytes], timeout_s: float) -> bytes:
    """Its output. Ends its process group when it exits or times out."""
    try:
        return _collected(child, time.monotonic() + timeout_s)
    except subprocess.TimeoutExpired:
        raise ConfigError(f"did not end within {timeout_s:.0f} s") from None
    finally:
        _RUNNING.end(child)


def _collected(child: subprocess.Popen[bytes], deadline_s: float) -> bytes:
    """The output until the program exited.

    Children that it left behind may keep the pipe open; they are not waited for.
    """
    pieces: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(child, pieces), name="output", daemon=True).start()
    output = bytearray()
    has_ended = False
    while (left_s := deadline_s - time.monotonic()) > 0:
        try:
            piece = pieces.get(timeout=min(_POLL_S, left_s))
        except queue.Empty:
            if has_ended:
                return bytes(output)
            has_ended = child.poll() is not None  # check again: it may have printed just before
            continue
        output += piece
        if len(output) > MAX_OUTPUT_BYTES:
            raise ConfigError(f"printed more than {MAX_OUTPUT_BYTES // 1024} kB")
        if not piece:
            child.wait(max(0.0, deadline_s - time.monotonic()))
            return bytes(output)
    raise subprocess.TimeoutExpired(child.args, 0)


def _read(child: subprocess.Popen[bytes], pieces: queue.SimpleQueue[bytes]) -> None:
    """Pass on the output, then b""; stops soon after the limit."""
    assert child.stdout is not None
    left = MAX_OUTPUT_BYTES + 1
    with child.stdout as stdout:
        while left > 0 and (piece := stdout.read(min(_CHUNK_BYTES, left))):
            left -= len(piece)
            pieces.put(piece)
    pieces.put(b"")
