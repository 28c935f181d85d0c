"""Which document and which language a cursor stands in."""

from __future__ import annotations

import pytest

from devstral_lsp.languages.html import embedded_document


@pytest.mark.parametrize(
    ("page", "language", "within", "found"),
    [
        ("<p>│</p>", "html", "<p>│</p>", "html"),
        ("<script>a│\nb</script>c", "html", "a│\nb", "javascript"),
        ("<script>a</script>│", "html", "<script>a</script>│", "html"),
        ("<script │>", "html", "<script │>", "html"),
        ('<script setup lang="ts">│', "vue", "│", "typescript"),
        ("<style lang='scss' scoped>.a {│}</style>", "vue", ".a {│}", "scss"),
        ("<script>a</script><style>│</style>", "svelte", "│", "css"),
        ('<script type="application/json">{│}</script>', "html", "{│}", "json"),
        ('<script type="module">│', "html", "│", "javascript"),
        ("s = '<script>'│", "python", "s = '<script>'│", "python"),
    ],
)
def test_a_script_is_a_document_of_its_own(
    page: str, language: str, within: str, found: str
) -> None:
    before, after = page.split("│")
    above, below, name = embedded_document(before, after, language)
    assert (f"{above}│{below}", name) == (within, found)
