"""CSS."""

from __future__ import annotations

from devstral_lsp.languages.language import Dialect, Language, LanguagePromptFacts

CSS = Language(
    name="css",
    dialects=(Dialect(id="scss", is_separate=True), Dialect(id="less", is_separate=True)),
    extensions=(".css", ".scss"),
    block_comment=("/*", "*/"),
    grammar=("tree_sitter_css", "language"),
    prompt_facts=LanguagePromptFacts(title="CSS", is_code=False, has_classes=False),
)
