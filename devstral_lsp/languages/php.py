"""PHP."""

from __future__ import annotations

import re
from functools import partial

from devstral_lsp.languages.language import (
    NEW_OBJECT,
    Idiom,
    Language,
    LanguagePromptFacts,
    Modernisation,
    NodeTypes,
    SeparateTests,
    VersionSource,
    node_types,
    read_import_lines,
)

_IMPORT = re.compile(
    r"^[ \t]*(?:use[ \t]+(?=[\w\\]+[ \t]*[;\n])"
    r"|(?:require|include)(?:_once)?[ \t(]+(?:__DIR__[ \t.]+)?['\"]/?)([\w\\./-]+)",
    re.MULTILINE,
)


PHP = Language(
    name="php",
    extensions=(".php",),
    line_comment="//",
    block_comment=("/*", "*/"),
    top_level_keywords=("function ", "class ", "namespace ", "use "),
    has_html_tags=True,
    has_spread=True,
    grammar=("tree_sitter_php", "language_php"),
    enclosing_block="<?php class _ {\n",
    opening_tag="<?php\n",
    nodes=NodeTypes(
        functions=node_types("function_definition method_declaration"),
        containers=node_types(
            "class_declaration interface_declaration trait_declaration enum_declaration"
        ),
        values=node_types("property_declaration const_declaration"),
        transparent=node_types("namespace_definition compound_statement"),
        name_holders=("property_element", "const_element", "variable_name", "name"),
        bare_parameters=node_types(
            "simple_parameter variadic_parameter property_promotion_parameter"
        ),
        no_result=frozenset({"__construct", "__destruct"}),
    ),
    import_statement=re.compile(r"use\s++[^(;]++;|(?:require|include)(?:_once)?\b"),
    read_imports=partial(read_import_lines, _IMPORT),
    preamble=re.compile(r"<\?php|declare\s*\(|namespace\s+[\w\\]+\s*;"),
    doc_style="PHPDoc (`/** … */`), with types only where the declaration cannot say them",
    tests=SeparateTests(
        framework="PHPUnit, or Pest if the tests that are there use it",
        apart=(
            "tests/Unit/{inner}/{stem}Test.php",
            "tests/{inner}/{stem}Test.php",
            "tests/Unit/{stem}Test.php",
            "tests/{stem}Test.php",
        ),
        new="tests/{inner}/{stem}Test.php",
    ),
    version_sources=(VersionSource("PHP", "composer.json", entries=(("require", "php"),)),),
    modernisation=Modernisation(
        version="`require.php` of composer.json",
        floor="PHP 7.4",
        replace="`array()` by `[]`, `isset` with a ternary by `??`, PHPDoc types by declared "
        "ones, `switch` by `match` from 8.0, constructors that only assign by promotion from 8.0, "
        "class constants that form a set by enums from 8.1 unless they are exposed",
    ),
    idioms=(
        Idiom(
            name="loop_to_array_functions",
            pattern=re.compile(
                r"\bforeach\s*\([^\n{]{0,200}\{[^{}]*(?:\{[^{}]*)?\[\]\s*=", re.MULTILINE
            ),
            title="Convert loop to array functions",
            how="Turn the loops that build arrays into `array_map` and `array_filter` with arrow "
            "functions. Leave loops with side effects, and keep the keys as they were.",
        ),
    ),
    collaborators=re.compile(rf"{NEW_OBJECT}|\b\w+::getInstance\(|\b(?:time|curl_init)\("),
    prompt_facts=LanguagePromptFacts(
        title="PHP",
        annotations="Declare parameter, return and property types; use nullable and union types "
        "where the project's PHP allows them, and PHPDoc only for what types cannot say.",
        error_handling="Throw and catch specific exceptions, keep the previous one, and use "
        "`finally` to release.",
        logging="Use the PSR-3 logger of the class, with placeholders in the message.",
        constant="a `private const` in UPPER_CASE, or `const` at file level",
    ),
)
