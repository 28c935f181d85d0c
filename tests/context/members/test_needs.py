"""What a cursor asks for, by the text around it."""

from __future__ import annotations

import pytest

from devstral_lsp.context.members.needs import Need, NeedKind, find_needs
from tests.context.asking import CURSOR

PLACES = {
    "a member": ("python", "x = a.b(c)[0].│", [("member", "a.b(c)[0]", "")]),
    "a member that is being typed": (
        "python",
        "self.store.fet│",
        [("member", "self.store", "fet")],
    ),
    "over several lines": ("java", "a\n    .b(1)\n    .│", [("member", "a\n    .b(1)", "")]),
    "behind a keyword": ("python", "if not request.│", [("member", "request", "")]),
    "a keyword of another language": ("java", "in.│", [("member", "in", "")]),
    "a pointer": ("cpp", "s->│", [("member", "s", "")]),
    "a path": ("rust", "crate::a::│", [("member", "crate::a::", "")]),
    "optional": ("typescript", "a?.│", [("member", "a", "")]),
    "a cast": ("typescript", "(a as B).│", [("member", "(a as B)", "")]),
    "a number": ("python", "x = 3.│", []),
    "a range": ("rust", "for i in 0..│", []),
    "a call": ("python", "open_store('x', │", [("argument", "open_store", "")]),
    "a call in a call": (
        "python",
        "go(1, Client(a, │",
        [("argument", "Client", ""), ("argument", "go", "")],
    ),
    "a member in a call": (
        "python",
        "go(store.│",
        [("member", "store", ""), ("argument", "go", "")],
    ),
    "not a definition": ("python", "def go(a, │", []),
    "not a declaration": ("go", "const (\n\t│", []),
    "not a condition": ("java", "if (│", []),
    "a literal of Go": ("go", "x := &http.Client{\n\tA: 1,\n\t│", [("field", "http.Client", "")]),
    "a literal of Rust": ("rust", "let a = Foo { │", [("field", "Foo", "")]),
    "not a block": ("go", "func go1() {\n\t│", []),
    "not a comparison": ("go", "if err != nil {\n\t│", []),
    "what is returned": (
        "typescript",
        "return {\n  a: 1, │",
        [("field", "return", "")],
    ),
    "a typed value": ("typescript", "const x: Foo<A> = { │", [("field", "Foo<A>", "")]),
    "an argument that is a literal": (
        "typescript",
        "go({ a: 1, │",
        [("argument", "go", ""), ("key", "", "")],
    ),
    "what is imported": (
        "python",
        "import os\nfrom a.b import (c,\n    │",
        [("imported", "a.b", "")],
    ),
    "not behind an import": ("python", "from a import b\n\nb.│", [("member", "b", "")]),
    "named imports": ("typescript", "import { a, │ } from './x'", [("imported", "./x", "")]),
    "a key": ("python", "x = movie.first['ti│", [("field", "movie.first", "ti")]),
    "a string that ends": ("python", "go(a['x'] + ', '│", [("argument", "go", "")]),
    "no key of a language without them": ("go", 'a["│', []),
    "an attribute": ("tsx", "<Menu.Item a={b => 1} c='>' on│", [("attribute", "Menu.Item", "on")]),
    "not within an element": ("tsx", "<Item a>\n  │", [("override", "", "")]),
    "not a comparison with a tag": ("tsx", "a <B && │", []),
    "not a type argument": ("tsx", "use<Item | │", []),
    "a tag of a page": ("tsx", "return <div │", []),
    "not a tag without components": ("typescript", "<Item │", []),
    "a bracket that nothing opens": ("tsx", f"<Item {')' * 9} │", []),
    "a pattern": (
        "typescript",
        "const { a, b│ } = await load(x)\n",
        [("field", "await load(x)", "b")],
    ),
    "a pattern of a parameter": (
        "tsx",
        "function Go({ │ }: Props<A>) {",
        [("field", "Props<A>", "")],
    ),
    "a pattern that is compared": ("typescript", "const { │ } == a", []),
    "a method of Python": ("python", "class A(B):\n    def se│", [("override", "", "se")]),
    "a method of Rust": ("rust", "impl A for B {\n    fn │", [("override", "", "")]),
    "a method of Java": ("java", "class A extends B {\n    public void │", [("override", "", "")]),
    "an annotated method": ("java", "    @Override List<A> │", [("override", "", "")]),
}


@pytest.mark.parametrize("name", PLACES)
def test_needs(name: str) -> None:
    grammar, marked, wanted = PLACES[name]
    before, after = marked.split(CURSOR)
    needs = [Need(NeedKind(kind), subject, typed) for kind, subject, typed in wanted]
    assert list(find_needs(before, after, grammar)) == needs
