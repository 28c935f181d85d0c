"""Swift."""

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

SWIFT = Language(
    name="swift",
    extensions=(".swift",),
    line_comment="//",
    block_comment=("/*", "*/"),
    returns_last_expression=True,
    top_level_keywords=("func ", "class ", "struct ", "import ", "extension "),
    import_statement=re.compile(r"import\s+[\w.*]"),
    doc_style="comments with `///`, with `- Parameters:`, `- Returns:` and `- Throws:`",
    tests=SeparateTests(
        framework="XCTest or Swift Testing, whichever the target uses",
        roots=r"Sources",
        apart=("Tests/{first}Tests/{deeper}/{stem}Tests.swift", "Tests/{stem}Tests.swift"),
        new="Tests/{first}Tests/{stem}Tests.swift",
    ),
    modernisation=Modernisation(
        version="`swift-tools-version`",
        floor="Swift 5.5",
        replace="completion handlers by `async` where callers are in the selection, nested `if "
        "let` by `guard`, `if let x = x` by the short form from 5.7, hand-written `==` by "
        "synthesised ones",
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
    collaborators=re.compile(rf"{CALLED_CLASS}|\.shared\b"),
    prompt_facts=LanguagePromptFacts(
        title="Swift",
        async_style="Use `async` and `await`, with structured tasks.",
        error_handling="Use `throws` with an error type that says what went wrong, `guard` for "
        "early exits and `defer` to release; no `try!` and no forced unwrapping.",
        logging="Use `Logger` of `os`, or what the file uses already.",
        constant="a `private let` in lowerCamelCase",
    ),
)
