"""Outlines that are kept, until what they are of changes or is too many."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devstral_lsp.context import outline_cache as room
from devstral_lsp.context.gitignore import Ignores
from devstral_lsp.context.outline_cache import OutlineCache
from tests.context.asking import snapshot_of, write


def names(outlines: OutlineCache, path: Path) -> list[str] | None:
    outlined = outlines.of_file(path, Ignores([path.parent]))
    return None if outlined is None else [each.name for each in outlined.definitions]


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def one(): ...\n"})
    path, outlines = tmp_path / "a.py", OutlineCache()
    first = outlines.of_file(path, Ignores([tmp_path]))
    assert outlines.of_file(path, Ignores([tmp_path])) is first
    write(tmp_path, {"a.py": "def other(): ...\n"})
    assert names(outlines, path) == ["other"]
    path.unlink()
    assert names(outlines, path) is None


def test_a_file_that_is_left_out_since_is_given_no_more(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def one(): ...\n"})
    outlines = OutlineCache()
    assert names(outlines, tmp_path / "a.py") == ["one"]
    write(tmp_path, {".aiignore": "a.py\n"})
    assert names(outlines, tmp_path / "a.py") is None


def test_the_one_longest_not_asked_for_makes_room(tmp_path: Path) -> None:
    write(tmp_path, {f"{name}.py": "" for name in "abc"})
    a, b, c = (tmp_path / f"{name}.py" for name in "abc")
    outlines, ignores = OutlineCache(most=2), Ignores([tmp_path])
    of_a, of_b = outlines.of_file(a, ignores), outlines.of_file(b, ignores)
    assert outlines.of_file(a, ignores) is of_a
    outlines.of_file(c, ignores)
    assert outlines.of_file(a, ignores) is of_a
    assert outlines.of_file(b, ignores) is not of_b


def test_what_is_private_large_binary_or_no_file_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MAX_FILE_BYTES", 20)
    write(tmp_path, {"secrets.py": "", "b.py": "a\0", "c.py": "x = 1\n" * 9, "d.py/e": ""})
    os.mkfifo(tmp_path / "f.py")
    found = {path.name: names(OutlineCache(), path) for path in tmp_path.glob("*.py")}
    assert found == dict.fromkeys(("secrets.py", "b.py", "c.py", "d.py", "f.py"))


def test_a_document_is_parsed_again_when_its_text_is_another() -> None:
    outlines = OutlineCache()
    one, other = (snapshot_of("/w/a.py", f"def {name}(): ...\n") for name in ("one", "other"))
    assert outlines.of_snapshot(one) is outlines.of_snapshot(one)
    assert [each.name for each in outlines.of_snapshot(other).definitions] == ["other"]
