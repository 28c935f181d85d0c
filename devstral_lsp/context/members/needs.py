"""Find out from the text before the cursor what it needs: a member, an argument, a name to
override.

Pure and fast enough to run at each keystroke; does not use types or files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from devstral_lsp.context.members.chains import find_receiver, start_of_operand

MAX_BRACKETS = 16
"""Maximum number of open brackets to inspect."""
WINDOW = 3_000
"""Code points before the cursor to inspect; after it, a tenth."""


class NeedKind(Enum):
    """What is about to be written at the cursor."""

    MEMBER = "member"
    """`subject` is the receiver before a dot, or before "::", in which it then ends."""
    ARGUMENT = "argument"
    """`subject` is the called function."""
    FIELD = "field"
    """`subject` is the type of a literal, or the value whose fields are read by a key or a pattern;
    "return" for a returned literal."""
    KEY = "key"
    """A literal of an unknown type; no subject."""
    IMPORTED = "imported"
    """`subject` is the imported module."""
    OVERRIDE = "override"
    """A new member of the type around the cursor; no subject."""
    ATTRIBUTE = "attribute"
    """`subject` is the component whose tag is being written in JSX."""


@dataclass(frozen=True, slots=True)
class Need:
    """One need of the cursor. `typed` is the part of the name that is written already; `distance`
    the number of code points from the end of the subject to the cursor."""

    kind: NeedKind
    subject: str = ""
    typed: str = ""
    distance: int = field(default=0, compare=False)


def find_needs(before: str, after: str, grammar: str) -> tuple[Need, ...]:
    """The cursor's needs, the most urgent first."""
    before, after = before[-WINDOW:], after[: WINDOW // 10]
    name = _word_at_end(before)
    head = _without_quote(before[: len(before) - len(name)], grammar)
    line = head[head.rfind("\n") + 1 :]
    found: list[Need] = []
    if module := _imported_from(head, after, grammar):
        return (Need(NeedKind.IMPORTED, module, name),)
    if operator := _operator_at_end(head):
        before_operator = head.rstrip()[: -len(operator)].rstrip()
        receiver = find_receiver(before_operator)
        if receiver and not receiver[0].isdigit():
            path = operator if operator == "::" else ""
            distance = len(before) - len(before_operator)
            found.append(Need(NeedKind.MEMBER, receiver + path, name, distance))
    elif _is_definition(line, head, grammar):
        return (Need(NeedKind.OVERRIDE, "", name),)
    elif tag := _open_tag(head) if grammar in _WITH_TAGS else "":
        return (Need(NeedKind.ATTRIBUTE, tag, name),)
    elif grammar in _WITH_KEYS and len(head) < len(before) - len(name) and head.endswith("["):
        found.append(Need(NeedKind.FIELD, find_receiver(head[:-1]), name))
    found += _around(head, after, name)
    if not line.strip() and grammar in _MEMBERS_BARE:
        found.append(Need(NeedKind.OVERRIDE, "", name))
    return tuple(found)


_WITH_TAGS = ("tsx", "javascript")
_WITH_KEYS = ("python", "typescript", "tsx", "javascript")
"""Grammars in which a string names a field: `movie["title"]`."""
_TAG = re.compile(r"([A-Z][\w.]*)\s")


def _without_quote(head: str, grammar: str) -> str:
    """`head` without the quote at its end that opens a key."""
    quote, line = head[-1:], head[head.rfind("\n") + 1 :]
    opens = quote in ('"', "'") and line.count(quote) % 2 == 1
    is_key = opens and head[:-1].rstrip()[-1:] in ("[", "{", ",")
    return head[:-1] if is_key and grammar in _WITH_KEYS else head


def _open_tag(head: str) -> str:
    """The component in whose tag an attribute may stand at the end of `head`; "" if none."""
    at = len(head) if head[-1:].isspace() else 0
    while at > 0:
        if head[at - 1] in ">;{(&|?,":
            return ""
        if head[at - 1] == "<":
            is_tag = not head[at - 2 : at - 1].isalnum()
            match = _TAG.match(head, at) if is_tag else None
            return match[1] if match is not None else ""
        at = start_of_operand(head, at)
    return ""


def defines_function(line: str, grammar: str) -> bool:
    """Whether the text of a line before the cursor begins the definition of a member."""
    name = _word_at_end(line)
    head = line[: len(line) - len(name)]
    is_bare = bool(name) and not head.strip() and grammar in _MEMBERS_BARE
    return is_bare or _is_definition(head, head, grammar)


_OPERATORS = ("?->", "?.", "->", "::", "!.", ".")


def _word_at_end(text: str) -> str:
    at = len(text)
    while at > 0 and (text[at - 1].isalnum() or text[at - 1] in "_$"):
        at -= 1
    return text[at:] if not text[at : at + 1].isdigit() else ""


def _operator_at_end(head: str) -> str:
    """The operator that leads to a member, at the end of `head`."""
    plain = head.rstrip()
    if "\n" in head[len(plain) :] or plain.endswith(".."):
        return ""
    return next((each for each in _OPERATORS if plain.endswith(each)), "")


_MEMBERS_BARE = frozenset({"typescript", "tsx", "javascript", "java", "csharp", "cpp"})
"""Grammars in which a member's definition begins with its name or type."""
_DEFINES = {
    "python": re.compile(r"^[ \t]+(?:async[ \t]+)?def[ \t]+$"),
    "rust": re.compile(
        r"^[ \t]+(?:pub(?:\([^()\n]*\))?[ \t]+)?(?:async[ \t]+|unsafe[ \t]+)*fn[ \t]+$"
    ),
    "ruby": re.compile(r"^[ \t]+def[ \t]+$"),
    "php": re.compile(r"^[ \t]+(?:\w+[ \t]+)*function[ \t]+$"),
    "go": re.compile(r"^func[ \t]+\([^()\n]*\)[ \t]+$"),
}
_TYPED_MEMBER = re.compile(
    r"^[ \t]+(?:(?:public|protected|private|internal|override|static|final|abstract|async|get|set"
    r"|virtual|readonly|synchronized|default)[ \t]+)+(?:<[^<>\n]*>[ \t]+)?"
    r"(?:[\w.<>\[\],?]+[ \t]+)?$"
)


def _is_definition(line: str, head: str, grammar: str) -> bool:
    """Whether `line` ends where a member's name is to be written."""
    pattern = _DEFINES.get(grammar)
    if pattern is not None:
        return pattern.match(line) is not None
    if grammar not in _MEMBERS_BARE:
        return False
    is_marked = "@Override" in head[-200:].rpartition(";")[2].rpartition("}")[2]
    return _TYPED_MEMBER.match(line) is not None or (is_marked and line.endswith(" "))


_PYTHON_FROM = re.compile(r"from[ \t]+([\w.]+)[ \t]+import[ \t]*+(?:\([^()]*|[^()\n]*)\Z")
_JS_IMPORT = re.compile(r"(?:import|export)\b[^;'\"()={}]*+\{[^{}'\"]*\Z")
_JS_FROM = re.compile(r"[^;'\"{}]*+\}[ \t]*from[ \t]*['\"]([^'\"\n]+)['\"]")


def _imported_from(head: str, after: str, grammar: str) -> str:
    tail = head[-600:]
    if grammar == "python":
        start = _start_of(tail, "from ")
        match = _PYTHON_FROM.match(tail, start) if start >= 0 else None
        return match[1] if match else ""
    if grammar in ("typescript", "tsx", "javascript"):
        start = max(_start_of(tail, "import "), _start_of(tail, "export "))
        is_open = start >= 0 and _JS_IMPORT.match(tail, start) is not None
        match = _JS_FROM.match(after) if is_open else None
        return match[1] if match else ""
    return ""


def _start_of(text: str, word: str) -> int:
    """The start of the last line that begins with `word`; -1 if there is none."""
    at = text.rfind(f"\n{word}") + 1
    return at if text.startswith(word, at) else -1


_DESTRUCTURES = re.compile(r"\b(?:const|let|var)$")
_TAKEN_FROM = re.compile(r"[^{}]*+\}\s*+=(?![=>])\s*+([^;\n]{1,200})")
_TAKEN_AS = re.compile(r"[^{}]*+\}\s*+:\s*+([\w.$<>\[\]|& ]{1,200})")


def _taken_from(before: str, after: str) -> str:
    """What the fields of a pattern are taken from: `const {│} = value`, `({│}: Type) =>`."""
    if _DESTRUCTURES.search(before[-8:]):
        match = _TAKEN_FROM.match(after)
    else:
        match = _TAKEN_AS.match(after) if before[-1:] in ("(", ",") else None
    return match[1].strip() if match is not None else ""


def _around(head: str, after: str, typed: str) -> list[Need]:
    """The calls and literals around the cursor, the innermost first; two at most."""
    found: list[Need] = []
    at = len(head)
    is_literal = False
    for _ in range(MAX_BRACKETS):
        at = _open_bracket(head, at)
        if at < 0 or len(found) == 2:
            break
        subject = find_receiver(head[:at])
        before = head[: at - len(subject)].rstrip() if subject else head[:at].rstrip()
        if head[at] == "(" and subject and not _CONTROL.search(before):
            if subject not in _KEYWORDS and not _DECLARES.search(before):
                distance = len(head) + len(typed) - len(head[:at].rstrip())
                found.append(Need(NeedKind.ARGUMENT, subject, typed, distance))
        elif head[at] == "{":
            before = head[:at].rstrip()
            is_first = not found and not is_literal
            taken_from = _taken_from(before, after) if is_first else ""
            if literal := taken_from or _literal(head[:at]):
                found.append(Need(NeedKind.FIELD, literal, typed))
            elif before[-1:] not in ("(", ",", ":", "[", "{", "=", "?"):
                break  # a block
            else:
                is_literal = True
    return [*found, Need(NeedKind.KEY, "", typed)] if is_literal else found


_CONTROL = re.compile(r"\b(?:def|class|func|function|fn|interface|struct)$")
_DECLARES = re.compile(r"\b(?:def|class|func|function|fn)\s*$")
_KEYWORDS = frozenset(
    {"if", "for", "while", "switch", "catch", "match", "return", "elif", "with", "in", "and", "or",
     "not", "await", "yield", "except", "const", "var", "import", "synchronized"}
)  # fmt: skip


_TYPE_TEXT = re.compile(r"[\w.$<>\[\], |]+")
_OPENS_BLOCK = re.compile(
    r"\b(?:struct|enum|class|interface|impl|trait|fn|func|match|if|for|while|switch|union|else|mod"
    r"|type|select|namespace)\b"
)
_COMPARES = ("==", "!=", "<=", ">=")
_BEFORE_VALUES = ("&", "=", "return", "(", ",", "]", ":")


def _literal(head: str) -> str:
    """The type of a literal whose opening brace ends `head`, as in `Point {`."""
    line = head[head.rfind("\n") + 1 :].rstrip()
    before, colon, of = line.removesuffix("=").rpartition(": ")
    if line.endswith("=") and colon and before and _TYPE_TEXT.fullmatch(of):
        return of.strip()
    if line.endswith("return") or (line.endswith("(") and line[:-1].rstrip().endswith("=>")):
        return "return"
    name = find_receiver(line)
    if not name or name in _KEYWORDS:
        return ""
    before = line[: len(line) - len(name)].rstrip()
    is_value = before.endswith(_BEFORE_VALUES) and not before.endswith(_COMPARES)
    if _OPENS_BLOCK.search(line) and not is_value:
        return ""
    last = re.split(r"\.|::", name.partition("<")[0])[-1]
    return name if last[:1].isupper() or is_value else ""


def _open_bracket(text: str, at: int) -> int:
    """The position of the innermost bracket that is open at `at`; -1 if there is none."""
    depth = 0
    at -= 1
    while at >= 0:
        letter = text[at]
        if letter in ")]}":
            depth += 1
        elif letter in "([{":
            if depth == 0:
                return at
            depth -= 1
        elif letter in "\"'`" and at > 0:
            opened = text.rfind(letter, 0, at)
            if opened >= 0 and "\n" not in text[opened:at]:
                at = opened
        at -= 1
    return -1
