"""Verdicts on disk: what is kept, for how long, and what a broken file does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from devstral_lsp.providers.fim.strategy_cache import MAX_ENTRIES, TTL_S, StrategyCache
from tests.support.verdicts import written

URL = "http://127.0.0.1:8080/v1"


def test_a_verdict_outlives_the_session(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet" / "there"
    StrategyCache(folder, lambda: 7.0).put(URL, "qwen", "template", "its /infill said 501")
    later = StrategyCache(folder, lambda: 8.0)
    assert later.get(URL, "qwen") == "template"
    verdict = later.verdict(URL, "qwen")
    assert verdict is not None
    assert (verdict.how, verdict.found_s) == ("its /infill said 501", 7.0)


def test_each_address_and_model_has_its_own(tmp_path: Path) -> None:
    known = StrategyCache(tmp_path)
    known.put(URL, "a", "suffix")
    known.put(URL, "b", "template")
    known.put("http://127.0.0.1:8081/v1", "a", "chat")
    assert [known.get(URL, "a"), known.get(URL, "b")] == ["suffix", "template"]
    known.drop(URL, "a")
    assert [known.get(URL, "a"), known.get(URL, "b")] == [None, "template"]
    assert [(each.base_url, each.path) for each in written(known)] == [
        (URL, "template"),
        ("http://127.0.0.1:8081/v1", "chat"),
    ]


def test_the_last_one_counts(tmp_path: Path) -> None:
    known = StrategyCache(tmp_path)
    known.put(URL, "a", "suffix")
    known.put(URL, "a", "chat")
    assert known.get(URL, "a") == "chat"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "other", ["HTTP://127.0.0.1:8080/v1/", "http://me:sekret@127.0.0.1:8080/v1"]
)
def test_one_server_is_one_address_and_its_user_is_not_written(tmp_path: Path, other: str) -> None:
    known = StrategyCache(tmp_path)
    known.put(other, "a", "suffix")
    assert known.get(URL, "a") == "suffix"
    assert all("sekret" not in file.read_text() for file in tmp_path.iterdir())


def test_after_a_month_one_looks_again(tmp_path: Path) -> None:
    StrategyCache(tmp_path, lambda: 1.0).put(URL, "a", "suffix")
    assert StrategyCache(tmp_path, lambda: TTL_S).get(URL, "a") == "suffix"
    assert StrategyCache(tmp_path, lambda: TTL_S + 2).get(URL, "a") is None


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 4000,
        b'{"base_url": 1, "model": 2, "path": 3, "how": 4, "found_s": 5}',
        b'{"base_url": "x", "model": "y", "path": "z", "how": "", "found_s": "now"}',
        json.dumps(
            {"base_url": "http://other", "model": "a", "path": "x", "how": "", "found_s": 1}
        ).encode(),
        b'{"a": "' + b"x" * 100_000 + b'"}',
    ],
)
def test_a_broken_file_is_as_none_and_is_replaced(tmp_path: Path, junk: bytes) -> None:
    known = StrategyCache(tmp_path, lambda: 1.0)
    known.put(URL, "a", "suffix")
    (file,) = tmp_path.iterdir()
    file.write_bytes(junk)
    assert known.get(URL, "a") is None
    known.put(URL, "a", "chat")
    assert known.get(URL, "a") == "chat"


def test_the_folder_does_not_grow_for_ever(tmp_path: Path) -> None:
    known = StrategyCache(tmp_path)
    for number in range(MAX_ENTRIES + 5):
        known.put(URL, f"model {number}", "suffix")
        for file in tmp_path.iterdir():
            os.utime(file, (number, number)) if file.stat().st_mtime > 1e9 else None
    assert len(list(tmp_path.iterdir())) == MAX_ENTRIES
    assert known.get(URL, "model 0") is None
    assert known.get(URL, f"model {MAX_ENTRIES + 4}") == "suffix"


def test_where_nothing_can_be_written_nothing_is_known(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    known = StrategyCache(blocked / "folder")
    known.put(URL, "a", "suffix")
    known.drop(URL, "a")
    assert known.get(URL, "a") is None
    assert known.clear() == 0


def test_everything_can_be_forgotten(tmp_path: Path) -> None:
    known = StrategyCache(tmp_path)
    known.put(URL, "a", "suffix")
    known.put(URL, "b", "suffix")
    assert known.clear() == 2
    assert written(known) == []


_WRITER = """
import sys
from pathlib import Path
from devstral_lsp.providers.fim.strategy_cache import StrategyCache
known = StrategyCache(Path(sys.argv[1]))
for number in range(100):
    known.put("http://shared", "model", "path " + "x" * (number % 50))
    known.put("http://own", sys.argv[2] + str(number % 10), "own")
    assert known.get("http://shared", "model") is not None
"""


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    """None finds half a file, and none overwrites what another found."""
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    running = [subprocess.Popen([*command, name]) for name in ("a", "b", "c")]
    assert [each.wait(60) for each in running] == [0, 0, 0]
    own = [each.model for each in written(StrategyCache(tmp_path)) if each.base_url == "http://own"]
    assert own == sorted(f"{name}{number}" for name in "abc" for number in range(10))
    assert [file.name for file in tmp_path.iterdir() if file.name.endswith(".part")] == []
