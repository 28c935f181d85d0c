"""Extract the identifiers of a text that distinguish it from other texts."""

from __future__ import annotations

import re
from sys import intern

_NAME = re.compile(r"[^\W\d]\w{2,}")
_COMMON = frozenset(
    """
    False None True abstract and any args array async await bool boolean break case catch char
    class const continue data def default defer del delete elif else end enum err error except
    export extends false final finally float for foreach from func function get global goto
    impl implements import include index int interface item key kwargs lambda len let list
    local log long match mod module mut name namespace new nil not null number object package
    pass print private protected pub public raise ref require result return satisfies self set
    short sizeof static str string struct super switch template text then this throw throws
    trait true try type typedef typename typeof undefined union unsigned use using val value
    var void volatile where while with yield
    """.split()  # noqa: SIM905 - a list would be a hundred lines
)
"""Keywords and names that every file contains."""


def identifiers(text: str) -> frozenset[str]:
    """The identifiers of at least three letters that are not stop words."""
    # Interned, because thousands of cached chunks share the same names.
    return frozenset(map(intern, _NAME.findall(text))) - _COMMON


def jaccard_similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard's index of two sets of names: intersection over union, from 0 to 1."""
    if not one or not other:
        return 0.0
    common = len(one & other)
    return common / (len(one) + len(other) - common)
