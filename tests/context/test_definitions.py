"""What defines the names that a span uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.config.schema import ContextSettings
from devstral_lsp.context.provider import ContextProvider
from devstral_lsp.text import Snapshot, Span, Text

CODE = """\
from shop.prices import price_of

def discount_of(customer):
    return 0.1

def unrelated():
    return 1

def total(customer, items):
    return sum(map(price_of, items)) * discount_of(customer) + vat_rate

vat_rate = 1.19
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "prices.py").write_text(
        "def price_of(item, currency='EUR'):\n    return item.price\n\ndef other(): ...\n"
    )
    (tmp_path / "shop" / "cart.py").write_text(CODE)
    return tmp_path


async def found(folder: Path, settings: ContextSettings, budget_tokens: int = 500) -> list[str]:
    surroundings = ContextProvider(settings)
    surroundings.watch_folders([folder])
    path = folder / "shop" / "cart.py"
    snapshot = Snapshot(path.as_uri(), 1, "python", Text.of(CODE))
    surroundings.changed(snapshot)
    start, end = CODE.index("def total"), CODE.index("\n\nvat_rate")
    span = Span(start, end)
    try:
        chosen = await surroundings.definitions(snapshot, span, span, budget_tokens)
    finally:
        await surroundings.close()
    return [f"{each.path}: {each.text}" for each in chosen]


async def test_other_files_and_the_rest_of_the_own_one(folder: Path) -> None:
    assert await found(folder, ContextSettings()) == [
        "shop/cart.py: vat_rate = 1.19",
        "shop/cart.py: def discount_of(customer): ...",
        "shop/prices.py: def price_of(item, currency='EUR'): ...",
    ]


async def test_no_more_than_the_budget(folder: Path) -> None:
    assert len(await found(folder, ContextSettings(), budget_tokens=24)) == 1


@pytest.mark.parametrize(
    "settings", [ContextSettings(imports=False), ContextSettings(enabled=False)]
)
async def test_nothing_where_other_files_stay_on_the_machine(
    folder: Path, settings: ContextSettings
) -> None:
    assert await found(folder, settings) == []
