"""JSON."""

from __future__ import annotations

import json

from devstral_lsp.languages.language import Dialect, Language, LanguagePromptFacts


def _root_kind(text: str) -> str:
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return type(held).__name__ if isinstance(held, dict | list) else "value"


_GRAMMAR = ("tree_sitter_json", "language")

JSON = Language(
    name="json",
    dialects=(Dialect(id="jsonc", grammar=_GRAMMAR, is_separate=True),),
    extensions=(".json",),
    quotes=('"',),
    root_kind=_root_kind,
    grammar=_GRAMMAR,
    prompt_facts=LanguagePromptFacts(title="JSON", is_code=False, has_classes=False),
)
