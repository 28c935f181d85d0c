"""A language that has a value of its own needs no other table.

The value of a language that the package does not know is registered here; everything that depends
on the language must then work from it. `docs/architecture.md` adds another, and must be right.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp.config.parse_value import parse_value
from devstral_lsp.config.schema import SETTING_SPECS
from devstral_lsp.edits.line_edits import apply_edits
from devstral_lsp.edits.parsed_document import ParsedDocument
from devstral_lsp.languages import (
    Language,
    Registry,
    file_extension,
    get_language,
    language_id_of_path,
    misspelt_language,
    registry,
)
from devstral_lsp.languages.language import (
    Idiom,
    Import,
    LanguagePromptFacts,
    Modernisation,
    NodeTypes,
    SeparateTests,
    node_types,
    read_import_lines,
    version_line,
)
from devstral_lsp.refactor.imports import import_edits
from devstral_lsp.refactor.versions import detect_versions
from devstral_lsp.syntax.definitions_at import SyntaxWindow
from devstral_lsp.syntax.imports import imports_of
from devstral_lsp.syntax.outline import excerpt, outline
from devstral_lsp.syntax.tree import LexicalContext, Syntax
from devstral_lsp.text import Snapshot, Span, Text
from tests.refactor.actions.marked import Files, model_task, titles

DOCS = Path(__file__).parents[2] / "docs" / "architecture.md"

QUUX = Language(
    name="quux",
    aliases=("qx",),
    extensions=(".quux",),
    line_comment="//",
    grammar=("tree_sitter_javascript", "language"),
    enclosing_block="class _ {\n",
    nodes=NodeTypes(
        functions=node_types("function_declaration method_definition"),
        containers=node_types("class_declaration"),
        bare_parameters=node_types("identifier"),
    ),
    import_statement=re.compile(r"take\s+\w+;"),
    read_imports=partial(read_import_lines, re.compile(r"^take[ \t]+(\w+);", re.MULTILINE)),
    preamble=re.compile(r"edition \d+;"),
    doc_style="comments with `//!` right above",
    tests=SeparateTests(framework="quuxtest", new="checks/{stem}.quux"),
    version_sources=(version_line("Quux", "quux.conf", r"^version (\S+)"),),
    modernisation=Modernisation(version="`quux.conf`", floor="Quux 1", replace="`old` by `new`"),
    idioms=(
        Idiom(
            name="old_to_new",
            pattern=re.compile(r"\bold\("),
            title="Convert old to new",
            how="Turn `old` into `new`, wherever it is called.",
        ),
    ),
    collaborators=re.compile(r"\bmake\("),
    prompt_facts=LanguagePromptFacts(title="Quux", annotations="Annotate parameters."),
)
CODE = "function f(a) {\n  old(make(a))│\n}\n"


@pytest.fixture(autouse=True)
def _with_quux(monkeypatch: pytest.MonkeyPatch) -> None:
    languages = Registry([*registry().languages, QUUX])
    monkeypatch.setattr("devstral_lsp.languages.registry", lambda: languages)


def test_it_is_found_by_its_names() -> None:
    assert get_language("QX") is QUUX
    assert language_id_of_path("a/b.quux") == "quux"
    assert file_extension("quux") == ".quux"
    assert misspelt_language("quuux") == "quux"
    disabled = SETTING_SPECS["completion.disabled_languages"]
    assert parse_value(disabled, ["*.quux"]) == (("quux",), [])


def test_its_text_is_read() -> None:
    text = "take a;\n// words\nfunction f(a) {\n  g()\n}\n"
    (function,) = outline(text, "quux")
    assert (function.name, function.doc) == ("f", "words")
    assert excerpt(function, "quux").startswith("// words\nfunction f(a)")
    assert imports_of(text, "quux") == (Import("a"),)
    syntax = Syntax.of(text, "quux")
    assert syntax is not None
    assert syntax.inside(text.index("words")) is LexicalContext.COMMENT


def test_what_stands_around_a_place_is_found() -> None:
    text = "function f(a) {\n  g()\n}\n"
    at = Span(text.index("g"), text.index("g"))
    window = SyntaxWindow.around(Text.of(text), at, "quux")
    assert window is not None
    (function,) = window.units(at)
    assert (function.name, function.lacks_types) == ("f", True)


def test_imports_go_below_what_must_come_first() -> None:
    snapshot = Snapshot("file:///a.quux", 1, "quux", Text.of("edition 3;\n\nfunction f() {}\n"))
    edits = import_edits(ParsedDocument(snapshot), ["take a;"])
    assert str(apply_edits(snapshot.text, edits)).startswith("edition 3;\n\ntake a;\n\nfunction")


def test_its_versions_are_read(tmp_path: Path) -> None:
    (tmp_path / "quux.conf").write_text("version 2.1\n", encoding="utf-8")
    (version,) = detect_versions(tmp_path / "a.quux", tmp_path, "quux")
    assert (version.language, version.version) == ("Quux", "2.1")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("document", "comments with `//!` right above"),
        ("modernise", "`old` by `new`"),
        ("convert_idiom", "Turn `old` into `new`"),
        ("inject_dependencies", "the constructor, or a parameter"),
        ("generate_tests", "`checks/module.quux`, with quuxtest"),
        ("add_type_annotations", "Annotate parameters."),
        ("explain", "Explain this Quux"),
    ],
)
def test_actions_are_offered_and_speak_of_it(action: str, words: str) -> None:
    assert titles(action, CODE, "quux")
    project = Files("src/module.quux")
    assert words in model_task(action, CODE, "quux", project).instruction


def test_the_example_in_the_documentation_is_a_language() -> None:
    section = DOCS.read_text(encoding="utf-8").partition("## Adding a language")[2]
    added = section.partition("+++ devstral_lsp/languages/zig.py\n")[2].partition("\n+++ ")[0]
    names: dict[str, Any] = {}
    exec("\n".join(line.removeprefix("+") for line in added.splitlines()), names)
    zig = names["ZIG"]
    assert isinstance(zig, Language)
    assert Registry([zig]).id_of_name(".zig") == "zig"
    assert list(zig.read_imports('const a = @import("a.zig");\n')) == [Import("a.zig")]
