"""Haskell."""

from __future__ import annotations

import re

from devstral_lsp.languages.language import Language, LanguagePromptFacts

HASKELL = Language(
    name="haskell",
    extensions=(".hs",),
    line_comment="--",
    block_comment=("{-", "-}"),
    braces=False,
    returns_last_expression=True,
    import_statement=re.compile(r"import\s+(?:qualified\s+)?[A-Z]"),
    preamble=re.compile(r"\{-#|module\b.*\bwhere\s*$"),
    doc_style="Haddock comments (`-- |`)",
    prompt_facts=LanguagePromptFacts(title="Haskell", has_classes=False),
)
