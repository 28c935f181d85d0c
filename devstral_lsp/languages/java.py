"""Java."""

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
    node_types,
    read_import_lines,
    version_line,
)

_IMPORT = re.compile(r"^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+)[ \t]*;", re.MULTILINE)

_COMPATIBILITY = r"(?:source|target)Compatibility[ \t]*(?:=[ \t]*)?"

JAVA = Language(
    name="java",
    extensions=(".java",),
    line_comment="//",
    block_comment=("/*", "*/"),
    top_level_keywords=("public ", "class ", "import ", "package ", "interface "),
    has_character_literals=True,
    grammar=("tree_sitter_java", "language"),
    enclosing_block="class _ {\n",
    nodes=NodeTypes(
        functions=node_types("method_declaration constructor_declaration"),
        containers=node_types("class_declaration interface_declaration record_declaration"),
        values=node_types("field_declaration enum_declaration constant_declaration"),
    ),
    import_statement=re.compile(r"import\s+(?:static\s+)?[\w.*]+\s*;"),
    shares_folder_scope=True,
    read_imports=partial(read_import_lines, _IMPORT),
    preamble=re.compile(r"package\s+[\w.]+\s*;"),
    doc_style="Javadoc comments (`/** … */`), with `@param`, `@return` and `@throws`",
    tests=SeparateTests(
        framework="JUnit 5, or the version that the build has",
        roots=r"src/main/java|(?P<module>.+)/src/main/java|src",
        apart=(
            "{module}/src/test/java/{inner}/{stem}Test.java",
            "test/{inner}/{stem}Test.java",
        ),
        new="{module}/src/test/java/{inner}/{stem}Test.java",
    ),
    version_sources=(
        version_line("Java", "pom.xml", r"<(?:maven\.compiler\.)?release>\s*([\w.]+)\s*<"),
        version_line(
            "Java",
            "pom.xml",
            r"<(?:java\.version|maven\.compiler\.source|source)>\s*([\w.]+)\s*<",
        ),
        *(
            line
            for file in ("build.gradle", "build.gradle.kts")
            for line in (
                version_line("Java", file, r"JavaLanguageVersion\.of\(\s*[\"']?(\d+)"),
                version_line("Java", file, rf"{_COMPATIBILITY}(?:JavaVersion\.)?VERSION_([\d_]+)"),
                version_line("Java", file, rf"{_COMPATIBILITY}[\"']?([\d.]+)"),
            )
        ),
    ),
    modernisation=Modernisation(
        version="the `release` or `source` of the Maven or Gradle build",
        floor="Java 11",
        replace="anonymous classes by lambdas, `instanceof` with a cast by patterns from 16, "
        "string blocks by text blocks from 15, `switch` statements by expressions from 14, plain "
        "data classes by records from 16 unless they are exposed, `Date` and `Calendar` by "
        "`java.time`, `new Integer` and its like by `valueOf`",
    ),
    idioms=(
        Idiom(
            name="loop_to_stream",
            pattern=re.compile(
                r"\bfor\s*\([^\n:{]{0,200}:[^\n{]{0,200}\{[^{}]*(?:\{[^{}]*)?\.(?:add|put)\(",
                re.MULTILINE,
            ),
            title="Convert loop to stream",
            how="Turn the loops that build collections into streams. Leave loops with checked "
            "exceptions, `break` or side effects.",
        ),
        Idiom(
            name="stream_to_loop",
            pattern=re.compile(r"\.(?:stream|parallelStream)\(\)|\bStream\.of\(", re.MULTILINE),
            title="Convert stream to loop",
            how="Turn the streams into plain loops with well-named variables.",
        ),
    ),
    collaborators=re.compile(rf"{NEW_OBJECT}|\b\w+\.(?:getInstance|now)\(|\bSystem\.\w+"),
    prompt_facts=LanguagePromptFacts(
        title="Java",
        error_handling="Throw and catch specific exceptions, keep the cause, and use "
        "try-with-resources; never swallow one.",
        logging="Use the logger of the class; otherwise SLF4J with `{}` placeholders.",
        constant="a `private static final` field in UPPER_CASE",
    ),
)
