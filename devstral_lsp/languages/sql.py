"""SQL."""

from __future__ import annotations

from devstral_lsp.languages.language import Language, LanguagePromptFacts

SQL = Language(
    name="sql",
    extensions=(".sql",),
    line_comment="--",
    block_comment=("/*", "*/"),
    braces=False,
    statement_end=";",
    prompt_facts=LanguagePromptFacts(title="SQL", has_classes=False),
)
