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


REACHED = {
    "a base class": (
        {"base.py": "class Base:\n    def never_said(self): ...\n",
         "mid.py": "from base import Base\n\nclass Mid(Base):\n    def shown(self): ...\n"},
        "app.py", "from mid import Mid\n\nMid().│\n", "base.py",
    ),
    "an alias": (
        {"src/hidden.ts": "export interface Hidden { never_said: string }\n",
         "src/mid.ts": "import { Hidden } from './hidden'\nexport type Alias = Hidden\n"},
        "src/app.ts", "import { Alias } from './mid'\n\nfunction go(a: Alias) {\n  a.│\n}\n",
        "hidden.ts",
    ),
    "the properties of a component": (
        {"src/hidden.ts": "export interface Props { never_said: string }\n",
         "src/mid.tsx": "import { Props } from './hidden'\n"
         "export function Mid(props: Props) { return null }\n"},
        "src/app.tsx", "import { Mid } from './mid'\n\nconst a = () => {\n  return <Mid │\n}\n",
        "hidden.ts",
    ),
    "a typed dictionary": (
        {"hidden.py": "from typing import TypedDict\n\n"
         "class Details(TypedDict):\n    never_said: int\n",
         "mid.py": "from hidden import Details\n\ndef make() -> Details: ...\n"},
        "app.py", "from mid import make\n\nmake()['│\n", "hidden.py",
    ),
    "a call elsewhere": (
        {"shop.py": "def sell(key): ...\n", "hidden.py": "import shop\nshop.sell(never_said)\n"},
        "app.py", "from shop import sell\n\nsell(│\n", "hidden.py",
    ),
    "a folder of a package": (
        {"go.mod": "module m\n", "shop/a.go": "package shop\n\ntype Row struct{ Title string }\n",
         "shop/hidden.go": "package shop\n\nfunc (r *Row) Never_said() {}\n"},
        "main.go", 'package main\n\nimport "m/shop"\n\nfunc main() {\n\tvar r shop.Row\n\tr.│\n}\n',
        "hidden.go",
    ),
    "a guess by the receiver's name": (
        {"hidden.py": "class ParcelLabel:\n    def never_said(self): ...\n"},
        "app.py", "def go(parcel_label):\n    parcel_label.│\n", "hidden.py",
    ),
    "the keys of a literal": (
        {"src/hidden.ts":
         "export interface Hidden {\n  parcelKey: string\n  never_said: string\n}\n"},
        "src/app.ts", "go({\n  parcelKey: 1,\n  │\n})\n", "hidden.ts",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REACHED)
@pytest.mark.parametrize("by", [".gitignore", ".aiexclude", "a setting", "a link"])
async def test_nothing_leads_to_a_file_that_is_kept_back(
    case: str, by: str, tmp_path: Path
) -> None:
    files, name, marked, hidden = REACHED[case]
    shown = await told_at(tmp_path / "shown", files, name, marked)
    assert "never_said" in shown.lower(), "it would be told"
    root, exclude = tmp_path / "kept", (hidden,) if by == "a setting" else ()
    if by == "a link":
        path = next(each for each in files if each.endswith(hidden))
        write(root, {"private/kept.txt": files[path], ".gitignore": "private\n"})
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(root / "private" / "kept.txt")
        files = {each: text for each, text in files.items() if each != path}
    elif by != "a setting":
        write(root, {by: f"{hidden}\n"})
    assert "never_said" not in (await told_at(root, files, name, marked, exclude=exclude)).lower()


async def test_what_is_kept_back_later_is_told_no_longer(tmp_path: Path) -> None:
    write(tmp_path, {"store.py": STORE, "shop.py": "def sell(key): ...\n"})
    text = "from store import Store\nfrom shop import sell\n\ndef go(s: Store):\n{}"
    members = Members()
    first = query_at(tmp_path / "app.py", text.format("    s.│\n"), folders=(tmp_path,))
    assert "fetch_row" in str((await members.block(first, 30_000)).snippets)
    write(tmp_path, {".aiignore": "store.py\n"})
    then = text.format("    s.x()\n    sell(│\n")
    second = query_at(tmp_path / "app.py", then, folders=(tmp_path,))
    told = str((await members.block(second, 30_000)).snippets)
    await members.close()
    assert "def sell(key)" in told
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
