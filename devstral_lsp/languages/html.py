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

_PAGES = frozenset({"html", "vue", "svelte", "astro"})

_TAG = re.compile(r"<(?P<name>script|style)\b(?P<attributes>[^<>]*+)>")
_LANGUAGE = re.compile(r"\b(?:lang|type)=[\"']?(?:text/|application/)?(?P<name>[\w+]+)")

_LANGUAGES = {
    "ts": "typescript", "tsx": "typescriptreact", "jsx": "javascriptreact",
    "scss": "scss", "sass": "sass", "less": "less", "json": "json", "ld+json": "json",
    "importmap": "json",
}  # fmt: skip


def embedded_document(before: str, after: str, language_id: str) -> tuple[str, str, str]:
    """The texts before and after a cursor and their language id, within the innermost document."""
    start = max(before.rfind("<script"), before.rfind("<style"))
    tag = _TAG.match(before, start) if language_id in _PAGES and start >= 0 else None
    if tag is None or f"</{tag['name']}" in before[tag.end() :]:
        return before, after, language_id
    named = _LANGUAGE.search(tag["attributes"])
    usual = "javascript" if tag["name"] == "script" else "css"
    end = after.find(f"</{tag['name']}")
    within = after[:end] if end >= 0 else after
    return before[tag.end() :], within, _LANGUAGES.get(named["name"], usual) if named else usual
