"""When something is told anew, what stays, and what is never told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from devstral_lsp.context.base import ContextQuery
from devstral_lsp.context.members.source import Members
from tests.context.asking import query_at, write
from tests.context.members.telling import PATIENT_MS, told_at

STORE = "class Store:\n    def fetch_row(self, key): ...\n"
ROWS = "class Row:\n    def columns(self): ...\n"
MARKED = "from store import Store\nfrom rows import Row\n\ndef go(s: Store, r: Row):\n    s.│\n"


@pytest.fixture
def query(tmp_path: Path) -> ContextQuery:
    write(tmp_path, {"store.py": STORE, "rows.py": ROWS})
    return query_at(tmp_path / "app.py", MARKED, folders=(tmp_path,))


def typed(query: ContextQuery, text: str) -> ContextQuery:
    """After somebody typed `text`."""
    snapshot = query.snapshot
    changed = snapshot.text.replace(query.offset, query.offset, text)
    return replace(
        query,
        snapshot=replace(snapshot, text=changed),
        offset=query.offset + len(text),
    )


async def test_typing_the_name_changes_nothing(query: ContextQuery) -> None:
    members = Members()
    first = await members.block(query, PATIENT_MS)
    assert await members.block(typed(query, "fet"), PATIENT_MS) is first
    await members.close()


async def test_what_was_told_stays_before_what_is_asked_for_now(query: ContextQuery) -> None:
    members = Members()
    await members.block(query, PATIENT_MS)
    block = await members.block(typed(query, "fetch_row(1)\n    r."), PATIENT_MS)
    await members.close()
    assert [each.path for each in block.snippets] == ["store.py", "rows.py"]


async def test_a_place_that_asks_for_nothing_keeps_what_was_told(query: ContextQuery) -> None:
    members = Members()
    first = await members.block(query, PATIENT_MS)
    assert await members.block(typed(query, "fetch_row(1)\n    x = "), PATIENT_MS) is first
    await members.close()


async def test_no_time_gives_what_was_told_before(query: ContextQuery) -> None:
    members = Members()
    assert (await members.block(query, 0.0)).snippets == ()
    assert (await members.block(query, PATIENT_MS)).snippets != ()
    await members.close()


async def test_a_language_without_a_row_is_told_nothing(tmp_path: Path) -> None:
    assert await told_at(tmp_path, {"store.py": STORE}, "a.lua", "store.│\n") == ""


async def test_the_reason_is_kept(query: ContextQuery) -> None:
    members = Members()
    block = await members.block(query, PATIENT_MS)
    await members.close()
    assert [each.reason for each in block.pieces] == ["the value before the dot"]


HIDDEN = {
    "a name of secrets": ({"credentials.py": STORE}, "credentials", ()),
    "git ignores it": ({"store.py": STORE, ".gitignore": "store.py\n"}, "store", ()),
    "no assistant is to see it": ({"store.py": STORE, ".cursorignore": "store.py\n"}, "store", ()),
    "it is excluded": ({"store.py": STORE}, "store", ("store.py",)),
}


@pytest.mark.parametrize("case", HIDDEN)
async def test_a_private_file_is_never_told(case: str, tmp_path: Path) -> None:
    files, module, exclude = HIDDEN[case]
    used = "def go(store: Store):\n    store.fetch_row(1)\n    store.│\n"
    marked = f"from {module} import Store\n\n{used}"
    told = await told_at(tmp_path, files, "app.py", marked, exclude=exclude)
    assert "fetch_row" not in told


async def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "outside", {"store.py": STORE})
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "store.py").symlink_to(tmp_path / "outside" / "store.py")
    marked = "from store import Store\n\nStore().│\n"
    assert await told_at(tmp_path / "inside", {}, "app.py", marked) == ""


async def test_text_that_hides_something_is_not_told(tmp_path: Path) -> None:
    files = {"store.py": "class Store:\n    def fetch_row(self, key='\u202e'): ...\n"}
    marked = "from store import Store\n\nStore().│\n"
    assert await told_at(tmp_path, files, "app.py", marked) == ""
