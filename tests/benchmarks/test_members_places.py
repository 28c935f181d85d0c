"""Where `benchmarks/members` looks, and what it takes for a name that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.members import asking, corpus
from benchmarks.members.asking import Asker, Sent
from benchmarks.members.corpus import Package, files_of
from benchmarks.members.places import pick
from tests.context.asking import write

PACKAGE = Package("python", "tune", "shop", "1")
FILLER = "# " + "x" * 90 + "\n"
FILES = {
    "shop/store.py": FILLER * 8
    + "class Store:\n    LIMIT = 3\n    def fetch_row(self, key_name): ...\n"
    + "def open_store(path_name): ...\n",
    "shop/app.py": FILLER * 8
    + "import os\nfrom . import store\n\n\nclass Mine(store.Store):\n"
    + "    def go(self, other):\n        os.getcwd()\n        other.fetch_row()\n"
    + "        store.open_store(path_name=1)\n        return other.LIMIT\n",
    "tests/test_app.py": FILLER * 8 + "def go(x):\n    x.fetch_row()\n",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    monkeypatch.setattr(corpus, "CACHE", tmp_path)
    write(PACKAGE.folder, FILES)
    return PACKAGE


def test_names_that_only_another_file_defines(package: Package) -> None:
    places = pick(files_of(package), 10, seed=1)
    assert {(each.kind, each.name) for each in places} == {
        ("member", "fetch_row"),
        ("module function", "open_store"),
        ("module function", "Store"),
        ("field name", "path_name"),
        ("constant", "LIMIT"),
    }
    assert {each.defined_in for each in places} == {("shop/store.py",)}


def test_the_line_is_not_written_behind_the_cursor(package: Package) -> None:
    place = next(each for each in pick(files_of(package), 10, seed=1) if each.name == "fetch_row")
    assert place.before.endswith("        other.")
    assert place.rest_of_line == "fetch_row()"
    assert place.after.startswith("\n        store.open_store")


async def test_what_is_sent_is_what_the_product_would_send(
    package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LOOKED_AROUND_S", 0.0)
    place = next(each for each in pick(files_of(package), 10, seed=1) if each.name == "open_store")
    off = Asker({"context.enabled": False})
    sent = await off.ask(place)
    await off.close()
    assert sent.prompt.endswith("        store.")
    assert not sent.has("open_store")


def test_a_name_stands_there_only_as_a_whole_word() -> None:
    sent = Sent("open_stores", "", "", 0.0)
    assert not sent.has("open_store")
    assert Sent("", "(open_store)", "", 0.0).has("open_store")
