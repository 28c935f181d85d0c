"""Properties of `.editorconfig` files; the globs are those of the specification."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devstral_lsp.refactor.editorconfig import editorconfig_properties


@pytest.mark.parametrize(
    ("glob", "file", "matches"),
    [
        ("*", "a/b.py", True),
        ("*.py", "a/b.py", True),
        ("*.py", "a/b.pyc", False),
        ("/*.py", "b.py", True),
        ("/*.py", "a/b.py", False),
        ("a/*.py", "a/b.py", True),
        ("a/*.py", "a/c/b.py", False),
        ("a/**.py", "a/c/b.py", True),
        ("a/**/b.py", "a/b.py", True),
        ("**/b.py", "a/c/b.py", True),
        ("?.py", "b.py", True),
        ("?.py", "bb.py", False),
        ("[ab].py", "b.py", True),
        ("[!ab].py", "b.py", False),
        ("[a-c].py", "b.py", True),
        ("*.{js,py}", "b.py", True),
        ("*.{js,ts}", "b.py", False),
        ("{a,b{c,d}}.py", "bd.py", True),
        ("{package.json,b.py}", "b.py", True),
        ("b{1..3}.py", "b2.py", True),
        ("b{1..3}.py", "b4.py", False),
        ("{single}.py", "{single}.py", True),
        ("a{b.py", "a{b.py", True),
        ("[b.py", "[b.py", True),
        (r"\*.py", "b.py", False),
        (r"\*.py", "*.py", True),
        ("Makefile", "a/Makefile", True),
        (r"[\]a].py", "].py", True),
        (r"[\]a].py", "b.py", False),
        (r"[!\]a].py", "].py", False),
        (r"[\d].py", "1.py", False),
        ("[a/b].py", "[a/b].py", True),
        (r"app/\[slug\]/*.ts", "app/[slug]/a.ts", True),
        ("{a,{b},c}.py", "{b}.py", True),
        ("{a,{b},c}.py", "c.py", True),
        ("{a,{b},c}.py", "b},c}.py", False),
        ("{{,a,b{c}.py", "{{,a,b{c}.py", True),
        ("{{,a,b{c}.py", "a.py", False),
        (r"{a,\{b}.py", "{b.py", True),
        ("{a,}.py", ".py", True),
        ("x{0..2}", "x0", True),
        ("x{2..-2}", "x-1", True),
        ("[b-a].py", "a.py", False),
        ("}{", "}{", False),
        ("src/**/{main,test}/**/*.{java,kt}", "src/app/main/org/a/B.kt", True),
    ],
)
def test_which_files_a_section_means(tmp_path: Path, glob: str, file: str, matches: bool) -> None:
    (tmp_path / ".editorconfig").write_text(f"[{glob}]\nindent_size = 3\n")
    expected = {"indent_size": "3"} if matches else {}
    assert editorconfig_properties(tmp_path / file, tmp_path) == expected


def test_nearer_files_and_later_sections_win(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / ".editorconfig").write_text(
        "# everybody\n[*]\nindent_style = TAB ; of all\nmax_line_length=80\ncharset: utf-8\n"
    )
    (inner / ".editorconfig").write_text(
        "[*.py]\nmax_line_length = 90\n[b.py]\nmax_line_length = 100\ncharset = unset\n"
    )
    assert editorconfig_properties(inner / "b.py", tmp_path) == {
        "indent_style": "tab",
        "max_line_length": "100",
    }


def test_a_root_is_the_last_that_is_read(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / ".editorconfig").write_text("[*]\nindent_style = tab\n")
    (inner / ".editorconfig").write_text("root = true\n[*]\nindent_size = 2\n")
    assert editorconfig_properties(inner / "b.py", tmp_path) == {"indent_size": "2"}


def test_nothing_above_the_workspace_is_read(tmp_path: Path) -> None:
    (tmp_path / ".editorconfig").write_text("[*]\nindent_style = tab\n")
    assert editorconfig_properties(tmp_path / "inner" / "b.py", tmp_path / "inner") == {}


def test_a_long_list_of_kinds_is_no_name_made_to_that_end(tmp_path: Path) -> None:
    """As the editors of JetBrains write it for each language."""
    kinds = ("ant", "fxml", "jhm", "jnlp", "jrxml", "pom", "rng", "tld", "wsdl", "xml", "xsd")
    glob = ",".join(f"*.{each}" for each in kinds)
    (tmp_path / ".editorconfig").write_text(f"[{{{glob}}}]\nindent_size = 2\n")
    assert editorconfig_properties(tmp_path / "src" / "a.xsd", tmp_path) == {"indent_size": "2"}


@pytest.mark.parametrize(
    "glob", ["*a" * 40 + "b", "**a" * 8 + "b", "{a,a}" * 30 + "b", "{" * 500, "}" * 40 + "{" * 40]
)
def test_a_name_made_to_take_for_ever_matches_nothing(tmp_path: Path, glob: str) -> None:
    (tmp_path / ".editorconfig").write_text(f"[{glob}]\nindent_size = 3\n")
    assert editorconfig_properties(tmp_path / ("a" * 31), tmp_path) == {}


def test_what_is_no_editorconfig_is_passed_over(tmp_path: Path) -> None:
    inner = tmp_path / "piped" / "inner"
    inner.mkdir(parents=True)
    os.mkfifo(tmp_path / "piped" / ".editorconfig")
    (tmp_path / "diary").write_text("[*]\nindent_size = 8\n")
    (inner / ".editorconfig").symlink_to(tmp_path / "diary")
    (tmp_path / ".editorconfig").write_bytes(
        b"half a line\n[*.py\n[*]\nname = \xe9\n= 3\nindent_size = 2\n"
    )
    assert editorconfig_properties(inner / "b.py", tmp_path)["indent_size"] == "2"
