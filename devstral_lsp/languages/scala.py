"""Scala."""

from __future__ import annotations

import re

from devstral_lsp.languages.language import (
    NEW_OBJECT,
    Language,
    LanguagePromptFacts,
    Modernisation,
    SeparateTests,
)

SCALA = Language(
    name="scala",
    extensions=(".scala",),
    line_comment="//",
    block_comment=("/*", "*/"),
    returns_last_expression=True,
    top_level_keywords=("def ", "class ", "object ", "import ", "package "),
    has_character_literals=True,
    import_statement=re.compile(r"import\s+[\w.*]"),
    preamble=re.compile(r"package\s+[\w.]+"),
    doc_style="Scaladoc (`/** … */`)",
    tests=SeparateTests(
        framework="the test library of the build (ScalaTest, MUnit)",
        roots=r"src/main/scala|(?P<module>.+)/src/main/scala|app|src",
        apart=("{module}/src/test/scala/{inner}/{stem}Spec.scala",),
        beside=("{module}/src/test/scala/{inner}/{stem}Test.scala",),
        new="{module}/src/test/scala/{inner}/{stem}Spec.scala",
    ),
    modernisation=Modernisation(
        version="`scalaVersion` of the build",
        floor="Scala 2.13",
        replace="`implicit` by `given` and `using` from 3, sealed hierarchies of values by `enum` "
        "from 3, procedure syntax, `null` by `Option`",
    ),
    collaborators=re.compile(rf"{NEW_OBJECT}"),
    prompt_facts=LanguagePromptFacts(
        title="Scala",
        async_style="Return a `Future`, or the effect type that the file uses.",
        error_handling="Use `Either`, `Try` or the effect type of the file for what is expected.",
        logging="Use the logger of the class.",
        constant="a `val` in UpperCamelCase of the companion object",
    ),
)
