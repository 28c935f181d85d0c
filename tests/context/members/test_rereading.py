"""What is read of a document after an edit is what is read of the whole."""

from __future__ import annotations

import random

import pytest

from devstral_lsp.context.members.reading import read_facts
from devstral_lsp.context.members.rereading import Rereader
from devstral_lsp.syntax.tree import Syntax

_PYTHON = """
import os
from .base import Base as B, other

LIMIT: int = 3

class Store(B):
    kind = "x"

    def __init__(self, path: str) -> None:
        self.path = path
        self.open()

    @property
    def size(self) -> int:
        return 1

    def of(self):
        return Store(self.path)

def made(a, b) -> Store:
    total = a
    return total
"""

_TYPESCRIPT = """
import { Base } from "./base";

export interface Shape<T> extends Base {
  name: string;
  area(x: number): number;
}

export class Circle implements Shape<string> {
  name = "ü";
  private radius: number = 1;
  constructor(private readonly at: Point) {}
  get size() { return this.radius; }
  area(x: number): number { this.last = x; return x; }
}

const options = { first: 1, second: (a) => { return a; } };
export const make = (b: string): Circle => new Circle(b);
"""

_JAVA = """
package a.b;

import java.util.List;

public class Store extends Base implements Some {
    private int a, b = 1;
    static final String NAME = "x";
    Store(int a) { this.a = a; }
    @Override
    public List<String> all(int b) { return List.of(); }
    enum Kind { ONE, TWO }
}
"""

_GO = """
package store

import "fmt"

type Store struct {
	Base
	name string
}

func (s *Store) Name() string { return s.name }

func New(name string) *Store { return &Store{name: name} }

const Limit = 3
"""

_CPP = """
#include "a.h"
#define MOST 3
namespace a {
struct Point : Base { int x; int *y; void move(int by); };
void Point::move(int by) { x += by; }
}
typedef struct { int a; } Named;
"""

_BITS = (
    *("\n", "(", ")", "{", "}", '"', "x", "  ", "//", "#", "property"),
    *("self.a = b\n", "class A:\n    pass\n", "@property\n", "public int c;\n", "pass"),
    *("def f(a: int) -> B:\n    return x\n", "const x = {a: 1};\n", "func q() {}\n"),
)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", _PYTHON),
        ("typescript", _TYPESCRIPT),
        ("java", _JAVA),
        ("go", _GO),
        ("cpp", _CPP),
    ],
)
def test_edits_by_chance(language: str, text: str) -> None:
    chance = random.Random(7)
    reader = Rereader()
    # Far enough for statements before and behind an edit that are only moved.
    text = text * 3
    reader.read(text, language)
    for _ in range(60):
        at = chance.randrange(len(text) + 1)
        until = at + chance.choice((0, 0, 0, 1, 3, 40))
        text = text[:at] + chance.choice(_BITS) + text[until:]
        read = reader.read(text, language)
        assert read is not None
        syntax, facts = read
        # Of the same tree: one that is parsed on may mend an error elsewhere than one from scratch.
        anew = read_facts(syntax)
        assert syntax.string == text
        assert facts == anew
        assert list(facts.members) == list(anew.members)
        assert list(facts.types) == list(anew.types)


def test_a_line_above_moves_what_stands_below() -> None:
    reader = Rereader()
    reader.read(_PYTHON, "python")
    read = reader.read(f"\n\n{_PYTHON}", "python")
    whole = Syntax.of(f"\n\n{_PYTHON}", "python")
    assert read is not None
    assert whole is not None
    assert read[1] == read_facts(whole)
    assert read[1].types["Store"].parts[0].line == 8


def test_another_document() -> None:
    reader = Rereader()
    reader.read(_PYTHON, "python")
    read = reader.read(_JAVA, "java")
    assert read is not None
    assert list(read[1].types) == ["Store", "Kind"]
    assert reader.read("x", "plaintext") is None
    assert reader.read(_PYTHON, "python") is not None


def test_a_decorator_says_what_a_function_is() -> None:
    reader = Rereader()
    reader.read(_PYTHON, "python")
    read = reader.read(_PYTHON.replace("@property", "@cached"), "python")
    assert read is not None
    size = next(each for each in read[1].types["Store"].members if each.name == "size")
    assert not size.is_called
