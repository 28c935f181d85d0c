"""Our lines get into a user's text, and everything else in it stays."""

from __future__ import annotations

import pytest

from devstral_lsp.cli.setup.merge import CannotMerge, block, members

OURS = "# >>> devstral-lsp\nours\n# <<< devstral-lsp\n"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", OURS),
        ("mine\n", f"mine\n\n{OURS}"),
        ("mine", f"mine\n\n{OURS}"),
        (f"{OURS}mine", f"{OURS}mine"),
        (f"mine\n{OURS.rstrip()}", f"mine\n{OURS}"),
    ],
)
def test_a_block(text: str, after: str) -> None:
    assert block(text, "ours\n", "#") == after


@pytest.mark.parametrize(
    "text", ["# >>> devstral-lsp\n", "# <<< devstral-lsp\n# >>> devstral-lsp\n", OURS * 2]
)
def test_a_block_is_not_put_where_its_comments_are_no_pair(text: str) -> None:
    with pytest.raises(CannotMerge):
        block(text, "ours\n", "#")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("{}", '{\n  "a": {\n    "b": 1\n  }\n}'),
        ('\ufeff{"c": 2}', '\ufeff{\n  "a": {\n    "b": 1\n  },"c": 2}'),
        ('// {\n{"c": "//"}', '// {\n{\n  "a": {\n    "b": 1\n  },"c": "//"}'),
        ('{"a": {"b": 1, "mine": 2}}', '{"a": {"b": 1, "mine": 2}}'),
    ],
    ids=["empty", "with a mark", "with a comment", "with more"],
)
def test_members(text: str, after: str) -> None:
    assert members(text, '{"a": {"b": 1}}') == after


def test_a_member_that_says_something_else_is_not_touched() -> None:
    with pytest.raises(CannotMerge, match='"a"'):
        members('{"a": {"b": 2}}', '{"a": {"b": 1}}')
