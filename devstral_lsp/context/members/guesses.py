"""Types that a value may have of which the syntax tells nothing: by its name and by its use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from devstral_lsp.context.members.chains import Step, chain_of
from devstral_lsp.context.members.meaning import Meaning
from devstral_lsp.context.members.modules import Modules
from devstral_lsp.context.members.survey import plain_name

MOST = 3
"""Types that are told."""
MOST_DEFINING = 8
"""Files that define a name; what more define says little."""
SHORTEST = 3
"""Code points of a name by which a type is guessed."""
WINDOW = 1_000
"""Code points around the cursor in which a literal's keys are looked for."""
A_MEMBER = 3
"""What a name among a type's members scores; by its own name a type scores 1 to 6."""
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


def types_of_receiver(receiver: str, document: str, modules: Modules) -> list[Meaning]:
    """Types that go by the receiver's name or have what the document uses of it."""
    chain = chain_of(receiver)
    if chain is None:
        return []
    names = [chain.root, *(name for step, name in chain.steps if step is Step.MEMBER)]
    name = names[-1].lstrip("$@")
    scores = _having({used for owner, used in _USE.findall(document) if owner == name}, modules)
    plain = plain_name(name)
    if len(plain) >= SHORTEST:
        for written, types in modules.survey.by_plain_name.items():
            if score := _likeness(plain, written):
                scores.update(dict.fromkeys(types, score))
    return _likeliest(scores, modules)


def types_of_literal(document: str, offset: int, modules: Modules) -> list[Meaning]:
    """Types with the keys that the literal around the cursor has already."""
    before = document[max(0, offset - WINDOW) : offset].rpartition("{")[2]
    after = document[offset : offset + WINDOW].partition("}")[0]
    return _likeliest(_having({*_KEY.findall(before), *_KEY.findall(after)}, modules), modules)


def _having(names: Iterable[str], modules: Modules) -> Counter[str]:
    """Types by how many of the names are members of theirs."""
    scores: Counter[str] = Counter()
    for name in sorted(set(names) - _EVERYWHERE):
        paths = modules.survey.names.get(name, ())
        for path in paths if len(paths) <= MOST_DEFINING else ():
            facts = modules.model_info(path)
            for each in facts.types.values() if facts is not None else ():
                if any(member.name == name for member in each.members):
                    scores[each.name] += A_MEMBER
    return scores


def _likeliest(scores: Counter[str], modules: Modules) -> list[Meaning]:
    found: list[Meaning] = []
    for name, _ in scores.most_common(2 * MOST):
        found += modules.types_called(name, modules.own.file)[:1]
    return [each for each in found if each.file != modules.own.file][:MOST]


def _likeness(name: str, written: str) -> int:
    """How much a type's name is like a variable's, both in small letters; 0 for not."""
    if name in (written, f"{written}s"):
        return 6
    if len(name) >= 4 and written.endswith(name):
        return 3
    if len(written) >= 4 and name.endswith(written):
        return 2
    return 1 if len(name) >= 5 and written.startswith(name) else 0
