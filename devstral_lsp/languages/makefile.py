"""Make."""

from __future__ import annotations

from devstral_lsp.languages.language import Language, LanguagePromptFacts

MAKEFILE = Language(
    name="makefile",
    file_names=("makefile",),
    extensions=(".mk",),
    line_comment="#",
    braces=False,
    has_lone_brackets=True,
    prompt_facts=LanguagePromptFacts(title="Make", has_classes=False),
)
