"""TypeScript: JavaScript with types."""

from __future__ import annotations

import re
from dataclasses import replace

from devstral_lsp.languages.javascript import (
    FUNCTIONS,
    JAVASCRIPT,
    JSDOC,
    NAME_HOLDERS,
    NODE_VERSIONS,
    OUTDATED,
    PROMPT_FACTS,
    VALUES,
)
from devstral_lsp.languages.language import (
    Dialect,
    Modernisation,
    NodeTypes,
    VersionSource,
    node_types,
    version_line,
)

TYPESCRIPT = replace(
    JAVASCRIPT,
    name="typescript",
    aliases=("ts",),
    dialects=(
        Dialect(
            id="typescriptreact",
            aliases=("tsx",),
            extensions=(".tsx",),
            grammar=("tree_sitter_typescript", "language_tsx"),
        ),
    ),
    extensions=(".ts", ".mts", ".cts"),
    grammar=("tree_sitter_typescript", "language_typescript"),
    nodes=NodeTypes(
        functions=FUNCTIONS
        | node_types("function_signature method_signature abstract_method_signature"),
        containers=node_types("class_declaration abstract_class_declaration interface_declaration"),
        values=VALUES
        | node_types(
            "type_alias_declaration enum_declaration public_field_definition property_signature"
        ),
        wrappers=node_types("export_statement ambient_declaration"),
        transparent=node_types("internal_module module statement_block"),
        name_holders=NAME_HOLDERS,
        bare_parameters=node_types("required_parameter optional_parameter"),
        defaults_tell_types=True,
        no_result=frozenset({"constructor"}),
    ),
    preamble=re.compile(r"['\"]use \w+['\"];?\s*$|///\s*<reference"),
    confused_with=("javascript",),
    doc_style=f"{JSDOC}, without types, which the signature has (TSDoc)",
    version_sources=(
        VersionSource(
            "TypeScript",
            "package.json",
            entries=(
                ("devDependencies", "typescript"),
                ("dependencies", "typescript"),
                ("peerDependencies", "typescript"),
            ),
        ),
        version_line("ECMAScript target", "tsconfig.json", r'^[^/\n]*"target"\s*:\s*"([^"\n]+)"'),
        *NODE_VERSIONS,
    ),
    modernisation=Modernisation(
        version="the `typescript` of package.json and the `target` of tsconfig.json",
        floor="TypeScript 4.9 with ES2020",
        replace=f"{OUTDATED}, `any` by `unknown` or a proper type, `namespace` by modules, casts "
        "in angle brackets by `as` or better by `satisfies`, enums of strings by unions only if "
        "they are not exported",
    ),
    prompt_facts=replace(
        PROMPT_FACTS,
        title="TypeScript",
        annotations="Annotate parameters and results; no `any`: use `unknown`, unions or generics "
        "where a type is open, and the file's own types where they fit.",
    ),
)
