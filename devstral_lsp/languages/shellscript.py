"""shell."""

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
)

_IMPORT = re.compile(r"^[ \t]*(?:source|\.)[ \t]+['\"]?(?:\$\{?\w+\}?/)?([\w./-]+)", re.MULTILINE)


SHELLSCRIPT = Language(
    name="shellscript",
    aliases=("sh", "bash", "zsh"),
    extensions=(".sh", ".bash"),
    line_comment="#",
    braces=False,
    block_end_keywords=("fi", "done", "esac", "}"),
    top_level_keywords=("function ",),
    has_lone_brackets=True,
    block_opener=re.compile(r"(?:\bin|^\s*[^\s()]+\))$"),
    grammar=("tree_sitter_bash", "language"),
    nodes=NodeTypes(functions=node_types("function_definition")),
    import_statement=re.compile(r"(?:source|\.)\s+\S"),
    read_imports=partial(read_import_lines, _IMPORT),
    doc_style="comments with `#` right above: what it does, its arguments, output, exit codes",
    tests=SeparateTests(framework="Bats", apart=("tests/{stem}.bats",), new="test/{stem}.bats"),
    modernisation=Modernisation(
        version="the shell of the first line",
        floor="POSIX `sh`, or bash 4 where the first line says bash",
        replace="backquotes by `$(…)`, `expr` by `$((…))`, `[ ]` by `[[ ]]` in bash only, `ls` in "
        "loops by globs, unquoted expansions",
    ),
    prompt_facts=LanguagePromptFacts(
        title="shell",
        has_classes=False,
        error_handling="Check exit codes, quote expansions, clean up by `trap`, write messages to "
        "standard error, and end with a code other than 0.",
        logging="Write to standard error, by the function that the script has for it if any.",
        constant="a `readonly` variable in UPPER_CASE",
    ),
)
