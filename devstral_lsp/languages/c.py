"""C."""

from __future__ import annotations

import re
from functools import partial

from devstral_lsp.languages.language import (
    Language,
    LanguagePromptFacts,
    Modernisation,
    NodeTypes,
    SeparateTests,
    node_types,
    read_import_lines,
    version_line,
)

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)

FUNCTIONS = node_types("function_definition")
VALUES = node_types(
    "declaration type_definition enum_specifier union_specifier preproc_def preproc_function_def"
)
TRANSPARENT = node_types(
    "preproc_ifdef preproc_if preproc_else linkage_specification declaration_list"
)
NAME_HOLDERS = ("type_identifier", "identifier")
CMAKE = "CMakeLists.txt"

C = Language(
    name="c",
    extensions=(".c", ".h"),
    line_comment="//",
    block_comment=("/*", "*/"),
    top_level_keywords=("static ", "int ", "void ", "struct ", "#include", "#define", "typedef "),
    has_preprocessor=True,
    has_character_literals=True,
    grammar=("tree_sitter_c", "language"),
    nodes=NodeTypes(
        functions=FUNCTIONS,
        values=VALUES | node_types("struct_specifier"),
        transparent=TRANSPARENT,
        name_holders=NAME_HOLDERS,
    ),
    import_statement=re.compile(r"#\s*include\s*[<\"]"),
    read_imports=partial(read_import_lines, _INCLUDE),
    preamble=re.compile(r"#\s*pragma\s+once\b|#\s*ifndef\s+\w+\s*$|#\s*define\s+\w+\s*$"),
    doc_style="the file's own documentation comments, otherwise Doxygen (`/**`, `@param`, "
    "`@return`)",
    tests=SeparateTests(
        framework="the test framework that the project has, or else plain `assert` in a `main`",
        apart=(
            "tests/test_{stem}{suffix}",
            "test/test_{stem}{suffix}",
            "tests/{stem}_test{suffix}",
        ),
        new="tests/test_{stem}{suffix}",
    ),
    version_sources=(version_line("C", CMAKE, r"\bCMAKE_C_STANDARD\s+(\d+)"),),
    modernisation=Modernisation(
        version="the `-std` or `C_STANDARD` of the build",
        floor="C99",
        replace="declarations at the top by declarations at first use, `int` flags by `bool`, "
        "casts of `malloc`, structs that are filled field by field by designated initialisers, "
        "unbounded string functions by bounded ones",
    ),
    prompt_facts=LanguagePromptFacts(
        title="C",
        has_classes=False,
        error_handling="Check every return value that tells of a failure, free what has been taken "
        "on each way out, and report by the convention that the file has.",
        logging="Use the logging function or macro of the file; otherwise `fprintf(stderr, …)`.",
        constant="a `static const` or a macro in UPPER_CASE, whichever the file prefers",
    ),
)
