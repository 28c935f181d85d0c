"""Lua."""

from __future__ import annotations

import re
from functools import partial

from devstral_lsp.languages.language import (
    Language,
    LanguagePromptFacts,
    NodeTypes,
    SeparateTests,
    node_types,
    read_import_lines,
)

_IMPORT = re.compile(r"\brequire[ \t(]+['\"]([\w./-]+)['\"]")


LUA = Language(
    name="lua",
    extensions=(".lua",),
    line_comment="--",
    block_comment=("--[[", "]]"),
    braces=False,
    block_end_keywords=("end", "until"),
    top_level_keywords=("function ", "local function ", "return "),
    raw_string=r"\[\[(?:(?!\]\])[\s\S])*(?:\]\])?",
    block_opener=re.compile(r"\brepeat$|\bfunction\b[^)]{0,400}\)$"),
    grammar=("tree_sitter_lua", "language"),
    nodes=NodeTypes(functions=node_types("function_declaration")),
    import_statement=re.compile(r"local\s+\w+\s*=\s*require\b"),
    read_imports=partial(read_import_lines, _IMPORT),
    doc_style="comments with `---` right above, with LuaLS annotations (`---@param`, `---@return`)",
    tests=SeparateTests(
        framework="busted", apart=("spec/{inner}/{stem}_spec.lua",), new="spec/{stem}_spec.lua"
    ),
    prompt_facts=LanguagePromptFacts(
        title="Lua",
        has_classes=False,
        error_handling="Return `nil` and a message for what is expected, use `error` and `pcall` "
        "for the rest, as the file does.",
        logging="Use the logging function of the file; otherwise `io.stderr:write`.",
        constant="a `local` in UPPER_CASE at the top of the file",
    ),
)
