"""YAML."""

from __future__ import annotations

import re

from devstral_lsp.languages.language import Language, LanguagePromptFacts

YAML = Language(
    name="yaml",
    extensions=(".yaml", ".yml"),
    line_comment="#",
    braces=False,
    block_start_token=":",
    block_opener=re.compile(r"(?<=[:-] )[|>][+-]?$"),
    has_lone_brackets=True,
    grammar=("tree_sitter_yaml", "language"),
    confused_with=("json",),
    prompt_facts=LanguagePromptFacts(title="YAML", is_code=False, has_classes=False),
)
