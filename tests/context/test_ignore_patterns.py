"""Patterns of ignore files, held against git itself, and in time however they are made."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

import pytest

from devstral_lsp.context.ignore_patterns import (
    MAX_BYTES,
    MAX_PATTERN_BYTES,
    MAX_PATTERNS,
    IgnorePatterns,
    TooManyPatterns,
)

_ATOMS = [
    *("a", "b", "A", "c/", "/", "*", "**", "**/", "/**", "/**/", "***", "?", "foo", ".py", "*.py"),
    *("[ab]", "[!a]", "[a-c]", "[^b-]", "[]a]", "[a-]", r"[\]]", r"[a\-z]", "[*]", "[/]", "[--0]"),
    *("[[:alpha:]]", "[[:upper:]x]", "[[:digit:]", "[[:x:]]", "[a", "[", "]", "{", "}", "a*b"),
    *(r"\*", r"\a", "\\", "!", "#", " ", r"\ ", "\t", ".", "-", "é"),
]
_NAMES = [
    *("a", "b", "A", "ab", "aab", "foo", ".py", "x.py", "B.py", "a b", "é", "*", "a*", "aXb", "\\"),
    *("!a", "#a", "a ", " ", "-", "[a", "]", "[", "c", "ba", "1", "0", "{"),
]


def _made(seed: int) -> tuple[str, list[str]]:
    """An ignore file of one to four patterns, and paths that may be meant."""
    chance = random.Random(seed)
    lines = [
        "".join(chance.choices(_ATOMS, k=chance.randint(1, 6)))
        for _ in range(chance.choice((1, 1, 1, 2, 4)))
    ]
    paths = {"/".join(chance.choices(_NAMES, k=chance.randint(1, 4))) for _ in range(50)}
    return chance.choice(("\n", "\r\n")).join(lines), sorted(paths)


def _of_git(repository: Path, paths: list[str]) -> list[bool]:
    """Which of them git ignores, whether they exist or not."""
    asked = [
        "git",
        "-C",
        str(repository),
        "check-ignore",
        "--no-index",
        "-v",
        "-n",
        "-z",
        "--stdin",
    ]
    done = subprocess.run(asked, input="\0".join(paths).encode(), capture_output=True, check=False)
    fields = done.stdout.split(b"\0")[:-1]
    told = {
        path: (file, pattern) for file, _, pattern, path in zip(*[iter(fields)] * 4, strict=True)
    }
    verdicts = (told[path.encode()] for path in paths)
    return [bool(file) and not pattern.startswith(b"!") for file, pattern in verdicts]


def _ours(patterns: IgnorePatterns, path: str) -> bool:
    """A folder that is left out takes with it what it holds."""
    parts = path.split("/")
    depths = range(1, len(parts) + 1)
    above = ("/".join(parts[:depth]).encode() for depth in depths)
    return any(
        patterns.verdict(each, is_folder=depth < len(parts))
        for depth, each in zip(depths, above, strict=True)
    )


@pytest.mark.parametrize("folds_case", [False, True], ids=["case counts", "case does not"])
def test_as_git_has_it(tmp_path: Path, folds_case: bool) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "config", "core.ignoreCase", str(folds_case).lower()], check=True)
    ignored = 0
    for seed in range(150):
        content, paths = _made(seed)
        (tmp_path / ".gitignore").write_text(content, newline="")
        patterns = IgnorePatterns(content.encode(), folds_case=folds_case)
        expected = _of_git(tmp_path, paths)
        assert [_ours(patterns, path) for path in paths] == expected, (seed, content)
        ignored += sum(expected)
    assert ignored > 500, "most patterns mean nothing: the test would say nothing"


@pytest.mark.parametrize(
    ("content", "path", "verdict"),
    [
        (b"\xef\xbb\xbfa", b"a", True),
        (b"a\r\n", b"a", True),
        (b"a\x0cb", b"a", None),
        (b"a  ", b"a", True),
        (b"a\\ ", b"a ", True),
        (b"a\t", b"a", None),
        (b"\\#a", b"#a", True),
        (b"#a", b"#a", None),
        (b"\\!a", b"!a", True),
        (b"a\n!a", b"a", False),
        (b"a/", b"a", None),
        (b"\xff*", b"\xffa", True),
        (b"", b"a", None),
    ],
)
def test_lines(content: bytes, path: bytes, verdict: bool | None) -> None:
    assert IgnorePatterns(content, folds_case=False).verdict(path, is_folder=False) is verdict


def test_without_exceptions() -> None:
    patterns = IgnorePatterns(b"*.key\n!a.key", folds_case=False, negates=False)
    assert patterns.verdict(b"a.key", is_folder=False) is True


SLOW = {
    "many stars": (b"*a*a*a*a*a*a*a*b", b"a" * 240),
    "very many stars": (b"*a" * 400 + b"b", b"a" * 240),
    "stars and places": (b"*" + b"?" * 120 + b"b", b"a" * 240),
    "stars and sets": (b"*[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*[a-z]*b", b"a" * 240),
    "folders": (b"**/a" * 200 + b"/b", b"/".join([b"a"] * 500)),
    "folders and stars": (b"**/*a*/**/*a*/**/*a*/**/*a*/**/b", b"/".join([b"aaa"] * 250)),
    "folders of stars": (b"**" + b"/*a*" * 100 + b"/b", b"/".join([b"aaa"] * 250)),
    "escaped slashes": (b"**\\/" * 100 + b"b", b"/".join([b"a"] * 500)),
    "stars in a path": (b"a/*a*a*a*a*a*a*b", b"a/" + b"a" * 240),
    "nested brackets": (b"[[" * 400, b"[" * 240),
    "runs of stars": (b"*" * 1000 + b"b", b"a" * 240),
}


@pytest.mark.parametrize(("pattern", "path"), SLOW.values(), ids=SLOW)
def test_no_pattern_takes_its_time(pattern: bytes, path: bytes) -> None:
    """By backtracking, each of them would take for ever."""
    since = time.monotonic()
    assert IgnorePatterns(pattern, folds_case=False).verdict(path, is_folder=False) is None
    assert time.monotonic() - since < 5


@pytest.mark.parametrize(
    "content", [b"a\n" * (MAX_PATTERNS + 1), b"a" * (MAX_PATTERN_BYTES + 1)], ids=["many", "long"]
)
def test_bounds(content: bytes) -> None:
    assert len(content) <= MAX_BYTES
    with pytest.raises(TooManyPatterns):
        IgnorePatterns(content, folds_case=False)
