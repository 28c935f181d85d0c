"""What is parsed in the place of the line that is being typed."""

from __future__ import annotations

import pytest

from devstral_lsp.context.members.parsing import stand_in

LINES = {
    "nothing that stays open": ("typescript", "  a.b(c)[0].", ""),
    "a condition": ("java", "  if (a.) {", "{"),
    "another branch": ("typescript", "  } else if (a.) {", "}{"),
    "a callback": ("javascript", "  run(a., () => {", "({"),
    "the end of a call": ("go", "\ta.)", ")"),
    "brackets in a string": ("rust", "  a(\"{\", '(', b.", "("),
    "a statement of Python": ("python", "    a.", "    pass"),
    "a block of Python": ("python", "    if a.:", "    if _:"),
    "an open call of Python": ("python", "    a(b.,", "    ("),
}
DEFINITIONS = {
    "with its bracket": ("rust", "    fn (&self) {", False, "    fn _() {"),
    "without it": ("java", "    public int ", True, "    void _() {"),
    "without a body": ("java", "    public int ", False, ""),
    "whose parameters go on": ("typescript", "    go(", True, "("),
    "of Python": ("python", "    def (self):", True, "    def _():"),
    "of Python, without a colon": ("python", "    def ", True, "    def _():"),
    "of Python, without a body": ("python", "    def ", False, "    pass"),
}


@pytest.mark.parametrize("case", LINES)
def test_a_line(case: str) -> None:
    grammar, line, wanted = LINES[case]
    assert stand_in(line, grammar, is_definition=False, has_body=True) == wanted


@pytest.mark.parametrize("case", DEFINITIONS)
def test_a_definition(case: str) -> None:
    grammar, line, has_body, wanted = DEFINITIONS[case]
    assert stand_in(line, grammar, is_definition=True, has_body=has_body) == wanted
