"""Dockerfile."""

from __future__ import annotations

from devstral_lsp.languages.language import Language, LanguagePromptFacts

DOCKERFILE = Language(
    name="dockerfile",
    file_names=("dockerfile",),
    line_comment="#",
    braces=False,
    prompt_facts=LanguagePromptFacts(title="Dockerfile", has_classes=False),
)
