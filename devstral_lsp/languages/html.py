"""HTML."""

from __future__ import annotations

from devstral_lsp.languages.language import Language, LanguagePromptFacts

HTML = Language(
    name="html",
    extensions=(".html", ".htm"),
    block_comment=("<!--", "-->"),
    braces=False,
    has_html_tags=True,
    grammar=("tree_sitter_html", "language"),
    confused_with=("php",),
    prompt_facts=LanguagePromptFacts(title="HTML", is_code=False, has_classes=False),
)
