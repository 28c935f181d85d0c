"""Writes several files at once or none, with backups that `undo` restores.

Each call of `write` keeps the former bytes of its files, with a list of them, in a numbered folder;
`undo` restores the last one, and `recover` what a process that was killed wrote in part. Both
remove the folders that `write` made.
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
        return read_bytes(path, max_bytes=MAX_FILE_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotWrite(f"{path} cannot be read ({error.strerror}).") from None


def write(edits: Sequence[FileEdit], backups: Path) -> Path:
    """Keep what there was in a new folder of `backups`, then write; gives the folder.

    Raises CannotWrite, and has taken back then what was written.
    """
    recover(backups)
    number = max((int(each.name) for each in backups.glob("[0-9]*")), default=0) + 1
    kept = backups / f"{number:04}"
    at = kept
    try:
        _keep(edits, kept)
        for each in edits:
            at = each.path
            at.parent.mkdir(parents=True, exist_ok=True)
            _put(at, each.after)
        (kept / _PENDING).replace(kept / _LIST)
    except OSError as error:
        reason = f"{at} cannot be written ({error.strerror})."
        if left := _roll_back(kept):
            names = ", ".join(map(str, left))
            reason = f"{reason} {names} could not be set back: what was there is in {kept}."
        raise CannotWrite(reason) from None
    return kept


def recover(backups: Path) -> list[Path]:
    """Take back what a run that was killed wrote in part; gives the files. Raises CannotWrite."""
    changed: list[Path] = []
    for kept in sorted(backups.glob("[0-9]*")):
        if (kept / _LIST).is_file():
            continue
        changed += [Path(row["path"]) for row in _rows(kept / _PENDING) if _is_written(row)]
        if left := _roll_back(kept):
            names = ", ".join(map(str, left))
            raise CannotWrite(
                f"An earlier run was interrupted, and {names} cannot be set back. "
                f"What was there is in {kept}."
            )
    return changed


def _roll_back(kept: Path) -> list[Path]:
    """Set back the files that are as we wrote them, and remove `kept`; gives those that cannot be,
    for which `kept` stays."""
    left = []
    rows = _rows(kept / _PENDING)
    for row in rows:
        path = Path(row["path"])
        try:
            _beside(path).unlink(missing_ok=True)
            if _is_written(row):
                _bring_back(path, _before(kept, row))
        except NotADirectoryError:
            continue  # no folder, no file
        except (OSError, CannotWrite):
            left.append(path)
    _remove_empty(rows)
    if not left:
        shutil.rmtree(kept, ignore_errors=True)
    return left


def _rows(file: Path) -> list[dict[str, Any]]:
    """The list of files; empty if it was not written whole: then none of the files was changed."""
    try:
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return rows


def _is_written(row: Mapping[str, Any]) -> bool:
    now = read(Path(row["path"]))
    return now is not None and _sum(now) == row["after"]


def _before(kept: Path, row: Mapping[str, Any]) -> bytes | None:
    return None if row["copy"] is None else (kept / row["copy"]).read_bytes()


def undo(backups: Path) -> list[Path]:
    """Take the last writing back; gives the files. Raises CannotUndo and changes none of them."""
    kept = sorted(each for each in backups.glob("*") if (each / _LIST).is_file())
    if not kept:
        raise CannotUndo("there is nothing to undo.")
    rows = _rows(kept[-1] / _LIST)
    for row in rows:
        if not _is_written(row):
            raise CannotUndo(
                f"{row['path']} has been changed since. What it was before is in {kept[-1]}."
            )
    for row in rows:
        _bring_back(Path(row["path"]), _before(kept[-1], row))
    _remove_empty(rows)
    shutil.rmtree(kept[-1])
    return [Path(row["path"]) for row in rows]


def _keep(edits: Sequence[FileEdit], kept: Path) -> None:
    """Copy the files into `kept`, and last of all list them there, under the name of a list whose
    files may have been written in part."""
    kept.mkdir(parents=True, mode=0o700)
    rows = []
    for index, each in enumerate(edits):
        copy = None if each.before is None else f"{index}-{each.path.name}"
        if copy is not None and each.before is not None:
            (kept / copy).write_bytes(each.before)
        row = {"path": str(each.path), "copy": copy, "after": _sum(each.after)}
        rows.append({**row, "folders": [str(folder) for folder in _missing_folders(each.path)]})
    _put(kept / _PENDING, json.dumps(rows, indent=1).encode())


def _bring_back(path: Path, before: bytes | None) -> None:
    if before is None:
        path.unlink()
    else:
        _put(path, before)


def _missing_folders(path: Path) -> list[Path]:
    return [folder for folder in path.parents if not folder.exists()]


def _remove_empty(rows: Iterable[Mapping[str, Any]]) -> None:
    """Remove the folders that were made and hold nothing; the innermost first."""
    folders = {Path(folder) for row in rows for folder in row.get("folders", ())}
    for folder in sorted(folders, key=lambda each: len(each.parts), reverse=True):
        with suppress(OSError):
            folder.rmdir()


def _put(path: Path, content: bytes) -> None:
    """Write it at once or not at all, where a link leads to, with the rights that it has."""
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
    """The file that is written first, beside the one that it then replaces."""
    place = Path(os.path.realpath(path))
    return place.with_name(f".{place.name}.devstral-lsp")


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
