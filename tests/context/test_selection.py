"""Choosing snippets, and writing them down."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp.context import REASONS, SOURCES
from devstral_lsp.context.base import Snippet
from devstral_lsp.context.selection import (
    KEPT_BONUS,
    MIN_SCORE,
    SOURCE_SHARE,
    choose_snippets,
    render_snippets,
    select_snippets,
)
from tests.context.asking import snippet

SNIPPETS = st.lists(
    st.builds(
        Snippet,
        st.sampled_from(["a.py", "b.py", "c/d.py"]),
        st.text("xyz \n", min_size=1, max_size=30),
        st.sampled_from([*SOURCES, "unheard of"]),
        st.integers(0, 9),
        st.integers(0, 3),
    ),
    max_size=12,
)


def paths(chosen: tuple[Snippet, ...]) -> list[str]:
    return [each.path for each in chosen]


@given(SNIPPETS, st.integers(0, 200))
def test_what_is_rendered_fits_the_budget(snippets: list[Snippet], budget: int) -> None:
    head = render_snippets((), "now.py")
    chosen = select_snippets(snippets, "", budget)
    assert len(render_snippets(chosen, "now.py")) - len(head) <= budget


@given(SNIPPETS, st.integers(0, 200), st.randoms())
def test_the_order_of_the_answers_does_not_matter(
    snippets: list[Snippet], budget: int, chance: random.Random
) -> None:
    shuffled = snippets.copy()
    chance.shuffle(shuffled)
    assert select_snippets(snippets, "", budget) == select_snippets(shuffled, "", budget)


@given(SNIPPETS, st.integers(0, 200))
def test_the_same_again_is_chosen_again(snippets: list[Snippet], budget: int) -> None:
    chosen = select_snippets(snippets, "", budget)
    again = select_snippets(snippets, "", budget, chosen)
    assert set(chosen) <= set(again)
    assert select_snippets(snippets, "", budget, again) == again


def test_the_best_are_chosen_and_stand_by_source_and_path() -> None:
    snippets = [
        snippet("1" * 50, "z.py", score=9),
        snippet("2" * 50, "a.py", score=8),
        snippet("3" * 50, "m.py", score=4),
        snippet("4" * 50, "b.py", score=7, source="recent_edits"),
    ]
    assert paths(select_snippets(snippets, "", 220)) == ["a.py", "z.py", "b.py"]


def test_what_was_chosen_stays_until_something_is_much_better() -> None:
    old, new = snippet("1" * 50, "old.py", score=5), snippet("2" * 50, "new.py", score=6)
    much_better = snippet("3" * 50, "better.py", score=5 + KEPT_BONUS + 1)
    assert paths(select_snippets([old, new], "", 80)) == ["new.py"]
    assert paths(select_snippets([old, new], "", 80, [old])) == ["old.py"]
    assert paths(select_snippets([old, much_better], "", 80, [old])) == ["better.py"]


def test_a_weak_one_stays_and_is_not_taken_anew() -> None:
    weak = snippet("1" * 50, "weak.py", score=MIN_SCORE - 1)
    assert select_snippets([weak], "", 500) == ()
    assert select_snippets([weak], "", 500, [weak]) == (weak,)


def test_what_was_chosen_and_is_true_no_more_is_gone() -> None:
    old, now = snippet("def f(a): ...", score=9), snippet("def f(a, b): ...", score=5)
    assert [each.text for each in select_snippets([now], "", 500, [old])] == ["def f(a, b): ..."]


def test_a_small_one_fits_where_a_large_one_does_not() -> None:
    large, small = snippet("1" * 500, "large.py", score=9), snippet("2", "small.py", score=4)
    assert paths(select_snippets([large, small], "", 100)) == ["small.py"]


def test_one_source_leaves_room_for_others() -> None:
    imports = [snippet(str(n) * 50, f"i{n}.py", score=9) for n in range(9)]
    edits = [snippet(str(n) * 40, f"e{n}.py", score=4, source="recent_edits") for n in range(9)]
    budget = 600
    chosen = select_snippets([*imports, *edits], "", budget)
    spent = sum(len(each.text) for each in chosen if each.source == "imports")
    assert 0 < spent <= SOURCE_SHARE * budget
    assert any(each.source == "recent_edits" for each in chosen)
    assert len(select_snippets(imports, "", budget)) * 60 > SOURCE_SHARE * budget, (
        "unless no other wants it"
    )


def test_a_single_large_one_may_have_more_than_its_share() -> None:
    diff = snippet("1" * 400, "staged.diff", score=9, source="git_message")
    assert paths(select_snippets([diff, snippet("2" * 100, score=5)], "", 500)) == ["staged.diff"]


CODE = "query = session.filter(customer)\norders = serialize(query)\nflush(orders)"


def test_what_is_nearly_the_text_at_the_cursor_is_left_out() -> None:
    near = CODE.replace("flush", "commit")
    assert select_snippets([snippet(CODE)], near, 500) == ()
    assert (
        len(select_snippets([snippet(CODE)], "something else entirely, canvas and brush", 500)) == 1
    )


def test_duplicates_are_left_out() -> None:
    same = [snippet(CODE, "a.py", score=6), snippet(CODE, "b.py")]
    part = snippet("orders = serialize(query)", "c.py", source="recent_edits")
    more = snippet(f"{CODE}\n", "d.py", source="similar_code")
    nearly = snippet(CODE.replace("(query)", "(query, 1)"), "e.py", source="similar_code")
    assert paths(select_snippets([*same, part, more, nearly], "", 2_000)) == ["a.py"]


def test_codestrals_form_of_several_files() -> None:
    snippets = [snippet("x = 1", "a.py"), snippet("y = 2", "a.py"), snippet("z = 3", "lib/b.py")]
    assert render_snippets(snippets, "lib/now.py") == (
        "+++++ a.py\nx = 1\n\ny = 2\n\n+++++ lib/b.py\nz = 3\n\n+++++ lib/now.py\n"
    )


def test_the_header_of_the_current_file_is_always_there() -> None:
    assert render_snippets((), "now.py") == "+++++ now.py\n"


def test_each_source_says_what_its_snippets_serve() -> None:
    assert REASONS.keys() == SOURCES.keys()


@given(SNIPPETS, st.integers(0, 200))
def test_what_becomes_of_every_snippet_is_recorded(snippets: list[Snippet], budget: int) -> None:
    choices = choose_snippets(snippets, "", budget)
    assert {each.snippet for each in choices} == set(snippets)
    kept = tuple(each.snippet for each in choices if not each.left_out)
    assert kept == select_snippets(snippets, "", budget)


def test_what_is_left_out_has_its_reason() -> None:
    near = "open the ledger and write the order"
    snippets = {
        "weak.py": snippet("weak", "weak.py", score=MIN_SCORE - 1),
        "like.py": snippet(near, "like.py"),
        "blank.py": snippet(" \n", "blank.py"),
        "large.py": snippet("x" * 300, "large.py"),
        "told.py": snippet("a whole thing", "told.py", score=9),
        "part.py": snippet("whole", "part.py"),
    }
    choices = choose_snippets(snippets.values(), near, 200)
    reasons = {each.snippet.path: each.left_out for each in choices}
    assert reasons == {
        "weak.py": "scores 3 of 9, and 4 are needed",
        "like.py": "is too much like the lines around the cursor, which a model would repeat",
        "blank.py": "is empty",
        "large.py": "no room is left",
        "told.py": "",
        "part.py": "another piece says the same",
    }
