"""What the completion engine gets, keystroke by keystroke."""

from __future__ import annotations

import asyncio
import gc
import logging
import re
from dataclasses import fields, replace
from pathlib import Path
from threading import Event

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from devstral_lsp.config.schema import ContextSettings
from devstral_lsp.context import SOURCES, provider
from devstral_lsp.context.base import ContextQuery, Snippet
from devstral_lsp.context.document_context import MAX_LINES_AWAY
from devstral_lsp.context.provider import (
    BACKGROUND_DEADLINE_MS,
    MAX_DOCUMENTS,
    REFRESH_DEADLINE_MS,
    ContextProvider,
)
from devstral_lsp.context.selection import MIN_SCORE
from devstral_lsp.observability.trace import Subject, run_traced
from devstral_lsp.text import Snapshot, Text
from tests.context.asking import CURSOR, Scripted, snapshot_of, snippet, write
from tests.support.editor import PATIENCE_S
from tests.support.scripted import settle

PATIENT = ContextSettings(deadline_ms=2000)
"""The machine that runs the tests may be slow."""
FILES = {
    "client.py": 'class Client:\n    """Talks."""\n    def send(self, order): pass\n',
    "shop.py": "def load_orders(session, customer):\n    return session.filter(customer).orders\n",
}
APP = (
    "from client import Client\n\n\ndef load(session, customer):\n"
    "    client = Client()\n    orders = session.filter(customer)\n    │\n    return orders\n"
)


class Desk:
    """An editor with a folder, and its surroundings."""

    def __init__(self, root: Path, settings: ContextSettings = PATIENT) -> None:
        self.root = root
        self.surroundings = ContextProvider(settings)
        self.surroundings.watch_folders([root])
        self.documents: dict[str, Snapshot] = {}

    def open(self, name: str, text: str) -> Snapshot:
        self.documents[name] = snapshot_of(self.root / name, text)
        self.surroundings.changed(self.documents[name])
        return self.documents[name]

    def edit(self, name: str, old: str, new: str) -> Snapshot:
        before = self.documents[name]
        at = str(before.text).index(old)
        after = replace(before, text=before.text.replace(at, at + len(old), new))
        self.documents[name] = after
        self.surroundings.changed(after)
        return after

    async def head(self, name: str, marked: str) -> str:
        text = marked.replace(CURSOR, "")
        known = self.documents.get(name)
        snapshot = known if known and str(known.text) == text else self.open(name, text)
        return await self.surroundings.prompt_prefix(snapshot, marked.index(CURSOR))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    write(tmp_path, FILES)
    return Desk(tmp_path)


async def test_the_sources_together(desk: Desk) -> None:
    desk.open("shop.py", FILES["shop.py"])
    desk.open("edited.py", "a = 1\nb = 2\n")
    desk.edit("edited.py", "b = 2", "budget = 3")
    assert await desk.head("app.py", APP) == (
        "+++++ client.py\n"
        'class Client:\n    """Talks."""\n    def send(self, order): ...\n\n'
        f"+++++ shop.py\n{FILES['shop.py']}\n"
        "+++++ edited.py\na = 1\nbudget = 3\n\n"
        "+++++ app.py\n"
    )


@how(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.characters(exclude_characters="\r\n"), st.integers(0, 5), st.integers(0, 20))
def test_a_typed_character_changes_no_byte(
    tmp_path: Path, typed: str, line: int, column: int
) -> None:
    """Whatever is typed, wherever: also by somebody who never typed the rest. What the cursor
    itself asks for is left out: tests/context/members/test_source.py says when that changes."""
    write(tmp_path, FILES)
    plain = Text.of(APP.replace(CURSOR, "") + "\n" * 150 + FILES["shop.py"])
    offset = min(plain.line_start(line) + column, plain.line_end(line))
    before = snapshot_of(tmp_path / "app.py", str(plain))
    after = replace(before, version=2, text=plain.replace(offset, offset, typed))

    async def head(*history: Snapshot) -> str:
        desk = Desk(tmp_path, replace(PATIENT, members=False))
        desk.open("shop.py", FILES["shop.py"])
        desk.edit("shop.py", "orders", "invoices")
        for snapshot in history:
            desk.surroundings.changed(snapshot)
        told = await desk.surroundings.prompt_prefix(history[-1], offset + len(history) - 1)
        await desk.surroundings.close()
        return told

    assert asyncio.run(head(before, after)) == asyncio.run(head(before))


async def test_what_the_cursor_asks_for_stands_right_before_the_document(desk: Desk) -> None:
    desk.open("shop.py", FILES["shop.py"])
    before = await desk.head("app.py", APP)
    told = await desk.head("app.py", APP.replace("│", "client.│"))
    assert "shop.py" in before
    assert told == (
        f"+++++ shop.py\n{FILES['shop.py']}\n"
        "+++++ client.py\nclass Client:\n    def send(self, order)\n\n"
        "+++++ app.py\n"
    )


async def test_the_trace_says_what_was_chosen_and_why(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    desk.open("shop.py", FILES["shop.py"])
    await run_traced(
        logging.getLogger("tests"),
        lambda: Subject("a keystroke"),
        lambda: desk.head("app.py", APP.replace("│", "client.│")),
        lambda _: ("came", {"result": "shown"}),
    )
    size = r": 1 piece of \d+ code points"
    assert re.search(f"similar_code{size}, the value before the dot{size}", caplog.text)
    assert "shop" not in caplog.text


async def test_members_can_be_switched_off(tmp_path: Path) -> None:
    store = "class Store:\n    def fetch_row(self, key): ...\n\ndef make() -> Store: ...\n"
    write(tmp_path, {"store.py": store})
    marked = "import store\n\ns = store.make()\ns.│\n"
    on, off = Desk(tmp_path), Desk(tmp_path, replace(PATIENT, members=False))
    assert "fetch_row" in await on.head("app.py", marked)
    assert "fetch_row" not in await off.head("app.py", marked)


async def test_a_new_line_keeps_what_was_chosen(desk: Desk) -> None:
    desk.open("shop.py", FILES["shop.py"])
    first = await desk.head("app.py", APP)
    assert "shop.py" in first
    typed = APP.replace(CURSOR, "total = compute_total(orders, discount)\n    │")
    assert await desk.head("app.py", typed) == first
    await desk.surroundings.wait_until_refreshed()
    assert await desk.head("app.py", typed) == first


async def test_an_edit_in_an_imported_file_is_seen(desk: Desk) -> None:
    desk.open("client.py", FILES["client.py"])
    assert "def send(self, order)" in await desk.head("app.py", APP)
    desk.edit("client.py", "order", "parcel")
    assert "def send(self, parcel)" in await desk.head("app.py", APP)


async def test_the_header_alone_where_nothing_is_known(tmp_path: Path) -> None:
    assert await Desk(tmp_path).head("lib/a.py", "x = │\n") == "+++++ lib/a.py\n"
    untitled = Snapshot("untitled:Untitled-1", 1, "go", Text.of(""))
    assert await Desk(tmp_path).surroundings.prompt_prefix(untitled, 0) == "+++++ untitled.go\n"


async def test_secret_ignored_and_foreign_documents_are_never_told(desk: Desk) -> None:
    write(desk.root, {".gitignore": "build/\n"})
    code = FILES["shop.py"]
    for name in ("secrets.py", ".ssh/shop.py", "build/shop.py", "node_modules/shop.py"):
        desk.open(name, code + "a = 1\n")
        desk.edit(name, "a = 1", "marker_of_an_edit = 1")
    for uri in ("output:log", "git:/w/shop.py?HEAD"):
        desk.surroundings.changed(Snapshot(uri, 1, "python", Text.of(code)))
    head = await desk.head("app.py", APP)
    assert "load_orders" not in head
    assert "marker_of_an_edit" not in head


@pytest.mark.parametrize("uri", ["file:///w/%00.py", "file://[w/a.py", "loop.py"])
async def test_a_document_that_names_no_file_hurts_no_other(desk: Desk, uri: str) -> None:
    (desk.root / "loop.py").symlink_to(desk.root / "loop.py")
    uri = uri if "://" in uri else (desk.root / uri).as_uri()
    desk.surroundings.changed(Snapshot(uri, 1, "python", Text.of(FILES["shop.py"])))
    desk.open("shop.py", FILES["shop.py"])
    assert "load_orders" in await desk.head("app.py", APP)


async def test_an_ignored_file_is_not_read_for_an_import(desk: Desk) -> None:
    write(desk.root, {".gitignore": "client.py\n"})
    assert "Client" not in await desk.head("app.py", APP)


SWITCHES = [field.name for field in fields(ContextSettings) if field.name in SOURCES]


def test_every_source_has_a_switch() -> None:
    assert sorted(SWITCHES) == sorted(SOURCES)


@pytest.mark.parametrize("name", SWITCHES)
async def test_a_source_that_is_switched_off_is_not_asked(tmp_path: Path, name: str) -> None:
    sources = {each: Scripted(each, snippet(f"from_{each}", source=each)) for each in SOURCES}
    off = ContextProvider(
        replace(PATIENT, **{name: False}),
        {each: (lambda source=source: source) for each, source in sources.items()},
    )
    head = await off.prompt_prefix(snapshot_of(tmp_path / "a.py", ""), 0)
    assert sources[name].asked == 0
    assert [each for each in SOURCES if f"from_{each}" in head] == [
        each for each in SOURCES if each != name
    ]


async def test_context_can_be_switched_off_altogether(desk: Desk) -> None:
    off = Desk(desk.root, ContextSettings(enabled=False))
    assert await off.head("app.py", APP) == ""


async def test_a_late_source_is_quoted_from_the_last_time(tmp_path: Path) -> None:
    source = Scripted("imports", snippet("known"))
    hasty = ContextProvider(ContextSettings(deadline_ms=20), {"imports": lambda: source})
    document = snapshot_of(tmp_path / "a.py", "")
    first = await hasty.prompt_prefix(document, 0)
    assert "known" in first
    source.gate.clear()
    assert await hasty.prompt_prefix(document, 0) == first
    assert await hasty.prompt_prefix(snapshot_of(tmp_path / "b.py", ""), 0) == "+++++ " + "b.py\n"
    await hasty.close()


async def test_one_deadline_holds_for_all_that_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, left_ms = Event(), []

    async def gathered(
        query: ContextQuery, sources: object, deadline_ms: float, **how: object
    ) -> tuple:
        left_ms.append(deadline_ms)
        return ()

    monkeypatch.setattr(provider, "gather", gathered)
    monkeypatch.setattr(provider, "may_be_shown", lambda *_: slow.wait(30))
    desk = Desk(tmp_path, ContextSettings(deadline_ms=60))
    try:
        async with asyncio.timeout(10):
            await desk.head("a.py", "│")
    finally:
        slow.set()
    await desk.surroundings.close()
    assert left_ms[0] <= 30, "the disk took the rest"


async def test_what_was_judged_in_other_folders_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, slow = Event(), Event()

    def may_be_shown(uri: str, folders: tuple[Path, ...], *_: object) -> bool:
        begun.set()
        return slow.wait(30) and not folders

    monkeypatch.setattr(provider, "may_be_shown", may_be_shown)
    desk = Desk(tmp_path)
    desk.surroundings.watch_folders([])
    desk.open("shop.py", FILES["shop.py"])
    asking = asyncio.create_task(desk.head("app.py", APP))
    await asyncio.to_thread(begun.wait, 30)
    desk.surroundings.watch_folders([tmp_path])
    slow.set()
    assert "load_orders" not in await asking
    for _ in range(2):
        assert "load_orders" not in await desk.head("app.py", APP)
    await desk.surroundings.close()


async def test_the_budget_is_kept_and_shared(tmp_path: Path) -> None:
    sources = {"imports": lambda: Scripted("imports", snippet("x" * 900), snippet("y" * 90))}
    surroundings = ContextProvider(replace(PATIENT, budget_tokens=500), sources)
    document = snapshot_of(tmp_path / "a.py", "")
    surroundings.changed(document)
    assert "x" * 900 in await surroundings.prompt_prefix(document, 0, characters_per_token=2.0)
    small = await surroundings.prompt_prefix(document, 0, characters_per_token=2.0, share=0.5)
    assert "x" not in small
    assert "y" * 90 in small


async def test_the_cells_of_a_notebook(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    uris = [f"vscode-notebook-cell:{tmp_path}/n.ipynb#{number}" for number in range(3)]
    texts = ["import pandas\n", "", "plot(data)\n"]
    cells = [
        Snapshot(uri, 1, "python", Text.of(text)) for uri, text in zip(uris, texts, strict=True)
    ]
    for cell in cells:
        desk.surroundings.changed(cell)
    head = await desk.surroundings.prompt_prefix(cells[1], 0, cells=cells)
    assert head == "+++++ n.py\nimport pandas\n\nplot(data)\n\n+++++ n.py\n"
    last = await desk.surroundings.prompt_prefix(cells[2], 0, cells=cells)
    assert last == "+++++ n.py\nimport pandas\n\n+++++ n.py\n"


async def test_a_closed_document_is_no_source_but_its_edits_are(desk: Desk) -> None:
    desk.open("shop.py", FILES["shop.py"] + "\n" * 9 + "x = 1\n")
    desk.edit("shop.py", "x = 1", "x_was_edited = 1")
    await desk.head("app.py", APP)
    desk.surroundings.closed(desk.documents["shop.py"].uri)
    head = await desk.head("app.py", APP)
    assert "load_orders" not in head
    assert "x_was_edited" in head


class Typing:
    """Somebody who types in `a.py`, before a source that says how often it was asked, and where.

    The test lets waiting tasks go on.
    """

    name = "imports"

    def __init__(self, root: Path, settings: ContextSettings = PATIENT) -> None:
        self.asked: list[int] = []
        self.waiting: list[asyncio.Event] = []
        self.heard, self.answering = asyncio.Event(), asyncio.Event()
        self.answering.set()
        self.desk = Desk(root)
        self.surroundings = ContextProvider(settings, {"imports": lambda: self}, self._sleep_s)
        self.desk.surroundings = self.surroundings

    async def snippets(self, query: ContextQuery) -> list[Snippet]:
        self.asked.append(query.line)
        self.heard.set()
        said = [snippet(f"asked {len(self.asked)} times", "b.py")]
        await self.answering.wait()
        return said

    async def told(self, lines: int = 0, typed: str = "") -> int:
        """Which of the source's answers is told below so many lines."""
        head = await self.desk.head("a.py", "\n" * lines + typed + "│")
        await settle()
        return int(head.split("asked ")[1].split()[0])

    async def go_on(self) -> None:
        self.waiting[-1].set()
        await settle()

    async def pause(self) -> None:
        """So long that nobody waits any more for another request."""
        while not self.waiting[-1].is_set():
            await self.go_on()

    async def _sleep_s(self, seconds: float) -> None:
        self.waiting.append(asyncio.Event())
        await self.waiting[-1].wait()


async def test_near_by_the_same_is_told_until_it_has_been_gathered_anew(tmp_path: Path) -> None:
    typing = Typing(tmp_path)
    assert [await typing.told(), await typing.told(1), await typing.told(1, "x")] == [1, 1, 1]
    await typing.go_on()
    assert typing.asked == [0], "it was asked for once more meanwhile"
    await typing.go_on()
    assert typing.asked == [0, 1]
    assert await typing.told(1, "xy") == 2


async def test_a_held_key_is_gathered_for_once(tmp_path: Path) -> None:
    typing = Typing(tmp_path)
    for line in range(9):
        await typing.told(line)
    await typing.go_on()
    await typing.told(9)
    await typing.go_on()
    assert typing.asked == [0]
    await typing.go_on()
    assert typing.asked == [0, 9]


async def test_far_away_it_is_gathered_at_once(tmp_path: Path) -> None:
    typing = Typing(tmp_path)
    told = [
        await typing.told(line) for line in (0, MAX_LINES_AWAY, 2 * MAX_LINES_AWAY, MAX_LINES_AWAY)
    ]
    assert told == [1, 1, 2, 2]


async def test_what_is_read_elsewhere_is_gathered_at_once(tmp_path: Path) -> None:
    typing = Typing(tmp_path)
    typing.desk.open("b.py", "x = 1\n")
    assert await typing.told() == 1
    typing.desk.edit("b.py", "1", "2")
    assert await typing.told() == 2
    typing.surroundings.closed(typing.desk.documents["b.py"].uri)
    assert await typing.told() == 3


async def test_in_a_notebook_another_cell_is_gathered_at_once_and_ones_own_is_not(
    tmp_path: Path,
) -> None:
    typing = Typing(tmp_path)
    uris = [f"vscode-notebook-cell:{tmp_path}/n.ipynb#{number}" for number in range(2)]
    own, other = (Snapshot(uri, 1, "python", Text.of("a = 1\n")) for uri in uris)
    changed = [replace(each, text=Text.of("a = 2\n")) for each in (own, other)]
    asked = []
    for cells in ((own, other), (changed[0], other), (changed[0], changed[1]), changed[::-1]):
        for cell in cells:
            typing.surroundings.changed(cell)
        await typing.surroundings.prompt_prefix(
            changed[0] if changed[0] in cells else own, 0, cells=cells
        )
        asked.append(len(typing.asked))
    assert asked == [1, 1, 2, 3]


async def test_the_document_asked_about_before_is_the_first_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = []

    async def gathered(query: ContextQuery, *_: object, **how: object) -> tuple:
        others.append([Path(other.uri).name for other in query.others])
        return ()

    monkeypatch.setattr(provider, "gather", gathered)
    desk = Desk(tmp_path)
    for name in ("b.py", "c.py"):
        desk.open(name, "")
    for name in ("a.py", "b.py", "a.py"):
        await desk.head(name, "│")
    assert others == [["c.py", "b.py"], ["a.py", "c.py"], ["b.py", "c.py"]]
    await desk.surroundings.close()


async def test_what_may_not_be_told_is_no_reason_to_gather(tmp_path: Path) -> None:
    typing = Typing(tmp_path)
    for version in range(3):
        log = Snapshot("output:log", version, "log", Text.of("line\n" * version))
        typing.surroundings.changed(log)
        assert await typing.told() == 1


async def test_a_failure_behind_bothers_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    troubles: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: troubles.append(told))
    typing = Typing(tmp_path)
    assert [await typing.told(), await typing.told(1)] == [1, 1]
    monkeypatch.setattr(provider, "choose_snippets", lambda *_: 1 / 0)
    await typing.pause()
    await asyncio.wait_for(typing.surroundings.wait_until_refreshed(), PATIENCE_S)
    assert await typing.told(2) == 1
    gc.collect()
    assert troubles == []
    assert caplog.messages == ["context could not be gathered anew: ZeroDivisionError"]


async def test_nothing_is_gathered_for_a_document_that_was_closed(tmp_path: Path) -> None:
    typing = Typing(tmp_path)
    assert [await typing.told(), await typing.told(1)] == [1, 1]
    typing.surroundings.closed(typing.desk.documents["a.py"].uri)
    await typing.pause()
    assert typing.asked == [0]


async def test_closing_ends_what_is_behind(tmp_path: Path) -> None:
    typing = Typing(tmp_path)
    assert [await typing.told(), await typing.told(1)] == [1, 1]
    assert len(asyncio.all_tasks()) > 1
    await typing.surroundings.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_who_asks_while_it_is_gathered_anew_is_not_forgotten(tmp_path: Path) -> None:
    typing = Typing(tmp_path)
    assert [await typing.told(), await typing.told(1)] == [1, 1]
    typing.answering.clear()
    await typing.pause()
    assert await typing.told(2) == 1
    typing.answering.set()
    await settle()
    await typing.pause()
    assert typing.asked == [0, 1, 2]
    assert await typing.told(2) == 3


async def test_what_was_late_is_told_the_next_time(tmp_path: Path) -> None:
    typing = Typing(tmp_path, ContextSettings(deadline_ms=5))
    typing.answering.clear()
    assert await typing.desk.head("a.py", "│") == "+++++ a.py\n"
    typing.answering.set()
    await settle()
    await typing.pause()
    assert await typing.told() == 2


async def test_behind_there_is_time_for_all_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines_ms = []

    async def gathered(
        query: ContextQuery, sources: object, deadline_ms: float, **how: object
    ) -> tuple:
        deadlines_ms.append(deadline_ms)
        return ()

    monkeypatch.setattr(provider, "gather", gathered)
    typing = Typing(tmp_path)
    typing.desk.open("b.py", "x = 1\n")
    await typing.desk.head("a.py", "│")
    await settle()
    await typing.pause()
    typing.desk.edit("b.py", "1", "2")
    await typing.desk.head("a.py", "x│")
    await settle()
    await typing.pause()
    first, behind, hasty, behind_again = deadlines_ms
    assert first > PATIENT.deadline_ms / 2
    assert hasty <= REFRESH_DEADLINE_MS
    assert min(behind, behind_again) > BACKGROUND_DEADLINE_MS / 2


async def test_a_document_that_was_closed_meanwhile_is_told_anew(tmp_path: Path) -> None:
    typing = Typing(tmp_path)
    assert [await typing.told(), await typing.told(1)] == [1, 1]
    typing.answering.clear()
    await typing.pause()
    typing.surroundings.closed(typing.desk.documents["a.py"].uri)
    typing.answering.set()
    await settle()
    assert typing.asked == [0, 1]
    typing.desk.open("a.py", "y")
    assert await typing.told() == 3


async def test_a_document_that_is_closed_before_it_is_told_is_told_anew(tmp_path: Path) -> None:
    typing = Typing(tmp_path)
    typing.answering.clear()
    telling = asyncio.create_task(typing.told())
    await typing.heard.wait()
    typing.surroundings.closed(typing.desk.documents["a.py"].uri)
    typing.answering.set()
    assert await telling == 1
    typing.desk.open("a.py", "y")
    assert await typing.told() == 2


async def test_what_was_gathered_behind_takes_no_newer_ones_place(tmp_path: Path) -> None:
    typing = Typing(tmp_path)
    assert [await typing.told(), await typing.told(1)] == [1, 1]
    typing.answering.clear()
    await typing.pause()
    assert await typing.told(2 * MAX_LINES_AWAY) == 1, "the source is busy, and quoted"
    typing.answering.set()
    await settle()
    told = len(typing.asked)
    await typing.told(2 * MAX_LINES_AWAY)
    assert len(typing.asked) == told, "it was told here already"


async def test_in_other_folders_it_is_gathered_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert await desk.head("lib/a.py", "│") == "+++++ lib/a.py\n"
    desk.surroundings.watch_folders([tmp_path / "lib"])
    assert await desk.head("lib/a.py", "x│") == "+++++ a.py\n"


async def test_another_cell_is_told_as_it_reads_now(tmp_path: Path) -> None:
    """Also where the notebook itself is never told to others."""
    desk = Desk(tmp_path)
    uris = [f"vscode-notebook-cell:{tmp_path}/node_modules/n.ipynb#{n}" for n in range(2)]
    own, other = (Snapshot(uri, 1, "python", Text.of("a = 1\n")) for uri in uris)
    for text in ("b = 2", "b = 3"):
        other = replace(other, text=Text.of(text))
        for cell in (own, other):
            desk.surroundings.changed(cell)
        assert f"\n{text}\n" in await desk.surroundings.prompt_prefix(own, 0, cells=(own, other))


async def test_what_was_chosen_stays_though_it_is_said_to_help_less(tmp_path: Path) -> None:
    source = Scripted("imports", snippet("known", score=MIN_SCORE))
    desk = ContextProvider(PATIENT, {"imports": lambda: source}, lambda _: settle())
    document = snapshot_of(tmp_path / "a.py", "")
    desk.changed(document)
    first = await desk.prompt_prefix(document, 0)
    source.said = (snippet("known", score=MIN_SCORE - 1), snippet("another", score=MIN_SCORE - 1))
    await settle()
    await desk.wait_until_refreshed()
    assert source.asked == 2
    assert await desk.prompt_prefix(document, 0) == first
    await desk.close()


async def test_so_many_documents_are_remembered(tmp_path: Path) -> None:
    typing = Typing(tmp_path)
    documents = [
        Snapshot(f"output:{number}", 1, "log", Text.of("")) for number in range(MAX_DOCUMENTS + 1)
    ]
    for document in documents:
        typing.surroundings.changed(document)
    for document in (*documents, documents[1], documents[0]):
        await typing.surroundings.prompt_prefix(document, 0)
    assert len(typing.asked) == len(documents) + 1


@pytest.mark.parametrize(
    ("hidden", "is_current"),
    [("\U000e0049\U000e0067", False), ("\u202e", False), ("\x0c", True), ("👩\u200d💻", True)],
    ids=ascii,
)
async def test_a_snippet_that_hides_text_is_left_out(
    desk: Desk, hidden: str, *, is_current: bool
) -> None:
    text = FILES["client.py"].replace("Talks.", f"Talks.{hidden}")
    write(desk.root, {"client.py": text})
    assert ("Talks." in await desk.head("app.py", APP)) is is_current
