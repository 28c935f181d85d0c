"""When the engine looks at edits, for whom it waits, and for what it stays silent."""

from __future__ import annotations

import asyncio
from collections.abc import Container

import pytest

from devstral_lsp.next_edit.engine import PAUSE_S, NextEditEngine
from devstral_lsp.next_edit.proposal import Proposal
from devstral_lsp.text import Snapshot, Text

URI = "file:///work/a.py"
TEXT = (
    "def first(value):\n    total_count = value\n    return total_count\n\n\n"
    "def second(value):\n    total_count = value + 1\n    return total_count\n"
)


class Session:
    """An engine, and a document that is edited. Sleeping moves the clock."""

    def __init__(self, *, is_on: bool = True) -> None:
        self.now_s = 100.0
        self.slept: list[float] = []
        self.private: set[str] = set()
        self.while_asleep = lambda: None
        self.snapshot = Snapshot(URI, 1, "python", Text.of(TEXT))
        self.files: list[Snapshot] = []
        self.engine = NextEditEngine(
            is_on=is_on,
            may_use=self._may_use,
            unopened=self._unopened,
            now_s=lambda: self.now_s,
            sleep_s=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds
        self.while_asleep()

    async def _may_use(self, snapshot: Snapshot) -> bool:
        return snapshot.uri not in self.private

    async def _unopened(self, languages: Container[str]) -> list[Snapshot]:
        return [each for each in self.files if each.language in languages]

    def replace(self, old: str, new: str) -> int:
        """Replace the first `old`; gives the offset after it."""
        at = str(self.snapshot.text).index(old)
        text = self.snapshot.text.replace(at, at + len(old), new)
        before = self.snapshot
        self.snapshot = Snapshot(URI, (before.version or 0) + 1, "python", text)
        self.engine.changed(before, self.snapshot)
        return at + len(new)

    async def ask(self, at: int = 0, *, waits: bool = True) -> Proposal | None:
        return await self.engine.propose(self.snapshot, at, waits=waits)


@pytest.fixture
def session() -> Session:
    return Session()


async def test_away_from_what_was_typed_nobody_waits(session: Session) -> None:
    session.replace("total_count", "amount")
    proposal = await session.ask()
    assert session.slept == []
    assert proposal is not None
    assert proposal.key == ("rename", "", "total_count", "amount", "")


async def test_where_the_user_types_a_pause_is_waited_for(session: Session) -> None:
    at = session.replace("total_count", "amount")
    await session.ask(at)
    assert session.slept == [pytest.approx(PAUSE_S)]


async def test_who_does_not_wait_gets_nothing_in_the_middle_of_a_word(session: Session) -> None:
    at = session.replace("total_count", "amount")
    assert await session.ask(at, waits=False) is None
    assert session.slept == []


async def test_a_word_that_may_be_half_typed_is_not_repeated(session: Session) -> None:
    at = session.replace("total_count", "amo")
    assert await session.ask(at) is None


@pytest.mark.parametrize("new", ["total_coun", "total_Count", ""])
async def test_what_is_known_to_be_finished_is_repeated_at_once(session: Session, new: str) -> None:
    """As after `x`, `~` and `dw` in Vim, which leave the cursor where typing would leave it."""
    at = session.replace("total_count", new)
    waiting = await session.ask(at, waits=False)
    assert waiting is None
    proposal = await session.engine.propose(session.snapshot, at, is_finished=True)
    assert session.slept == []
    assert (proposal is not None) == bool(new)


async def test_an_edit_meanwhile_ends_the_request(session: Session) -> None:
    at = session.replace("total_count", "amount")
    old = session.snapshot
    session.while_asleep = lambda: session.replace("return total_count", "return amount") and None
    assert await session.engine.propose(old, at) is None


async def test_switched_off_nothing_is_noted_or_proposed() -> None:
    session = Session(is_on=False)
    session.replace("total_count", "amount")
    assert await session.ask() is None


async def test_a_private_document_gets_nothing(session: Session) -> None:
    session.private.add(URI)
    session.replace("total_count", "amount")
    assert await session.ask() is None


async def test_nothing_is_learned_from_a_private_document(session: Session) -> None:
    other = "file:///work/secret.py"
    session.private.add(other)
    old = Snapshot(other, 1, "python", Text.of("    return total_count\n"))
    new = Snapshot(other, 2, "python", Text.of("    return amount\n"))
    session.engine.changed(old, new)
    assert await session.ask() is None


async def test_a_cancelled_request_does_not_disturb_the_next(session: Session) -> None:
    session.replace("total_count", "amount")
    first = asyncio.ensure_future(session.ask())
    await asyncio.sleep(0)
    first.cancel()
    assert await session.ask() is not None
    assert first.cancelled()


USES = (
    "from a import total_count\n\n\ndef show():\n    print(total_count)\n    return total_count\n"
)


def file(uri: str, language: str = "python") -> Snapshot:
    return Snapshot(uri, None, language, Text.of(USES))


async def everywhere(session: Session) -> dict[str, list[tuple[int, tuple[str, ...]]]]:
    """The lines that change, by document, once the rename was made twice by hand."""
    session.replace("total_count", "amount")
    session.replace("return total_count", "return amount")
    proposal = await session.ask()
    assert proposal is not None
    found = await session.engine.everywhere(proposal.id, [session.snapshot])
    return {each.uri: [(edit.first, edit.new) for edit in edits] for each, edits in found}


async def test_files_that_are_not_open_are_changed_at_all_their_places(session: Session) -> None:
    session.files = [file("file:///work/b.py")]
    assert await everywhere(session) == {
        URI: [(6, ("    amount = value + 1",)), (7, ("    return amount",))],
        "file:///work/b.py": [
            (0, ("from a import amount",)),
            (4, ("    print(amount)",)),
            (5, ("    return amount",)),
        ],
    }


async def test_other_languages_and_private_files_are_left_alone(session: Session) -> None:
    session.files = [file("file:///work/b.go", "go"), file("file:///work/key.py")]
    session.private.add("file:///work/key.py")
    assert list(await everywhere(session)) == [URI]
