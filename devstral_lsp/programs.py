"""Runs external programs: the one module that starts a process.

A program is found on the PATH by us, in absolute folders that no project keeps, and gets a list of
arguments, an environment without keys, no standard input, no terminal and a deadline. Its output is
bounded, and its process group ends with it. Messages repeat nothing of what is printed.
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
"""Runs a command within so many seconds, as `output_of` does."""

MAX_OUTPUT_BYTES = 64 * 1024
"""Of one program; a key or a keyring's answer is a line."""

_CHUNK_BYTES = 8 * 1024
_POLL_S = 0.05
"""How often to look whether a program has ended whose children hold its output open."""
_SHORTEST_KEY = 8
"""Characters from which a variable with a key's value counts as that key."""

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:KEY|[A-Z]*APIKEY|TOKEN|PAT|SECRET|[A-Z]*PASSWORD|PASS|PASSWD|PWD|PASSPHRASE|"
    r"CREDENTIALS?|AUTH|BEARER)\d*(?:_|$)",
    re.IGNORECASE,
)
"""Variables that hold a secret, by a word of their name."""
_NO_SECRETS = frozenset({"PWD", "OLDPWD"})
_PASSWORD_MANAGERS = re.compile(
    r"^(?:OP|BW|BWS|VAULT|BAO|PASSWORD_STORE|GOPASS|LPASS|DASHLANE|KEEPER|KSM|PROTON_PASS|PASS|"
    r"DOPPLER|INFISICAL|AKEYLESS|CONJUR|SOPS|AGE|RBW|GPG|GNUPG|SSH|KRB5|DBUS|XDG)_",
    re.IGNORECASE,
)
"""What a key command logs in to its vault with: the vault's own secrets, never a model's key."""
_STEERING = re.compile(
    r"^(?:DEVSTRAL_.*|GIT_.*|LD_(?:PRELOAD|AUDIT|DEBUG.*|PROFILE.*)|"
    r"DYLD_(?:INSERT_LIBRARIES|FORCE_FLAT_NAMESPACE)|"
    r"BASH_ENV|BASH_FUNC_.*|ENV|SHELLOPTS|BASHOPTS|PS4|IFS|CDPATH|ZDOTDIR|PROMPT_COMMAND|"
    r"PYTHONSTARTUP|PYTHONINSPECT|PYTHONBREAKPOINT|PYTHONWARNINGS|PERL5OPT|PERL5DB|RUBYOPT|"
    r"NODE_OPTIONS|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|GCONV_PATH|"
    r"LOCPATH|NLSPATH|HOSTALIASES)$"
)
"""Variables of our own, those that steer git, and those that make a program load other code."""
_FOLDER_LISTS = frozenset(
    (
        *("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
        *("PERL5LIB", "RUBYLIB", "NODE_PATH", "CLASSPATH"),
    )
)
"""Variables that hold folders of code: those of a project, and relative ones, are left out."""


def output_of(
    command: Sequence[str],
    timeout_s: float,
    *,
    environ: Mapping[str, str] | None = None,
    key_variables: Collection[str] = (),
    project_folders: Sequence[Path] = (),
) -> bytes:
    """What the command prints. Blocks.

    `environ` is what the program's environment is made of, None for our own; `key_variables` are
    names in it that hold keys; `project_folders` are where no program may come from, as the folder
    that we run in. Raises ConfigError, without any of the output, if the program cannot be started,
    takes longer than `timeout_s`, prints more than MAX_OUTPUT_BYTES or fails.
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

    `path` is searched as a shell would, but for entries that are empty, relative or within a
    `foreign` folder. A name with a separator must be an absolute path, or begin with "~". Raises
    ConfigError if there is no such program.
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
    """The part of `environ` that a program of the user's gets.

    All but what holds keys or runs code, rather than a list of what is needed: a user's own command
    may ask any password manager, and each has its variables. A key goes under whatever name its
    value stands.
    """
    named = {variable.upper() for variable in key_variables}
    secret = {name for name in environ if name.upper() in named or _is_secret(name)}
    values = {environ[name] for name in secret if len(environ[name]) >= _SHORTEST_KEY}
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
    """The real paths of folders whose content may come from a stranger.

    The current folder is one of them, which an editor sets to the project's, unless the home folder
    lies in it: then it was not chosen for a project.
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
    """The entries of a list such as PATH that are absolute and not within a foreign folder."""
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
    """Where a program runs: no project's folder, so that no relative name leads into one."""
    home = os.path.expanduser("~")
    return home if os.path.isabs(home) and os.path.isdir(home) else os.path.abspath(os.sep)


class _Running:
    """The programs under way, none of which outlives our own process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # also while one is being started, in whichever thread
        self._children: set[subprocess.Popen[bytes]] = set()
        self._is_over = False

    def start(self, command: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Raises OSError or ValueError if it cannot be started, ConfigError when we are ending."""
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
                start_new_session=True,  # on POSIX a session of its own has no terminal
                bufsize=0,
            )
            self._children.add(child)
            return child

    def end(self, child: subprocess.Popen[bytes]) -> None:
        """End it and all that it has started, such as the program behind a shell's pipe."""
        if hasattr(os, "killpg"):  # not on Windows
            with suppress(OSError):
                os.killpg(child.pid, signal.SIGKILL)
        child.kill()
        child.wait()
        self._children.discard(child)

    def end_all(self) -> None:
        """Our own process ends: no program stays, and none is started any more."""
        with self._lock:
            self._is_over = True
            for child in tuple(self._children):
                self.end(child)


_RUNNING = _Running()
atexit.register(_RUNNING.end_all)


def _awaited(child: subprocess.Popen[bytes], timeout_s: float) -> bytes:
    """Its output. Its group is ended when it has ended, and when its time is over."""
    try:
        return _collected(child, time.monotonic() + timeout_s)
    except subprocess.TimeoutExpired:
        raise ConfigError(f"did not end within {timeout_s:.0f} s") from None
    finally:
        _RUNNING.end(child)


def _collected(child: subprocess.Popen[bytes], deadline_s: float) -> bytes:
    """What it printed by the time that it ended.

    A child that it has left behind may hold the pipe open, which is not waited for.
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
            has_ended = child.poll() is not None  # one more look: it may have printed just before
            continue
        output += piece
        if len(output) > MAX_OUTPUT_BYTES:
            raise ConfigError(f"printed more than {MAX_OUTPUT_BYTES // 1024} kB")
        if not piece:
            child.wait(max(0.0, deadline_s - time.monotonic()))
            return bytes(output)
    raise subprocess.TimeoutExpired(child.args, 0)


def _read(child: subprocess.Popen[bytes], pieces: queue.SimpleQueue[bytes]) -> None:
    """Pass on what comes, b"" at the end; of a flood a little more than is allowed."""
    assert child.stdout is not None
    left = MAX_OUTPUT_BYTES + 1
    with child.stdout as stdout:
        while left > 0 and (piece := stdout.read(min(_CHUNK_BYTES, left))):
            left -= len(piece)
            pieces.put(piece)
    pieces.put(b"")
