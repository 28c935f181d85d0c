"""Whether a repository belongs to the user, or is a safe one, as git decides it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from devstral_lsp.git.config import parse_config

_MAX_BYTES = 1_000_000


def is_trusted(top: str, paths: Iterable[str], environ: Mapping[str, str]) -> bool:
    """Whether the user owns all `paths`, or `top` is a `safe.directory` (git-config(1)).

    Reads only the user's and the system's configuration, never the repository's.
    """
    if not hasattr(os, "geteuid"):  # Windows, where git compares security identifiers
        return True
    users = {os.geteuid()}
    if os.geteuid() == 0 and environ.get("SUDO_UID", "").isdigit():
        users.add(int(environ["SUDO_UID"]))
    try:
        owners = {os.lstat(path).st_uid for path in paths}
    except OSError:
        return False
    return owners <= users or _is_safe(top, _safe_directories(environ))


def _is_safe(top: str, safe: Iterable[str]) -> bool:
    verdict = False
    for each in safe:
        if not each:
            verdict = False  # an empty value resets the list
        elif each == "*" or os.path.realpath(os.path.expanduser(each)) == top:
            verdict = True
        elif each.endswith("/*"):
            verdict = verdict or top.startswith(os.path.realpath(each[:-2]) + os.sep)
    return verdict


def _safe_directories(environ: Mapping[str, str]) -> Iterator[str]:
    home = environ.get("HOME") or os.path.expanduser("~")
    folder = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    own = (os.path.join(folder, "git", "config"), os.path.join(home, ".gitconfig"))
    for path in ("/etc/gitconfig", *own):
        yield from (value for key, value in _values(path) if key == "safe.directory")


def _values(path: str) -> Iterator[tuple[str, str]]:
    try:
        with open(path, "rb") as file:
            data = file.read(_MAX_BYTES)
    except OSError:
        return
    yield from parse_config(data.decode("utf-8", "surrogateescape"))
