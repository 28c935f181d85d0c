"""Ruby."""

from __future__ import annotations

import re
from functools import partial

from devstral_lsp.languages.language import (
    Idiom,
    Language,
    LanguagePromptFacts,
    Modernisation,
    NodeTypes,
    SeparateTests,
    node_types,
    read_import_lines,
    version_line,
)

_IMPORT = re.compile(r"^[ \t]*require(?:_relative)?[ \t(]+['\"]([^'\"\n]+)['\"]", re.MULTILINE)


RUBY = Language(
    name="ruby",
    extensions=(".rb",),
    line_comment="#",
    braces=False,
    block_end_keywords=("end",),
    returns_last_expression=True,
    top_level_keywords=("def ", "class ", "module ", "require "),
    has_regex_literals=True,
    block_opener=re.compile(
        r"\bdo \|[^|]*\|$"
        r"|^\s*(?:if|unless|while|until|case|elsif|when|rescue|ensure|for)\b(?!.*\bend$)"
    ),
    grammar=("tree_sitter_ruby", "language"),
    enclosing_block="class X\n",
    nodes=NodeTypes(
        functions=node_types("method singleton_method"),
        containers=node_types("class module"),
        values=node_types("assignment"),
    ),
    import_statement=re.compile(r"require(?:_relative)?[\s(]"),
    read_imports=partial(read_import_lines, _IMPORT),
    doc_style="comments with `#` right above, in YARD's tags where the file uses them",
    tests=SeparateTests(
        framework="RSpec in a folder `spec`, Minitest in a folder `test`",
        beside=("test/{inner}/test_{stem}.rb",),
        apart=(
            "spec/{inner}/{stem}_spec.rb",
            "spec/{stem}_spec.rb",
            "test/{inner}/{stem}_test.rb",
            "test/{stem}_test.rb",
        ),
        new="spec/{inner}/{stem}_spec.rb",
    ),
    version_sources=(
        version_line("Ruby", ".ruby-version", r"\A\s*(?:ruby-)?([\d.]+)"),
        version_line("Ruby", "Gemfile", r"^ruby\s+[\"']([^\"'\n]+)"),
    ),
    modernisation=Modernisation(
        version="`required_ruby_version` or .ruby-version",
        floor="Ruby 2.7",
        replace="hash rockets with symbol keys, `&&` chains by `&.`, option hashes by keyword "
        "arguments in private methods, hand-written accessors by `attr_*`, case chains over "
        "shapes by pattern matching from 3.0",
    ),
    idioms=(
        Idiom(
            name="each_to_map",
            pattern=re.compile(r"\.each\s*(?:do|\{)\s*\|[^|]*\|[^}]{0,200}<<", re.MULTILINE),
            title="Convert each to map",
            how="Turn the `each` loops that fill an array into `map`, `select`, `filter_map` or "
            "`each_with_object`, whichever reads best.",
        ),
    ),
    collaborators=re.compile(r"\b[A-Z]\w*\.new\b|\bTime\.now\b|\bENV\["),
    prompt_facts=LanguagePromptFacts(
        title="Ruby",
        error_handling="Rescue specific errors, never `Exception`; use `ensure` to release, and "
        "raise with a message that says what was being done.",
        logging="Use the logger of the file or of the framework, with a block for costly messages.",
        constant="a constant in UPPER_CASE, frozen where it can change",
    ),
)
