"""TOML."""

from __future__ import annotations

from devstral_lsp.languages.language import Language, LanguagePromptFacts

TOML = Language(
    name="toml",
    extensions=(".toml",),
    line_comment="#",
    braces=False,
    grammar=("tree_sitter_toml", "language"),
    prompt_facts=LanguagePromptFacts(title="TOML", is_code=False, has_classes=False),
)
