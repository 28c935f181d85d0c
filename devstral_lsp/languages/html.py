"""HTML."""

from __future__ import annotations

import re

from devstral_lsp.languages.language import Language, LanguagePromptFacts

HTML = Language(
    name="html",
    extensions=(".html", ".htm"),
    block_comment=("<!--", "-->"),
    braces=False,
    has_html_tags=True,
    has_lone_brackets=True,
    is_markup=True,
    block_opener=re.compile(r"<(?!area|br|hr|img|input|link|meta)\w[^<>]*(?<!/)>$"),
    grammar=("tree_sitter_html", "language"),
    confused_with=("php",),
    prompt_facts=LanguagePromptFacts(title="HTML", is_code=False, has_classes=False),
)
