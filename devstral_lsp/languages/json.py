"""JSON."""

from __future__ import annotations

from devstral_lsp.languages.language import Dialect, Language, LanguagePromptFacts

_GRAMMAR = ("tree_sitter_json", "language")

JSON = Language(
    name="json",
    dialects=(Dialect(id="jsonc", grammar=_GRAMMAR, is_separate=True),),
    extensions=(".json",),
    quotes=('"',),
    grammar=_GRAMMAR,
    prompt_facts=LanguagePromptFacts(title="JSON", is_code=False, has_classes=False),
)
