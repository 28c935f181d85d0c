"""Markdown."""

from __future__ import annotations

import re

from devstral_lsp.languages.language import Language, LanguagePromptFacts

MARKDOWN = Language(
    name="markdown",
    aliases=("md",),
    extensions=(".md",),
    block_comment=("<!--", "-->"),
    quotes=(),
    braces=False,
    paragraph_start=re.compile(r"(?!#)"),
    has_html_tags=True,
    has_fences=True,
    has_lone_brackets=True,
    grammar=("tree_sitter_markdown", "language"),
    prompt_facts=LanguagePromptFacts(title="Markdown", is_code=False, has_classes=False),
)
