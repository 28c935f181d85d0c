"""Parse a file for its facts: C as C++, without macros at declarations and the cursor's line."""

from __future__ import annotations

import re

from devstral_lsp.context.members.queries import grammar_of
from devstral_lsp.syntax.tree import Syntax

_ARGUMENTS = r"(?:\([^()\n]{0,80}\))?"
_BEFORE_TYPE = re.compile(
    rf"(?<=(?:class|truct|union) )[A-Z][A-Z0-9_]{{1,80}}{_ARGUMENTS}"
    r"(?= {1,8}[^\W\d]\w{0,80}\s{0,8}(?:final\s{0,8})?[:{<])"
)
_BEFORE_FUNCTION = re.compile(
    rf"^[ \t]*[A-Z][A-Z0-9]{{0,80}}_[A-Z0-9_]{{0,80}}{_ARGUMENTS}"
    r"(?=[ \t]+(?:[\w:<>,]{1,80}[ \t*&]{1,8}){1,5}[*&]?[\w:~]{1,80}\()",
    re.MULTILINE,
)
"""`class MY_API Store {`, `MY_API void open(`: the parser would take the macro for the name."""


def blank_macros(text: str, language: str) -> tuple[str, str]:
    """A text that a grammar can parse, and the grammar's language id. Lines and columns stay."""
    if grammar_of(language) != "cpp":
        return text, language
    for pattern in (_BEFORE_TYPE, _BEFORE_FUNCTION):
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return text, "cpp"


_OPENS = {")": "(", "]": "[", "}": "{"}
_STRING = re.compile(r"\"(?:\\.|[^\"\\\n])*+\"?|'(?:\\.|[^'\\\n]){0,200}+'|`[^`\n]*+`?")
"""One that is not closed may still be typed; an apostrophe alone may be a lifetime."""
_DEFINES = {
    "rust": "fn _() {", "php": "function _() {", "go": "func _() {",
    "typescript": "_() {", "tsx": "_() {", "javascript": "_() {",
}  # fmt: skip
"""The head of a function; elsewhere `void _() {`."""


def stand_in(line: str, grammar: str, *, is_definition: bool, has_body: bool) -> str:
    """What to parse in the place of the line that is being typed, which rarely parses.

    The lines below it keep their meaning: what it opens or closes stays so. `is_definition` says
    that it defines a function, `has_body` that the lines below it are indented further.
    """
    indent = line[: len(line) - len(line.lstrip())]
    brackets = _unmatched(line)
    if grammar == "python":
        # An empty block would be an error that hides the class around it.
        head = "def _():" if is_definition else "if _:"
        opens = not brackets and (line.rstrip().endswith(":") or (is_definition and has_body))
        return indent + (brackets or (head if opens else "pass"))
    if is_definition and (brackets == "{" or (not brackets and has_body)):
        return indent + _DEFINES.get(grammar, "void _() {")
    return brackets


def _unmatched(line: str) -> str:
    """The brackets of a line that it does not close or open itself."""
    found: list[str] = []
    for letter in _STRING.sub("", line):
        if letter in "([{":
            found.append(letter)
        elif letter in _OPENS:
            if found and found[-1] == _OPENS[letter]:
                found.pop()
            else:
                found.append(letter)
    return "".join(found)


def parse(text: str, language: str) -> Syntax | None:
    """The syntax tree of a text, with its lines and columns; None without a grammar."""
    return Syntax.of(*blank_macros(text, language))
