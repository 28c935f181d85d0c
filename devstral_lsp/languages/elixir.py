"""Elixir."""

from __future__ import annotations

from devstral_lsp.languages.language import Language, LanguagePromptFacts, SeparateTests

ELIXIR = Language(
    name="elixir",
    extensions=(".ex", ".exs"),
    line_comment="#",
    braces=False,
    returns_last_expression=True,
    block_end_keywords=("end",),
    doc_style="`@doc` and `@moduledoc` with Markdown",
    tests=SeparateTests(framework="ExUnit", new="test/{inner}/{stem}_test.exs"),
    prompt_facts=LanguagePromptFacts(
        title="Elixir",
        has_classes=False,
        error_handling="Return `{:ok, value}` and `{:error, reason}` and chain by `with`; raise "
        "only for bugs.",
        logging="Use `Logger` with metadata.",
        constant="a module attribute",
    ),
)
