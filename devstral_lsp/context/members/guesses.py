"""Guess the types of a value by its name and its use, where the syntax says nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from devstral_lsp.context.members.chains import Step, parse_chain
from devstral_lsp.context.members.meaning import Meaning
from devstral_lsp.context.members.modules import Modules
from devstral_lsp.context.members.survey import normalize_name

MAX_TYPES = 3
"""Maximum number of guessed types."""
MAX_DEFINING = 8
"""Maximum number of files that define a name; more common names say little."""
MIN_NAME_LENGTH = 3
"""Minimum length of a name that is compared with type names."""
WINDOW = 1_000
"""Code points around the cursor in which the keys of a literal are collected."""
A_MEMBER = 3
"""Score of a name among a type's members; a similar type name scores 1 to 6."""
_USE = re.compile(r"(?<!\w)([^\W\d]\w*+)(?:\?\.|->|\.|::)(\w+)")
_KEY = re.compile(r"(?:^|[,\n])[ \t]*([^\W\d]\w*)[ \t]*(?=[:,(\n]|$)")
_EVERYWHERE = frozenset(
    [
        "get",
        "set",
        "name",
        "value",
        "type",
        "id",
        "data",
        "key",
        "items",
        "run",
        "start",
        "stop",
        "close",
    ]
)


def guess_receiver_types(receiver: str, document: str, modules: Modules) -> list[Meaning]:
    """Types whose name resembles the receiver's, or that have the members used of it."""
    chain = parse_chain(receiver)
    if chain is None:
        return []
    names = [chain.root, *(name for step, name in chain.steps if step is Step.MEMBER)]
    name = names[-1].lstrip("$@")
    scores = _having({used for owner, used in _USE.findall(document) if owner == name}, modules)
    plain = normalize_name(name)
    if len(plain) >= MIN_NAME_LENGTH:
        for written, types in modules.survey.by_plain_name.items():
            if score := _likeness(plain, written):
                scores.update(dict.fromkeys(types, score))
    return _likeliest(scores, modules)


def guess_literal_types(document: str, offset: int, modules: Modules) -> list[Meaning]:
    """Types with the keys that the literal around the cursor already has."""
    before = document[max(0, offset - WINDOW) : offset].rpartition("{")[2]
    after = document[offset : offset + WINDOW].partition("}")[0]
    return _likeliest(_having({*_KEY.findall(before), *_KEY.findall(after)}, modules), modules)


def _having(names: Iterable[str], modules: Modules) -> Counter[str]:
    """Score types by how many of the names are their members."""
    scores: Counter[str] = Counter()
    for name in sorted(set(names) - _EVERYWHERE):
        paths = modules.survey.names.get(name, ())
        for path in paths if len(paths) <= MAX_DEFINING else ():
            facts = modules.facts_of(path)
            for each in facts.types.values() if facts is not None else ():
                if any(member.name == name for member in each.members):
                    scores[each.name] += A_MEMBER
    return scores


def _likeliest(scores: Counter[str], modules: Modules) -> list[Meaning]:
    found: list[Meaning] = []
    for name, _ in scores.most_common(2 * MAX_TYPES):
        found += modules.find_types(name, modules.own.file)[:1]
    return [each for each in found if each.file != modules.own.file][:MAX_TYPES]


def _likeness(name: str, written: str) -> int:
    """The similarity of a type's and a variable's name, both in lower case; 0 for none."""
    if name in (written, f"{written}s"):
        return 6
    if len(name) >= 4 and written.endswith(name):
        return 3
    if len(written) >= 4 and name.endswith(written):
        return 2
    return 1 if len(name) >= 5 and written.startswith(name) else 0
