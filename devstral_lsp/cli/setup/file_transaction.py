"""Writes several files together or none, with backups that `undo` restores.

Each call of `write` stores the former content of its files, with a list of them, in a numbered
folder. `undo` restores the last one; `recover` restores files that a killed process wrote in part.
Both remove the folders that `write` created.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstral_lsp.bounded_read import read_bytes
from devstral_lsp.errors import DevstralError

_LIST, _PENDING = "files.json", "pending.json"
MAX_FILE_BYTES = 10_000_000
"""Size limit of an editor's settings file."""


class CannotUndo(DevstralError):
    """There is nothing to undo, or the files have been changed since."""


class CannotWrite(DevstralError):
    """A file cannot be read, written or backed up."""


@dataclass(frozen=True, slots=True)
class FileEdit:
    """A file before, None if it did not exist, and after."""

    path: Path
    before: bytes | None
    after: bytes


def read(path: Path) -> bytes | None:
    """The content of the file; None if it does not exist. Raises CannotWrite."""
    try:
        return read_bytes(path, max_bytes=MAX_FILE_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotWrite(f"{path} cannot be read ({error.strerror}).") from None


def write(edits: Sequence[FileEdit], backups: Path) -> Path:
    """Back up the files in a new folder in `backups`, then write them; returns the folder.

    Raises CannotWrite after restoring what was written.
    """
    recover(backups)
    number = max((int(each.name) for each in backups.glob("[0-9]*")), default=0) + 1
    backup = backups / f"{number:04}"
    at = backup
    try:
        _back_up(edits, backup)
        for each in edits:
            at = each.path
            at.parent.mkdir(parents=True, exist_ok=True)
            _put(at, each.after)
        (backup / _PENDING).replace(backup / _LIST)
    except OSError as error:
        reason = f"{at} cannot be written ({error.strerror})."
        if left := _roll_back(backup):
            names = ", ".join(map(str, left))
            reason = f"{reason} {names} could not be restored: the backup is in {backup}."
        raise CannotWrite(reason) from None
    return backup


def recover(backups: Path) -> list[Path]:
    """Restore files that a killed run wrote in part; returns them. Raises CannotWrite."""
    changed: list[Path] = []
    for backup in sorted(backups.glob("[0-9]*")):
        if (backup / _LIST).is_file():
            continue
        changed += [Path(row["path"]) for row in _rows(backup / _PENDING) if _is_written(row)]
        if left := _roll_back(backup):
            names = ", ".join(map(str, left))
            raise CannotWrite(
                f"An earlier run was interrupted, and {names} cannot be restored. "
                f"The backup is in {backup}."
            )
    return changed


def _roll_back(backup: Path) -> list[Path]:
    """Restore the files that we wrote and that have not changed since, and remove the backup.

    Returns the files that cannot be restored, for which the backup is kept.
    """
    left = []
    rows = _rows(backup / _PENDING)
    for row in rows:
        path = Path(row["path"])
        try:
            _beside(path).unlink(missing_ok=True)
            if _is_written(row):
                _restore(path, _before(backup, row))
        except NotADirectoryError:
            continue  # no folder, no file
        except (OSError, CannotWrite):
            left.append(path)
    _remove_empty(rows)
    if not left:
        shutil.rmtree(backup, ignore_errors=True)
    return left


def _rows(file: Path) -> list[dict[str, Any]]:
    """The list of files; empty if it is incomplete, and then no file was changed."""
    try:
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return rows


def _is_written(row: Mapping[str, Any]) -> bool:
    now = read(Path(row["path"]))
    return now is not None and _sum(now) == row["after"]


def _before(backup: Path, row: Mapping[str, Any]) -> bytes | None:
    return None if row["copy"] is None else (backup / row["copy"]).read_bytes()


def undo(backups: Path) -> list[Path]:
    """Undo the last write; returns the files. Raises CannotUndo, and then changes none of them."""
    last = max((each for each in backups.glob("*") if (each / _LIST).is_file()), default=None)
    if last is None:
        raise CannotUndo("there is nothing to undo.")
    rows = _rows(last / _LIST)
    for row in rows:
        if not _is_written(row):
            raise CannotUndo(f"{row['path']} has been changed since. The backup is in {last}.")
    for row in rows:
        _restore(Path(row["path"]), _before(last, row))
    _remove_empty(rows)
    shutil.rmtree(last)
    return [Path(row["path"]) for row in rows]


def _back_up(edits: Sequence[FileEdit], backup: Path) -> None:
    """Copy the files into `backup`, and then list them there as pending."""
    backup.mkdir(parents=True, mode=0o700)
    rows = []
    for index, each in enumerate(edits):
        copy = None if each.before is None else f"{index}-{each.path.name}"
        if copy is not None and each.before is not None:
            (backup / copy).write_bytes(each.before)
        row = {"path": str(each.path), "copy": copy, "after": _sum(each.after)}
        rows.append({**row, "folders": [str(folder) for folder in _missing_folders(each.path)]})
    _put(backup / _PENDING, json.dumps(rows, indent=1).encode())


def _restore(path: Path, before: bytes | None) -> None:
    if before is None:
        path.unlink()
    else:
        _put(path, before)


def _missing_folders(path: Path) -> list[Path]:
    return [folder for folder in path.parents if not folder.exists()]


def _remove_empty(rows: Iterable[Mapping[str, Any]]) -> None:
    """Remove the created folders that are empty; the innermost first."""
    folders = {Path(folder) for row in rows for folder in row.get("folders", ())}
    for folder in sorted(folders, key=lambda each: len(each.parts), reverse=True):
        with suppress(OSError):
            folder.rmdir()


def _put(path: Path, content: bytes) -> None:
    """Write the target of a link or the file itself, atomically, with its permissions."""
    place, beside = Path(os.path.realpath(path)), _beside(path)
    try:
        beside.write_bytes(content)
        if place.exists():
            shutil.copymode(place, beside)
        beside.replace(place)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _beside(path: Path) -> Path:
    """The temporary file in the same folder, which then replaces the file."""
    place = Path(os.path.realpath(path))
    return place.with_name(f".{place.name}.devstral-lsp")


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
