"""Kotlin."""

from __future__ import annotations

import re

from devstral_lsp.languages.language import (
    CALLED_CLASS,
    Idiom,
    Language,
    LanguagePromptFacts,
    Modernisation,
    SeparateTests,
)

KOTLIN = Language(
    name="kotlin",
    extensions=(".kt",),
    line_comment="//",
    block_comment=("/*", "*/"),
    returns_last_expression=True,
    top_level_keywords=("fun ", "class ", "import ", "package ", "val "),
    has_character_literals=True,
    import_statement=re.compile(r"import\s+[\w.*]"),
    preamble=re.compile(r"package\s+[\w.]+|@file:"),
    doc_style="KDoc (`/** … */`), with references in brackets",
    tests=SeparateTests(
        framework="JUnit 5 or `kotlin.test`, whichever the build has",
        roots=r"src/main/(?:kotlin|java)|(?P<module>.+)/src/main/(?:kotlin|java)|src",
        apart=("{module}/src/test/kotlin/{inner}/{stem}Test.kt",),
        new="{module}/src/test/kotlin/{inner}/{stem}Test.kt",
    ),
    modernisation=Modernisation(
        version="the Kotlin plugin's version of the build",
        floor="Kotlin 1.6",
        replace="`!!` by safe calls, Java collections and loops by the standard library, `if` "
        "chains by `when`, static holders by top-level functions, string concatenation by "
        "templates",
    ),
    idioms=(
        Idiom(
            name="loop_to_map",
            pattern=re.compile(
                r"\bfor\b[^\n{]{0,120}?\bin\b[^\n{]{0,120}\{[^{}]*(?:\{[^{}]*)?\.(?:add|append)\(",
                re.MULTILINE,
            ),
            title="Convert loop to collection functions",
            how="Turn the loops that build collections into `map`, `filter` and their like. Leave "
            "loops with side effects.",
        ),
    ),
    collaborators=re.compile(rf"{CALLED_CLASS}|\bSystem\.\w+|\.now\(\)"),
    prompt_facts=LanguagePromptFacts(
        title="Kotlin",
        async_style="Use `suspend` functions and structured concurrency; switch the dispatcher "
        "around blocking calls.",
        error_handling="Use nullable types or `Result` for what is expected, specific exceptions "
        "otherwise, and `use` for resources; never catch `CancellationException`.",
        logging="Use the logger of the file, with lazily built messages.",
        constant="a `private const val` in UPPER_CASE",
    ),
)
