"""Where the hole benchmark cuts: by syntax, evenly, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.holes.corpus import SourceFile, siblings, source_files
from benchmarks.holes.parsing import parse_errors
from benchmarks.holes.places import BLOCK_LINES, STATEMENT_LINES, pick
from devstral_lsp.completion.types import CompletionKind
from devstral_lsp.languages import language_id_of_path

PYTHON = '''\
"""A docstring is no code."""

import os


def total(items, start=0):
    """Neither is this."""
    # nor this
    result = sum(
        item.price
        for item in items
    )
    if start:
        result += start
        print(result)
    return result
'''

GO = """\
package shop

func Total(items []Item) int {
	// a comment
	result := 0
	for _, item := range items {
		result += item.Price
		log(item,
			result)
	}
	return result
}
"""


def source(text: str, name: str = "shop.py") -> SourceFile:
    return SourceFile(Path("/corpus", name), Path("/corpus"), language_id_of_path(name), text)


def truths(text: str, name: str, kind: CompletionKind) -> set[str]:
    return {hole.truth for hole in pick([source(text, name)], 50, 1, [kind])}


def test_python_statements_are_whole_and_no_prose() -> None:
    assert truths(PYTHON, "shop.py", CompletionKind.STATEMENT) == {
        "import os",
        "result = sum(\n        item.price\n        for item in items\n    )",
        "result += start",
        "print(result)",
        "return result",
    }


def test_statements_of_other_languages_go_on_while_a_bracket_is_open() -> None:
    assert truths(GO, "shop.go", CompletionKind.STATEMENT) == {
        "package shop",
        "result := 0",
        "result += item.Price",
        "log(item,\n\t\t\tresult)",
        "return result",
    }


def test_a_block_is_what_stands_deeper_and_leaves_its_opener_and_its_end() -> None:
    assert truths(PYTHON, "shop.py", CompletionKind.BLOCK) == {
        "result += start\n        print(result)"
    }
    (loop,) = pick([source(GO, "shop.go")], 9, 1, [CompletionKind.BLOCK])
    assert loop.before.endswith("range items {\n\t\t")
    assert loop.truth == "result += item.Price\n\t\tlog(item,\n\t\t\tresult)"
    assert loop.after.startswith("\n\t}\n")


def test_the_rest_of_a_line_ends_where_the_line_ends() -> None:
    holes = pick([source(PYTHON)], 50, 1, [CompletionKind.REST_OF_LINE])
    assert len(holes) == 9
    for hole in holes:
        assert hole.truth.strip()
        assert "\n" not in hole.truth
        assert hole.after.startswith("\n")
        assert hole.before.rpartition("\n")[2].strip()


def test_real_files_give_holes_that_fit_and_are_the_same_for_the_same_seed() -> None:
    files = source_files([], None, [])
    holes = pick(files, 30, 7)
    assert holes == pick(source_files([], None, []), 30, 7)
    assert Counter(hole.kind for hole in holes) == dict.fromkeys(CompletionKind, 10)
    assert len({hole.file.path for hole in holes}) == 30
    assert [hole.start for hole in holes] != [hole.start for hole in pick(files, 30, 8)]
    for hole in holes:
        assert hole.before + hole.truth + hole.after == hole.file.text
        lines = hole.truth.count("\n") + 1
        assert lines <= {
            CompletionKind.REST_OF_LINE: 1,
            CompletionKind.STATEMENT: STATEMENT_LINES,
        }.get(hole.kind, 12)
        assert hole.kind is not CompletionKind.BLOCK or BLOCK_LINES[0] <= lines


def test_languages_take_turns_and_too_few_files_give_fewer_holes() -> None:
    files = [source(PYTHON), source(GO, "shop.go")]
    holes = pick(files, 6, 1)
    assert Counter(hole.file.language for hole in holes) == {"python": 3, "go": 3}
    assert len(pick(files, 500, 1)) < 50


def test_a_corpus_leaves_out_what_nobody_wrote(tmp_path: Path) -> None:
    line = "def add(first, second): return first + second\n"
    (tmp_path / "good.py").write_text(line * 60)
    (tmp_path / "other.py").write_text(line * 70)
    (tmp_path / "notes.md").write_text(line * 60)
    (tmp_path / "small.py").write_text(line)
    (tmp_path / "minified.py").write_text("x = 1;" * 600)
    (tmp_path / "dos.py").write_bytes(line.replace("\n", "\r\n").encode() * 60)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "bought.js").write_text("f();\n" * 500)
    files = source_files([tmp_path], None, [])
    assert [file.name for file in files] == ["good.py", "other.py"]
    assert [file.name for file in siblings(files[0], files, 5)] == ["other.py"]
    assert [file.name for file in source_files([tmp_path], None, ["markdown"])] == ["notes.md"]


def test_parse_errors_are_counted_where_there_is_a_parser() -> None:
    assert parse_errors("x = 1\n", "python") == 0
    assert parse_errors("x = (1\n", "python") == 1
    assert parse_errors("package shop\n\nfunc f() {}\n", "go") == 0
    assert parse_errors("package shop\n\nfunc f( {}\n", "go")
    assert parse_errors("anything", "plaintext") is None
