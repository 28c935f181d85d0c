"""The same commits typed key by key, with slips: what is shown in the middle of a change.

The engine waits until the user has paused for `PAUSE_S` where they type. Here they pause so long
after one key in twenty, in the middle of words as well.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.next_edit.histories import Commit
from benchmarks.next_edit.replay import Document
from devstral_lsp.next_edit.changes import DocumentEdit
from devstral_lsp.next_edit.finder import NextEditFinder
from devstral_lsp.text import Snapshot, minimal_edit

PAUSE_EVERY = 20
SLIP_EVERY = 50
MAX_KEYS = 300
"""Of one edit that is typed; what is longer is pasted."""


@dataclass(slots=True)
class HalfTyped:
    """How many pauses there were in the middle of a change, and at how many something was shown."""

    pauses: int = 0
    shown: int = 0


def type_commit(commit: Commit, counts: HalfTyped, seed: int) -> None:
    """Type all edits of a commit, and count."""
    chance, finder = random.Random(seed), NextEditFinder()
    for file in commit.files:
        document = Document(file)
        while document.remaining:
            before = document.snapshot
            document.make(document.remaining[0])
            snapshot = before
            for state, cursor, is_done in _keys(before, document.snapshot, chance):
                finder.follow(DocumentEdit.between(snapshot, state))
                snapshot = state
                if not is_done and chance.randrange(PAUSE_EVERY) == 0:
                    counts.pauses += 1
                    proposal = finder.propose(state, cursor, is_typing=True)
                    if proposal is not None:
                        counts.shown += 1
                        finder.shown(proposal.id)


def _keys(
    old: Snapshot, new: Snapshot, chance: random.Random
) -> Iterator[tuple[Snapshot, int, bool]]:
    """The document after each key, the cursor, and whether the change is done."""
    edit = minimal_edit(old.text, new.text)
    if len(edit.text) > MAX_KEYS:
        yield new, edit.span.start + len(edit.text), True
        return
    at = edit.span.start
    text = old.text.replace(at, edit.span.end, "")
    steps = []
    if edit.span.end > at:
        steps.append((text, at))
    for letter in edit.text:
        if chance.randrange(SLIP_EVERY) == 0:
            slip = text.replace(at, at, "q")
            steps += [(slip, at + 1), (text, at)]
        text = text.replace(at, at, letter)
        at += 1
        steps.append((text, at))
    for number, (state, cursor) in enumerate(steps):
        snapshot = Snapshot(old.uri, new.version, old.language, state)
        yield snapshot, cursor, number == len(steps) - 1
