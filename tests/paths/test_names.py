"""What a model may call a file, and which names some file system holds to be the same."""

from __future__ import annotations

import pytest

from devstral_lsp.paths.names import (
    MAX_COMPONENT_BYTES,
    MAX_PATH_BYTES,
    canonicalize,
    objection_to,
    skeleton,
)

FINE = [
    "a.py", "src/a.py", "./a.py", "a//b.py", "src\\a.py", "LICENSE", "docs/naïve.md",
    "変数/模型.py",
    "app/[id]/page.tsx", "app/(group)/+page.svelte", "@scope/x.ts", "a b/c d.txt", "e\u0301.py",
    ".github/x.yml", ".gitignore", "a.py~", "console.py", "auxiliary.c", "com10.txt", "nullable.py",
    "说明：安装.md", "$types.d.ts", "a-b/c_d.py", "x" * MAX_COMPONENT_BYTES, "git/config", "a'b.py",
]  # fmt: skip


@pytest.mark.parametrize("path", FINE, ids=ascii)
def test_ordinary_names_of_any_script_may_be_given(path: str) -> None:
    assert objection_to(path) == ""


REFUSED = [
    ("", "missing"), ("  ", "missing"), ("a\0b", "U+0000"), ("a\nb.py", "U+000A"),
    ("a\rb", "U+000D"), ("a\tb", "U+0009"), ("a\x1b[31m.py", "U+001B"), ("a\x7f", "U+007F"),
    ("a\x9b31m", "U+009B"), ("a\u202egnp.py", "RIGHT-TO-LEFT OVERRIDE"), ("a\u2066b", "U+2066"),
    ("a\u200bb", "ZERO WIDTH SPACE"), (".g\u200cit/config", "U+200C"), ("\ufeffa.py", "U+FEFF"),
    ("a\U000e0041.py", "U+E0041"), ("a\u2028b", "U+2028"), ("a\u00a0b", "NO-BREAK SPACE"),
    ("a\u3164.py", "HANGUL FILLER"), ("a\ufe0f.py", "U+FE0F"), ("a\ue000b", "U+E000"),
    ("a\ud800b", "U+D800"), ("a\u00adb", "SOFT HYPHEN"), ("a\u061cb", "ARABIC LETTER MARK"),
    ("a\u2215b", "looks like"), ("a\uff0fb", "looks like"), ("a\uff0e\uff0e", "looks like"),
    ("a\uff3cb", "looks like"), ("\u2024git/config", "looks like"),
    ("../a", ".."), ("a/../../b", ".."), ("a/..", ".."), ("..\\a", ".."),
    ("/etc/passwd", "absolute"), ("\\\\server\\share\\x", "absolute"), ("//server/a", "absolute"),
    ("\\\\?\\C:\\x", "absolute"), ("\\\\.\\COM1", "absolute"), ("C:\\x", '":"'), ("c:x.py", '":"'),
    ("C:/x", '":"'), ("a.py:stream", '":"'), (".git::$INDEX_ALLOCATION/config", '":"'),
    ("a/b\\c", "backslash"), ("~/x", "~"), ("~root/x", "~"), ("a /b", "space"), (" a", "space"),
    ("a.py ", "space"), ("a./b", "dot"), ("a.py.", "dot"), (".git./config", "dot"),
    ("con", "device"), ("CON.py", "device"), ("src/aux.c", "device"), ("nul.tar.gz", "device"),
    ("COM1", "device"), ("lpt9.txt", "device"), ("com\u00b9.x", "device"), ("CONIN$", "device"),
    ("GIT~1/config", "short name"), ("PROGRA~1", "short name"), ("GITHUB~2/x.yml", "short name"),
    ("x" * (MAX_COMPONENT_BYTES + 1), "longer"), ("é" * 128, "longer"),
    ("a/" * MAX_PATH_BYTES, "longer"), ("-rf", "option"), ("src/--upload-pack=x", "option"),
    (".git/config", "git's own"), (".GIT/hooks/x", "git's own"), ("a/.Git", "git's own"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "words"), REFUSED, ids=lambda value: ascii(value)[:40])
def test_other_names_are_refused_with_a_sentence_that_can_be_printed(path: str, words: str) -> None:
    told = objection_to(path)
    assert words in told
    assert told.isascii()
    assert told.isprintable()


SAME = [
    (".github/a.yml", ".GITHUB/A.YML"), (".git", ".g\u200cit"), (".git", ".git. ."),
    (".git", ".git::$INDEX_ALLOCATION"), (".github/x", ".github\\x"), ("e\u0301.py", "\u00e9.PY"),
    ("makefile", "Ma\u212aefile"), ("./a//b", "a/b"),
    ("ﬁle", "FILE"), ("strasse", "straße"), (".husky/pre-commit", ".husky./pre-commit "),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME, ids=ascii)
def test_names_that_some_file_system_holds_to_be_the_same_are(one: str, other: str) -> None:
    assert canonicalize(one) == canonicalize(other)


def test_other_names_stay_apart() -> None:
    assert (
        len({canonicalize(each) for each in ("a.py", "b.py", "a/b.py", "..", "../a.py", "")}) == 6
    )


def test_a_reader_takes_letters_of_other_scripts_for_latin_ones() -> None:
    assert skeleton("\u0430pp.py") == skeleton("App.py")
    assert skeleton("\u03bfs.py") == skeleton("os.py")
    assert skeleton("приложение.py") != skeleton("application.py")
