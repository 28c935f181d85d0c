"""Go."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devstral_lsp.languages.language import (
    Import,
    Language,
    LanguagePromptFacts,
    Modernisation,
    NodeTypes,
    SeparateTests,
    node_types,
    version_line,
)

_IMPORTS = re.compile(
    r"^import[ \t]*\(((?:[^)\n]|\n(?!import\b))*+)\)|^import[ \t]+([^\n(]*)", re.MULTILINE
)


def _has_lone_path(code: str) -> bool:
    """Whether an import's path is where a statement should be, which the grammar accepts."""
    return re.search(r'^"[^"\n]*"[ \t]*$', code, re.MULTILINE) is not None


def _read_imports(text: str) -> Iterator[Import]:
    for match in _IMPORTS.finditer(text):
        for module in re.findall(r'"([^"\n]+)"', match[1] or match[2] or ""):
            yield Import(module)


GO = Language(
    name="go",
    aliases=("golang",),
    extensions=(".go",),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=('"', "`", "'"),
    top_level_keywords=("func ", "type ", "var ", "const ", "package ", "import "),
    has_character_literals=True,
    grammar=("tree_sitter_go", "language"),
    nodes=NodeTypes(
        functions=node_types("function_declaration method_declaration"),
        values=node_types("type_declaration const_declaration var_declaration"),
        name_holders=("type_spec", "type_alias", "const_spec", "var_spec", "var_spec_list"),
    ),
    import_statement=re.compile(r"import\s*+(?:\(|[\w.]*+\s*+[\"`])"),
    imports_many_files=True,
    shares_folder_scope=True,
    groups_imports=True,
    has_misplaced_statements=_has_lone_path,
    read_imports=_read_imports,
    preamble=re.compile(r"package\s+\w+|//go:build|//\s*\+build"),
    doc_style="comments with `//` right above, in full sentences that begin with the declared name",
    tests=SeparateTests(
        framework="the package `testing`, tables of cases with `t.Run`, and the assertion "
        "library of the file that is there if it uses one; in the package of the code",
        new="{dir}/{stem}_test.go",
    ),
    version_sources=(version_line("Go", "go.mod", r"^go\s+([\d.]+)"),),
    modernisation=Modernisation(
        version="the `go` line of go.mod",
        floor="Go 1.18",
        replace="`interface{}` by `any`, `ioutil` by `os` and `io`, hand-written searches and "
        "sorts by `slices` and `maps` from 1.21, `min` and `max` by the built-in ones from 1.21, "
        "counting loops by `range n` from 1.22, comparing errors with `==` by `errors.Is` and "
        "`errors.As`",
    ),
    collaborators=re.compile(
        r"\b(?:\w+\.)?New[A-Z]\w*\(|\bhttp\.(?:Get|Post)\b|\btime\.Now\(|\bos\.Getenv"
    ),
    prompt_facts=LanguagePromptFacts(
        title="Go",
        has_classes=False,
        error_handling="Return errors, wrapped with `%w` and what was being done; check each one, "
        "and do not panic.",
        logging="Use the logger that the file uses already, otherwise `log/slog` with attributes.",
        constant="a package-level `const` in MixedCaps, unexported",
    ),
)
