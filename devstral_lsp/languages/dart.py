"""Dart."""

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

DART = Language(
    name="dart",
    extensions=(".dart",),
    line_comment="//",
    block_comment=("/*", "*/"),
    top_level_keywords=("class ", "import ", "void "),
    import_statement=re.compile(r"import\s+['\"]"),
    doc_style="comments with `///`: a summary sentence first, names in brackets",
    tests=SeparateTests(
        framework="`package:test`, or `flutter_test` in a Flutter package",
        apart=("test/{inner}/{stem}_test.dart",),
        new="test/{inner}/{stem}_test.dart",
    ),
    modernisation=Modernisation(
        version="`environment.sdk` of pubspec.yaml",
        floor="Dart 2.12",
        replace="`new`, late checks for null by null safety, `List()` by literals, chains over "
        "types by patterns from 3.0",
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
    collaborators=re.compile(rf"{CALLED_CLASS}|\.instance\b"),
    prompt_facts=LanguagePromptFacts(
        title="Dart",
        async_style="Use `async` and `await`; the function then returns a `Future`.",
        error_handling="Throw `Exception`s, catch them by type with `on`, and `rethrow` to pass "
        "on.",
        logging="Use `package:logging` or what the file uses already.",
        constant="a `const` in lowerCamelCase",
    ),
)
