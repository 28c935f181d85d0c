"""Pieces of other documents that are like the place of the cursor."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.context.chunks import MAX_LENGTH, split_chunks
from devstral_lsp.context.similar_code import MAX_IN_ONE, MAX_LINES, SimilarCode
from devstral_lsp.text import Snapshot
from tests.context.asking import query_at, snapshot_of

ORDERS = """def load_orders(session, customer):
    query = session.query(Order).filter(Order.customer == customer)
    return [serialize_order(order) for order in query]
"""
PAINT = """def paint(canvas, brush):
    canvas.stroke(brush.color, brush.width)
    canvas.flush()
"""
MARKED = """def load_invoices(session, customer):
    query = session.query(Invoice).filter(Invoice.customer == customer)
    │
"""


async def shown(*others: Snapshot, marked: str = MARKED, name: str = "app.py") -> list[str]:
    query = query_at(f"/w/{name}", marked, others=others, folders=(Path("/w"),))
    return [f"{each.path}:{each.line}" for each in await SimilarCode().snippets(query)]


async def test_what_shares_names_is_found_and_the_rest_is_not() -> None:
    other = snapshot_of("/w/other.py", f"{PAINT}\n\n{ORDERS}\n\n{PAINT}")
    assert await shown(other) == ["other.py:5"]


async def test_only_documents_of_the_same_family() -> None:
    python, text = (snapshot_of(f"/w/other.{each}", ORDERS) for each in ("py", "txt"))
    assert await shown(text) == []
    assert await shown(text, python) == ["other.py:0"]
    script = snapshot_of("/w/other.js", ORDERS)
    assert await shown(script, name="app.tsx") == ["other.js:0"]


async def test_the_distant_part_of_the_own_document_counts() -> None:
    assert await shown(marked=ORDERS + "\n" * 150 + MARKED) == ["app.py:0"]
    assert await shown(marked=ORDERS + "\n" * 50 + MARKED) == []


async def test_what_stands_above_and_below_the_view_is_not_glued_together() -> None:
    steps = [f"    session.query(customer).filter(Invoice, {i})\n" for i in range(420)]
    query = query_at("/w/app.py", "".join([*steps[:210], MARKED, *steps[210:]]))
    found = await SimilarCode().snippets(query)
    lines = str(query.snapshot.text).split("\n")
    assert len(found) == MAX_IN_ONE
    for each in found:
        assert each.text.split("\n") == lines[each.line :][: each.text.count("\n") + 1]


async def test_no_document_takes_all() -> None:
    many = snapshot_of("/w/many.py", "\n\n".join([ORDERS] * 10))
    assert len(await shown(many)) == MAX_IN_ONE


async def test_a_document_that_is_too_long_is_not_looked_at() -> None:
    other = snapshot_of("/w/other.py", ORDERS + "\n" * MAX_LINES)
    assert await shown(other) == []
    assert await shown(snapshot_of("/w/other.py", ORDERS + "\n" * (MAX_LINES - 4))) != []


async def test_a_place_with_few_names_is_like_nothing() -> None:
    assert await shown(snapshot_of("/w/other.py", ORDERS), marked="x = 1\n│\n") == []


async def test_an_edited_document_is_looked_at_again() -> None:
    source = SimilarCode()
    for text, expected in ((PAINT, 0), (ORDERS, 1), (PAINT, 0)):
        other = snapshot_of("/w/other.py", text)
        query = query_at("/w/app.py", MARKED, others=(other,))
        assert len(await source.snippets(query)) == expected


LINES = st.lists(st.sampled_from(["", "a = 1", "    b(c)", "def f():", "\t"]), max_size=120)


@given(LINES)
def test_chunks_are_the_text_in_its_order(lines: list[str]) -> None:
    chunks = split_chunks("\n".join(lines))
    spans = [(each.line, each.line + each.text.count("\n") + 1) for each in chunks]
    for chunk, (first, end) in zip(chunks, spans, strict=True):
        assert chunk.text.split("\n") == lines[first:end]
        assert end - first <= MAX_LENGTH
    covered = [line for span in spans for line in range(*span)]
    assert covered == sorted(set(covered))
    assert {n for n, line in enumerate(lines) if line.strip()} <= set(covered)


def test_an_edit_leaves_distant_chunks_alone() -> None:
    functions = [f"def f{n}(a):\n    b = {n}\n    return g{n}(a, b)\n" for n in range(30)]
    before = {chunk.text for chunk in split_chunks("\n\n".join(functions))}
    functions[3] = functions[3].replace("return", "c = 1\n    return")
    after = {chunk.text for chunk in split_chunks("\n\n".join(functions))}
    assert len(after - before) == 1
