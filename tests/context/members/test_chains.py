"""Expressions as chains."""

from __future__ import annotations

import pytest

from devstral_lsp.context.members.chains import Step, find_receiver, parse_chain

RECEIVERS = {
    "return await client": "await client",
    "x = new Foo<Bar>(a)": "new Foo<Bar>(a)",
    "print(x['a']": "x['a']",
    "a; b": "b",
    "f(a, (b).c": "(b).c",
    "&mut self.conn": "self.conn",
    "# of the file.\nresponse": "response",
    "client.\n    Get(x)": "client.\n    Get(x)",
    "let x = Foo::<T>::new()": "Foo::<T>::new()",
    "x = 'a' + names[0]": "names[0]",
    "": "",
    "(": "",
}


@pytest.mark.parametrize("text", RECEIVERS)
def test_the_receiver_before_a_dot(text: str) -> None:
    assert find_receiver(text) == RECEIVERS[text]


def _written(text: str) -> str:
    chain = parse_chain(text)
    if chain is None:
        return ""
    marks = {Step.CALL: "()", Step.INDEX: "[]"}
    steps = "".join(marks.get(step, f".{name}") for step, name in chain.steps)
    return f"{chain.root or f'<{chain.inner}>'}{steps}"


CHAINS = {
    "await store.open(a.b, c)[0].name": "store.open()[].name",
    "new Foo<Bar>(x)": "Foo()",
    "Foo::<T>::new()": "Foo.new()",
    "&Foo{a: 1}": "Foo()",
    "(await q(x)).y": "<await q(x)>.y",
    "x?.y!.z": "x.y.z",
    "this->rows": "this.rows",
    "$this->rows": "$this.rows",
    "a + b": "a",
    "'text'": "",
    "": "",
}


@pytest.mark.parametrize("text", CHAINS)
def test_a_chain(text: str) -> None:
    assert _written(text) == CHAINS[text]


@pytest.mark.parametrize(
    "text", ["(" * 3_000, "a." * 3_000, "a(" * 1_500, "'" * 3_000, ")" * 3_000]
)
def test_foreign_text_takes_no_time(text: str) -> None:
    """The test's own timeout is what ends it where this takes more than a moment."""
    find_receiver(text)
    assert parse_chain(text) is None or parse_chain(text)
