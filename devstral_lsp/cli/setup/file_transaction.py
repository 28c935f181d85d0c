"""Writes several files at once or none, with backups that `undo` restores.

Each call of `write` keeps the former bytes of its files, with a list of them, in a numbered folder;
`undo` restores the last one, and removes the folders that `write` made for it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from devstral_lsp.bounded_read import read_bytes
from devstral_lsp.errors import DevstralError

_LIST = "files.json"
LARGEST_FILE = 10_000_000
"""Bytes of an editor's settings that are changed."""


class CannotUndo(DevstralError):
    """There is nothing to undo, or the files have been changed since."""


class CannotWrite(DevstralError):
    """A file cannot be read, written or kept."""


@dataclass(frozen=True, slots=True)
class FileEdit:
    """A file as it was, None if it was not there, and as it is to be."""

    path: Path
    before: bytes | None
    after: bytes


def read(path: Path) -> bytes | None:
    """What is in the file, None if it is not there. Raises CannotWrite."""
    try:
        return read_bytes(path, max_bytes=LARGEST_FILE)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotWrite(f"{path} cannot be read ({error.strerror}).") from None


def write(edits: Sequence[FileEdit], backups: Path) -> Path:
    """Keep what there was in a new folder of `backups`, then write; gives the folder.

    Raises CannotWrite, and has taken back then what was written.
    """
    number = max((int(each.name) for each in backups.glob("[0-9]*")), default=0) + 1
    kept = backups / f"{number:04}"
    done: list[FileEdit] = []
    made = {folder for each in edits for folder in _missing_folders(each.path)}
    try:
        _keep(edits, kept)
        for each in edits:
            each.path.parent.mkdir(parents=True, exist_ok=True)
            _put(each.path, each.after)
            done.append(each)
    except OSError as error:
        for each in done:
            _bring_back(each.path, each.before)
        _remove_empty(made)
        shutil.rmtree(kept, ignore_errors=True)
        raise CannotWrite(f"{error.filename} cannot be written ({error.strerror}).") from None
    return kept


def undo(backups: Path) -> list[Path]:
    """Take the last writing back; gives the files. Raises CannotUndo and changes none of them."""
    kept = sorted(each for each in backups.glob("*") if (each / _LIST).is_file())
    if not kept:
        raise CannotUndo("there is nothing to undo.")
    rows = json.loads((kept[-1] / _LIST).read_text(encoding="utf-8"))
    for row in rows:
        now = read(Path(row["path"]))
        if now is None or _sum(now) != row["after"]:
            raise CannotUndo(
                f"{row['path']} has been changed since. What it was before is in {kept[-1]}."
            )
    for row in rows:
        before = None if row["copy"] is None else (kept[-1] / row["copy"]).read_bytes()
        _bring_back(Path(row["path"]), before)
    _remove_empty({Path(folder) for row in rows for folder in row.get("folders", ())})
    shutil.rmtree(kept[-1])
    return [Path(row["path"]) for row in rows]


def _keep(edits: Sequence[FileEdit], kept: Path) -> None:
    kept.mkdir(parents=True, mode=0o700)
    rows = []
    for index, each in enumerate(edits):
        copy = None if each.before is None else f"{index}-{each.path.name}"
        if copy is not None and each.before is not None:
            (kept / copy).write_bytes(each.before)
        row = {"path": str(each.path), "copy": copy, "after": _sum(each.after)}
        rows.append({**row, "folders": [str(folder) for folder in _missing_folders(each.path)]})
    (kept / _LIST).write_text(json.dumps(rows, indent=1), encoding="utf-8")


def _bring_back(path: Path, before: bytes | None) -> None:
    if before is None:
        path.unlink()
    else:
        _put(path, before)


def _missing_folders(path: Path) -> list[Path]:
    return [folder for folder in path.parents if not folder.exists()]


def _remove_empty(folders: Iterable[Path]) -> None:
    """Remove those that hold nothing; the innermost first."""
    for folder in sorted(folders, key=lambda each: len(each.parts), reverse=True):
        with suppress(OSError):
            folder.rmdir()


def _put(path: Path, content: bytes) -> None:
    """Write it at once or not at all, where a link leads to, with the rights that it has."""
    place = Path(os.path.realpath(path))
    beside = place.with_name(f".{place.name}.devstral-lsp")
    beside.write_bytes(content)
    if place.exists():
        shutil.copymode(place, beside)
    beside.replace(place)


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
