"""What is proposed after a change, and what is not."""

from __future__ import annotations

import pytest

from tests.next_edit.typing import URI, Typist

RENAMED = (
    "def first(value):\n    total_count = value\n    return total_count\n\n\n"
    "def second(value):\n    print(value)\n    return value\n"
)


@pytest.fixture
def typist() -> Typist:
    typist = Typist()
    typist.open(RENAMED)
    return typist


def test_nothing_is_proposed_before_a_change(typist: Typist) -> None:
    assert typist.ask() is None


def test_the_rename_goes_on(typist: Typist) -> None:
    typist.replace("total_count", "amount")
    assert "    return amount\n" in typist.taken(typist.ask())


def test_what_is_taken_is_not_proposed_again(typist: Typist) -> None:
    typist.replace("total_count", "amount")
    proposal = typist.ask()
    assert proposal is not None
    typist.take(proposal)
    typist.finder.accepted(proposal.id)
    assert typist.ask() is None


def test_what_is_shown_and_passed_over_stays_silent(typist: Typist) -> None:
    typist.replace("total_count", "amount")
    first = typist.ask()
    assert first is not None
    typist.finder.shown(first.id)
    typist.edit(0, 0, "import os\n")
    assert typist.ask() is None


def test_what_ghost_text_hid_was_not_passed_over(typist: Typist) -> None:
    typist.replace("total_count", "amount")
    proposal = typist.ask()
    assert proposal is not None
    typist.finder.shown(proposal.id)
    typist.edit(0, 0, "import os\n")
    typist.finder.covered()
    again = typist.ask()
    assert again is not None
    assert again.new == proposal.new
    typist.finder.shown(again.id)
    assert typist.ask() is not None, "the change before it was shown again does not count"
    typist.edit(0, 0, "import re\n")
    assert typist.ask() is None


def test_what_is_refused_stays_silent(typist: Typist) -> None:
    typist.replace("total_count", "amount")
    proposal = typist.ask()
    assert proposal is not None
    typist.finder.refused(proposal.id)
    assert typist.ask() is None


def test_an_unknown_id_refuses_nothing(typist: Typist) -> None:
    typist.replace("total_count", "amount")
    assert typist.ask() is not None
    typist.finder.refused("none of ours")
    assert typist.ask() is not None


def test_a_change_that_was_taken_back_is_not_proposed(typist: Typist) -> None:
    typist.replace("total_count", "amount")
    typist.replace("amount", "total_count")
    assert typist.ask() is None


def test_no_edit_that_parses_worse() -> None:
    typist = Typist()
    typist.open("def a(b):\n    good_name = b\n    return good_name.x\n")
    typist.replace("good_name", "while")
    assert typist.ask() is None


def test_no_secret_is_written_elsewhere() -> None:
    key = "sk-ant-" + "api03-" + "Zx8Kq2Lm9Rt4Vw7Yb3Nc6Pd1" * 3
    typist = Typist()
    typist.open("def a(key):\n    token = key\n    use(key)\n    return token\n" * 2)
    typist.replace("    token = key\n", f'    token = "{key}"\n')
    typist.edit(len(typist.text()), len(typist.text()), "\n\nx = 1\n")
    assert typist.ask() is None


def test_no_hidden_character_is_written_elsewhere() -> None:
    typist = Typist()
    typist.open(RENAMED)
    typist.replace("total_count", "amo\u200bunt")
    assert typist.ask() is None


def test_a_closed_document_is_no_reason_for_an_error(typist: Typist) -> None:
    typist.replace("total_count", "amount")
    typist.finder.forget(URI)
    assert typist.ask() is not None  # the change itself was made


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_keep_their_ends(newline: str) -> None:
    typist = Typist()
    typist.open(RENAMED.replace("\n", newline))
    typist.replace("total_count", "amount")
    expected = RENAMED.replace("total_count", "amount").replace("\n", newline)
    assert typist.taken(typist.ask()) == expected


def test_an_inserted_line_has_the_line_end_of_its_place() -> None:
    typist = Typist()
    methods = "".join(f"    def {name}(self):\r\n        return 1\r\n\r\n" for name in "abcd")
    typist.open(f"class A:\r\n{methods}")
    for name in "ab":
        typist.replace(f"    def {name}(self):", f"    @cached\r\n    def {name}(self):")
    proposal = typist.ask(len(typist.text()) // 2)
    if proposal is not None:
        assert "\n" not in typist.taken(proposal).replace("\r\n", "")


def test_a_line_without_end_takes_no_time() -> None:
    typist = Typist()
    typist.open("a = get(x)\n" + "get(x); " * 20_000 + "\nb = get(x)\n", language="javascript")
    typist.replace("a = get(x)", "a = fetch(x)")
    proposal = typist.ask()
    assert proposal is None or proposal.first == 2


@pytest.mark.parametrize(("first", "is_proposed"), [(False, True), (True, False)])
def test_what_the_user_has_just_written_is_not_taken_back(first: bool, is_proposed: bool) -> None:
    old, new = "    return old_call(value, 1)", "    return new_call(value, 1)"
    typist = Typist()
    typist.open("".join(f"def f{n}(value):\n{new if n else old}\n\n\n" for n in range(7)))
    if first:
        typist.replace(f"f0(value):\n{old}", f"f0(value):\n{new}")
    for number in (1, 2, 3):
        typist.replace(f"f{number}(value):\n{new}", f"f{number}(value):\n{old}")
    proposal = typist.ask(typist.text().index("f3"))
    assert (proposal is not None) is is_proposed


def test_whoever_has_gone_to_a_place_gets_that_one() -> None:
    typist = Typist()
    functions = (f"def {name}(value):\n    return value.{name}\n" for name in "abcde")
    typist.open("\n\n".join(functions))
    for name in "abc":
        at = typist.text().index(f"def {name}")
        typist.edit(at, at, "@cached\n")
    for name in "de":
        there = typist.text().index(f"def {name}")
        proposal = typist.ask(there)
        assert proposal is not None
        assert proposal.edit.span.start == there
