"""YAML."""

from __future__ import annotations

import re

from devstral_lsp.languages.language import Language, LanguagePromptFacts


def _root_kind(text: str) -> str:
    """Uses PyYAML's C parser if available: the other one takes 1 s for 10,000 lines."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        roots = [each for each in yaml.compose_all(text, loader) if each is not None]
    except (yaml.YAMLError, RecursionError, ValueError):
        return ""
    return "value" if all(isinstance(e, yaml.ScalarNode) for e in roots) else "collection"


YAML = Language(
    name="yaml",
    extensions=(".yaml", ".yml"),
    line_comment="#",
    braces=False,
    root_kind=_root_kind,
    block_start_token=":",
    block_opener=re.compile(r"(?<=[:-] )[|>][+-]?$"),
    has_lone_brackets=True,
    grammar=("tree_sitter_yaml", "language"),
    confused_with=("json",),
    prompt_facts=LanguagePromptFacts(title="YAML", is_code=False, has_classes=False),
)
