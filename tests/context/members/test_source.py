"""When something is told anew, what stays, and what is never told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from devstral_lsp.context.base import ContextQuery
from devstral_lsp.context.members.editor import EditorAnswer, EditorPlace
from devstral_lsp.context.members.source import Members
from devstral_lsp.text import Snapshot
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


LED_THERE = {
    "a barrel": (
        {"pack/__init__.py": "from .hidden import *\n",
         "pack/hidden.py": "def never_said(): ...\n"},
        "app.py",
        "import pack\n\npack.│\n",
        "hidden.py",
    ),
    "a part of a namespace": (
        {"shop/a.rb": "module Shop\n  class Till\n  end\nend\n",
         "shop/hidden.rb": "module Shop\n  class NeverSaid\n  end\nend\n"},
        "app.rb",
        "item = Shop::│\n",
        "hidden.rb",
    ),
    "one of two results": (
        {"pairs.py": "from hidden import Hidden\n\ndef both() -> tuple[int, Hidden]: ...\n",
         "hidden.py": "class Hidden:\n    def never_said(self): ...\n"},
        "app.py",
        "from pairs import both\n\ndef go():\n    one, two = both()\n    two.│\n",
        "hidden.py",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LED_THERE)
async def test_nothing_leads_to_an_ignored_file(case: str, tmp_path: Path) -> None:
    files, name, marked, hidden = LED_THERE[case]
    shown = await told_at(tmp_path / "shown", files, name, marked)
    assert "never_said" in shown or "NeverSaid" in shown, "it would be told"
    ignored = {**files, ".gitignore": f"{hidden}\n"}
    told = await told_at(tmp_path / "kept", ignored, name, marked)
    assert "never_said" not in told
    assert "NeverSaid" not in told


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


HIDDEN_TYPE = {
    "store.py": "class Store:\n    def fetch_row(self, key: str) -> str: ...\n",
    "private.py": "class Private:\n    def never_said(self): ...\n",
    ".gitignore": "private.py\n",
    "tools.py": "def open_all(path, *, limit=3):\n    pass\n",
}


async def _told_with(root: Path, marked: str, answer: EditorAnswer) -> tuple[str, list[int]]:
    """What is told where the editor answers so, and the offsets that it was asked about."""
    write(root, HIDDEN_TYPE)
    asked: list[int] = []

    async def ask(snapshot: Snapshot, at: int, cursor: int) -> EditorAnswer:
        asked.append(at)
        return answer

    members = Members(ask)
    block = await members.block(query_at(root / "app.py", marked, folders=(root,)), PATIENT_MS)
    await members.close()
    return "\n".join(each.text for each in block.snippets), asked


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("magic.│", "magic"),
        ("magic.fet│", "magic"),
        ("make(1)[0].│", "make"),
        ("(\n  magic\n  .│", "magic"),
    ],
)
async def test_the_editor_is_asked_where_the_syntax_says_nothing(
    tmp_path: Path, line: str, name: str, newline: str
) -> None:
    marked = f"import nothing\n\nx = {line}".replace("\n", newline)
    answer = EditorAnswer(types=(EditorPlace(tmp_path / "store.py", 0),))
    told, asked = await _told_with(tmp_path, marked, answer)
    assert "def fetch_row(self, key: str) -> str" in told
    assert asked == [marked.index(name) + len(name) - 1]


async def test_the_editor_is_not_asked_what_the_syntax_says(tmp_path: Path) -> None:
    marked = "from store import Store\n\ndef load(store: Store):\n    store.│\n"
    told, asked = await _told_with(tmp_path, marked, EditorAnswer())
    assert "fetch_row" in told
    assert asked == []


async def test_a_call_that_only_the_editor_knows_is_told(tmp_path: Path) -> None:
    answer = EditorAnswer(definitions=(EditorPlace(tmp_path / "tools.py", 0),))
    told, _ = await _told_with(tmp_path, "magic(│", answer)
    assert "def open_all(path, *, limit=3)" in told
    signature = EditorAnswer(
        definitions=(EditorPlace(tmp_path / "tools.py", 1),), signature="magic(spell: str)"
    )
    assert "magic(spell: str)" in (await _told_with(tmp_path, "magic(│", signature))[0]


async def test_the_editor_leads_to_no_private_file(tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.py"
    outside.write_text("class Outside:\n    def never_said(self): ...\n")
    for path in (tmp_path / "private.py", outside, tmp_path / "nowhere.py", tmp_path):
        place = (EditorPlace(path, 0),)
        answer = EditorAnswer(types=place, definitions=place, signature="never_said()")
        for marked in ("magic.│", "magic(│"):
            told, _ = await _told_with(tmp_path, marked, answer)
            assert "never_said" not in told
