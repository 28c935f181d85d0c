"""C#."""

from __future__ import annotations

import re

from devstral_lsp.languages.language import (
    NEW_OBJECT,
    Idiom,
    Language,
    LanguagePromptFacts,
    Modernisation,
    NodeTypes,
    SeparateTests,
    node_types,
    version_line,
)

CSHARP = Language(
    name="csharp",
    aliases=("c#", "cs"),
    extensions=(".cs",),
    line_comment="//",
    block_comment=("/*", "*/"),
    top_level_keywords=("using ", "namespace ", "public ", "class "),
    has_preprocessor=True,
    has_character_literals=True,
    raw_string=r'@"(?:""|[^"])*"?',
    grammar=("tree_sitter_c_sharp", "language"),
    enclosing_block="class _ {\n",
    nodes=NodeTypes(
        functions=node_types("method_declaration constructor_declaration"),
        containers=node_types(
            "class_declaration struct_declaration interface_declaration record_declaration"
        ),
        values=node_types("field_declaration property_declaration enum_declaration"),
        transparent=node_types(
            "namespace_declaration file_scoped_namespace_declaration declaration_list"
        ),
        name_holders=("variable_declaration", "variable_declarator"),
    ),
    shares_folder_scope=True,
    import_statement=re.compile(
        r"(?:global\s+)?using\s+(?:static\s+)?[\w.]+(?:\s*=\s*+[\w.<>, ]++)?\s*+;"
    ),
    doc_style="XML documentation (`/// <summary>`, `<param>`, `<returns>`, `<exception>`)",
    tests=SeparateTests(
        framework="xUnit, NUnit or MSTest, whichever the test project refers to",
        apart=(
            "{first}.Tests/{deeper}/{stem}Tests.cs",
            "{first}.Tests/{stem}Tests.cs",
            "tests/{first}.Tests/{deeper}/{stem}Tests.cs",
            "tests/{first}.Tests/{stem}Tests.cs",
            "test/{first}.Tests/{stem}Tests.cs",
            "tests/{stem}Tests.cs",
        ),
        new="tests/{stem}Tests.cs",
    ),
    version_sources=tuple(
        line
        for file in ("*.csproj", "Directory.Build.props")
        for line in (
            version_line(".NET", file, r"<TargetFrameworks?>\s*([\w.;-]+?)\s*<"),
            version_line("C#", file, r"<LangVersion>\s*([\w.]+)\s*<"),
        )
    ),
    modernisation=Modernisation(
        version="`LangVersion` and `TargetFramework` of the project file",
        floor="C# 8",
        replace="null checks by `?.`, `??` and patterns, `string.Format` by interpolation, "
        "`switch` statements by expressions, `using` blocks by declarations, nested namespaces by "
        "file-scoped ones from 10, plain data classes by records from 9 unless they are exposed",
    ),
    idioms=(
        Idiom(
            name="loop_to_linq",
            pattern=re.compile(
                r"\bforeach\s*\([^\n{]{0,200}\)\s*+\{[^{}]*(?:\{[^{}]*)?\.Add\(", re.MULTILINE
            ),
            title="Convert loop to LINQ",
            how="Turn the loops that build collections into LINQ. Leave loops with `await` or "
            "with side effects.",
        ),
        Idiom(
            name="linq_to_loop",
            pattern=re.compile(r"\.(?:Select|Where|SelectMany|Aggregate|GroupBy)\(", re.MULTILINE),
            title="Convert LINQ to loop",
            how="Turn the LINQ queries into plain loops with well-named variables.",
        ),
    ),
    collaborators=re.compile(rf"{NEW_OBJECT}|\bDateTime\.(?:Utc)?Now\b|\b\w+\.Instance\b"),
    prompt_facts=LanguagePromptFacts(
        title="C#",
        async_style="Use `async Task` and `await`, end the name in `Async` only if callers are in "
        "the selection, and pass a `CancellationToken` on where one is at hand.",
        error_handling="Throw and catch specific exceptions, rethrow by `throw;`, and use `using` "
        "for what must be disposed of.",
        logging="Use the injected `ILogger` with message templates.",
        constant="a `private const` in PascalCase",
    ),
)
