"""Our lines get into a user's text, and everything else in it stays."""

from __future__ import annotations

import pytest

from devstral_lsp.cli.setup.config_merge import CannotMerge, merge_json_members, merge_marked_block

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
    assert merge_marked_block(text, "ours\n", "#") == after


@pytest.mark.parametrize(
    "text", ["# >>> devstral-lsp\n", "# <<< devstral-lsp\n# >>> devstral-lsp\n", OURS * 2]
)
def test_a_block_is_not_put_where_its_comments_are_no_pair(text: str) -> None:
    with pytest.raises(CannotMerge):
        merge_marked_block(text, "ours\n", "#")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("{}", '{\n  "a": {\n    "b": 1\n  }\n}'),
        ('\ufeff{"c": 2}', '\ufeff{\n  "a": {\n    "b": 1\n  },"c": 2}'),
        ('// {\n{"c": "//"}', '// {\n{\n  "a": {\n    "b": 1\n  },"c": "//"}'),
        ('{"a": {"b": 1, "mine": 2}}', '{"a": {"b": 1, "mine": 2}}'),
        ("{ // none\n}", '{\n  "a": {\n    "b": 1\n  }\n // none\n}'),
    ],
    ids=["empty", "with a mark", "with a comment", "with more", "with a comment alone"],
)
def test_members(text: str, after: str) -> None:
    assert merge_json_members(text, '{"a": {"b": 1}}') == after


@pytest.mark.parametrize(
    "rest", ["a = [1, 2]\n", 'a = ["my name"]\n', "[[a]]\nname = [1]\n[[a]]\nname = [2]\n"]
)
def test_a_block_goes_beside_lists_of_any_kind(rest: str) -> None:
    assert merge_marked_block(rest, "b = 1\n", "#", "toml").startswith(rest)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a = " + "[" * 20_000 + "]" * 20_000, "nested too deeply"),
        ("a = " + "{a=" * 20_000 + "1" + "}" * 20_000, "nested too deeply"),
        ("a = " + "1" * 5_000, "too long"),
        ("a = 2020-99-99", "not valid TOML"),
        ("a = \0", "not valid TOML"),
        ("a = \ud800", "not valid TOML"),
        ("b = 2", "already"),
        ('[[a]]\nname = "x"\n[[a]]\nname = "x"\n', "same name"),
    ],
)
def test_what_is_no_toml_is_left_to_its_user(text: str, why: str) -> None:
    with pytest.raises(CannotMerge, match=why):
        merge_marked_block(text, "b = 1\n", "#", "toml")


COC = """\
/* Settings of coc.nvim, see :help coc-configuration.
   { "languageserver": {} } is what most servers need. */
// {
{
  // Each key on a line of its own.
  "suggest.noselect": true,
  "diagnostic.virtualTextPrefix": "// {\\"", /* { */
  "languageserver": {
    "ccls": {"command": "ccls", "rootPatterns": [".ccls", "compile_commands.json",]},
  },
}
"""


def test_members_go_into_a_file_as_its_user_writes_it() -> None:
    ours = '{\n  "a": {\n    "b": 1\n  },\n'
    head, tail = COC.split("{\n  // Each")
    assert merge_json_members(COC, '{"a": {"b": 1}}') == f"{head}{ours}  // Each{tail}"


@pytest.mark.parametrize("text", ["{", "{,}", '{"c": 1/**/2}', "/* {} ", "[{}]", '{"c": ' * 4000])
def test_what_is_no_object_is_left_to_its_user(text: str) -> None:
    with pytest.raises(CannotMerge, match="it is no"):
        merge_json_members(text, '{"a": 1}')


def test_a_member_that_says_something_else_is_not_touched() -> None:
    with pytest.raises(CannotMerge, match='"a"'):
        merge_json_members('{"a": {"b": 2}}', '{"a": {"b": 1}}')
