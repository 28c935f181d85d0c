"""Rust."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devstral_lsp.languages.language import (
    QUOTED_VALUE,
    Idiom,
    Import,
    InlineTests,
    Language,
    LanguagePromptFacts,
    Modernisation,
    NodeTypes,
    node_types,
    version_line,
)

_USE = re.compile(
    r"^[ \t]*(?:pub(?:\([^)\n]*\))?[ \t]+)?use[ \t]++"
    r"((?:[^;\n]|\n(?![ \t]*(?:pub|use)\b)){1,2000}+);",
    re.MULTILINE,
)
_MOD = re.compile(r"^[ \t]*(?:pub(?:\([^)\n]*\))?[ \t]+)?mod[ \t]+(\w+)[ \t]*;", re.MULTILINE)


def _read_imports(text: str) -> Iterator[Import]:
    for match in _USE.finditer(text):
        for path in rust_paths(re.sub(r"//[^\n]*|(?<!\s)\s+as\s+\w+", "", match[1])):
            module, _, name = path.rpartition("::")
            yield Import(module or name, (name,) if module and name not in ("*", "self") else ())
    for match in _MOD.finditer(text):
        yield Import(f"self::{match[1]}")


_PART = re.compile(r"[{},]|[^{},]+")
_DEEPEST = 20
"""Maximum nesting of braces, more than twice that of real code."""


def rust_paths(tree: str) -> Iterator[str]:
    """`a::{b, c::{d}}` as `a::b` and `a::c::d`."""
    leads, part = [""], ""
    for each in _PART.findall(tree):
        if each == "{":
            leads.append(leads[-1] + part)
            part = ""
            if len(leads) > _DEEPEST:
                return
        elif each in "},":
            if part:
                yield leads[-1] + part
            part = ""
            if each == "}" and len(leads) > 1:
                leads.pop()
        else:
            part = each.strip()
    if part:
        yield leads[-1] + part


RUST = Language(
    name="rust",
    aliases=("rs",),
    extensions=(".rs",),
    line_comment="//",
    block_comment=("/*", "*/"),
    returns_last_expression=True,
    top_level_keywords=("fn ", "pub ", "impl ", "struct ", "enum ", "mod ", "use ", "trait ", "#["),
    has_character_literals=True,
    grammar=("tree_sitter_rust", "language"),
    enclosing_block="impl _X {\n",
    nodes=NodeTypes(
        functions=node_types("function_item function_signature_item"),
        containers=node_types("impl_item trait_item"),
        values=node_types(
            "struct_item enum_item type_item const_item static_item macro_definition"
        ),
        transparent=node_types("mod_item declaration_list"),
    ),
    import_statement=re.compile(r"(?:pub(?:\([^)]*\))?\s+)?use\s+[\w:{]|extern\s+crate\s"),
    read_imports=_read_imports,
    preamble=re.compile(r"#!\[|//!"),
    doc_style="comments with `///` right above, in Markdown: a summary line, then `# Errors`, `# "
    "Panics` and `# Safety` where they apply",
    tests=InlineTests(
        start=re.compile(r"^#\[cfg\(test\)\][ \t]*\r?\n(?:pub )?mod \w+ \{", re.MULTILINE),
        instruction="Put them into the module `tests` at the end of the file, under "
        "`#[cfg(test)]` and with `use super::*;`; add to that module if it is there, without "
        "changing what it holds.",
    ),
    version_sources=(
        # Also of a whole workspace, from which a package may inherit it.
        version_line("Rust edition", "Cargo.toml", rf"^edition{QUOTED_VALUE}"),
        version_line("Rust", "Cargo.toml", rf"^rust-version{QUOTED_VALUE}"),
        version_line("Rust", "rust-toolchain.toml", rf"^channel{QUOTED_VALUE}"),
    ),
    modernisation=Modernisation(
        version="`edition` and `rust-version` of Cargo.toml",
        floor="the 2021 edition",
        replace="`try!` by `?`, nested `match` by `let … else` and `if let`, arguments of "
        "`format!` by captured names, `extern crate`, `lazy_static` and `once_cell` by `OnceLock` "
        "and `LazyLock` where the version has them, index loops by iterators",
    ),
    idioms=(
        Idiom(
            name="loop_to_iterator",
            pattern=re.compile(
                r"\bfor\s[^\n{]{0,200}\{[^{}]*(?:\{[^{}]*)?\.(?:push|insert)\(", re.MULTILINE
            ),
            title="Convert loop to iterator chain",
            how="Turn the loops that build collections into iterator chains that end in "
            "`collect`. Leave loops with `?`, `await`, `break` or side effects unless the chain "
            "stays as clear.",
        ),
        Idiom(
            name="iterator_to_loop",
            pattern=re.compile(r"\.(?:map|filter|fold|flat_map|filter_map)\(", re.MULTILINE),
            title="Convert iterator chain to loop",
            how="Turn the iterator chains into plain loops with well-named variables.",
        ),
    ),
    prompt_facts=LanguagePromptFacts(
        title="Rust",
        has_classes=False,
        async_style="Use `async fn` and `.await`, with the runtime that the crate already depends "
        "on.",
        error_handling="Return `Result` and pass errors on by `?`; no `unwrap` or `expect` outside "
        "of what cannot fail, with the crate's own error type where it has one.",
        logging="Use the macros of `tracing` or `log`, whichever the crate depends on.",
        constant="a `const` with its type, in UPPER_CASE",
    ),
)
