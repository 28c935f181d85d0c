"""TOML."""

from __future__ import annotations

import re
import tomllib

from devstral_lsp.languages.language import Language, LanguagePromptFacts


def _root_kind(text: str) -> str:
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return ""
    return "table"


TOML = Language(
    name="toml",
    extensions=(".toml",),
    line_comment="#",
    braces=False,
    paragraph_start=re.compile(r"\["),
    root_kind=_root_kind,
    grammar=("tree_sitter_toml", "language"),
    prompt_facts=LanguagePromptFacts(title="TOML", is_code=False, has_classes=False),
)
