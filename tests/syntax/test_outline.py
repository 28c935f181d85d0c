"""What a file defines, as a model is shown it. One text per language, with what comes out."""

from __future__ import annotations

import pytest

from devstral_lsp.syntax.outline import MAX_DEPTH, MAX_LINES, MAX_MEMBERS, excerpt, outline

CASES = {
    "python": (
        """
import os

@dataclass(frozen=True)
class Client(Base):
    \"\"\"Talks to the é server.

    At length.
    \"\"\"

    retries: int = 3

    def send(self, request: Request,
             *, timeout_s: float = 1.0) -> Reply:
        \"\"\"Send it.\"\"\"
        return self._post(request)

    async def close(self): await self._end()

LIMIT = 3
def main(): return 1
""",
        """@dataclass(frozen=True)
class Client(Base):
    \"\"\"Talks to the é server.\"\"\"
    retries: int = 3
    def send(self, request: Request,
             *, timeout_s: float = 1.0) -> Reply:
        \"\"\"Send it.\"\"\"
    async def close(self): ...
LIMIT = 3
def main(): ...""",
    ),
    "typescript": (
        """
/**
 * Sends things.
 * @template T what
 */
export class Sender<T> extends Base {
  private count: number = 1;
  constructor(readonly url: string) { super() }
  async send(item: T): Promise<void> { this.count++ }
}
export interface Item { id: string; size(unit: number): void }
export type Id = string | number;
export const load = async (id: Id): Promise<Item> => { return get(id) };
export enum Mode { Fast, Slow }
declare function get(id: Id): Item;
""",
        """// Sends things.
export class Sender<T> extends Base {
    private count: number = 1
    constructor(readonly url: string)
    async send(item: T): Promise<void>
}
export interface Item {
    id: string
    size(unit: number): void
}
export type Id = string | number;
export const load = async (id: Id): Promise<Item>
export enum Mode { Fast, Slow }
declare function get(id: Id): Item;""",
    ),
    "go": (
        """package store

// Store keeps things.
type Store struct {
	size int
}

// Put stores one.
func (s *Store) Put(key string, value []byte) (int, error) {
	return 0, nil
}

func New(size int) *Store { return &Store{size} }

const Limit = 3
""",
        """// Store keeps things.
type Store struct {
	size int
}
// Put stores one.
func (s *Store) Put(key string, value []byte) (int, error)
func New(size int) *Store
const Limit = 3""",
    ),
    "rust": (
        """
/// A queue.
#[derive(Debug)]
pub struct Queue<T> { items: Vec<T> }

impl<T> Queue<T> {
    /// Makes one.
    pub fn new(size: usize) -> Self { Queue { items: vec![] } }
}

pub trait Drain { fn drain(&self) -> usize; }
pub enum Mode { Fast, Slow }
mod inner { pub fn helper() {} }
""",
        """// A queue.
pub struct Queue<T> { items: Vec<T> }
impl<T> Queue<T> {
    // Makes one.
    pub fn new(size: usize) -> Self
}
pub trait Drain {
    fn drain(&self) -> usize;
}
pub enum Mode { Fast, Slow }
pub fn helper()""",
    ),
    "java": (
        """package a.b;

/** Keeps things. */
public class Store extends Base implements Closeable {
    private final int size = 1;

    public Store(int size) { this.size = size; }

    /** Puts one. */
    public <T> List<T> put(String key) throws IOException { return null; }
}
""",
        """// Keeps things.
public class Store extends Base implements Closeable {
    private final int size = 1;
    public Store(int size)
    // Puts one.
    public <T> List<T> put(String key) throws IOException
}""",
    ),
    "c": (
        """#ifndef STORE_H
#define LIMIT 3
/* adds */
int add(int a, int b);
typedef struct { int a; } thing_t;
static char *copy(const char *text) { return 0; }
#endif
""",
        """#define LIMIT 3
// adds
int add(int a, int b);
typedef struct { int a; } thing_t;
static char *copy(const char *text)""",
    ),
    "cpp": (
        """namespace n {
template <typename T>
class Store : public Base {
 public:
  explicit Store(int size);
  void put(T item) const { }
  int size_;
};
}
""",
        """template <typename T>
class Store : public Base {
    explicit Store(int size);
    void put(T item) const
    int size_;
}""",
    ),
    "csharp": (
        """namespace A.B {
/// <summary>Keeps things.</summary>
public class Store : Base {
    public int Size { get; set; }
    public async Task<int> Put(string key) { return 1; }
}
}
""",
        """// Keeps things.
public class Store : Base {
    public int Size { get; set; }
    public async Task<int> Put(string key)
}""",
    ),
    "ruby": (
        """# Keeps things.
class Store < Base
  def put(key, value = 1)
    @all[key] = value
  end
end
""",
        """# Keeps things.
class Store < Base
    def put(key, value = 1)
end""",
    ),
    "php": (
        """<?php
namespace App;
/** Keeps things. */
class Store extends Base {
    private int $size = 1;
    public function put(string $key): int { return 1; }
}
function helper($a) { }
""",
        """// Keeps things.
class Store extends Base {
    private int $size = 1;
    public function put(string $key): int
}
function helper($a)""",
    ),
    "lua": (
        "local M = {}\n-- adds\nfunction M.add(a, b) return a + b end\nreturn M\n",
        "-- adds\nfunction M.add(a, b)",
    ),
    "shellscript": ("# deploys\ndeploy() { echo 1; }\n", "# deploys\ndeploy()"),
    "javascript": (
        "class A { size = 1; put(a) { } }\nconst f = function (a) { return 1 };\n",
        "class A {\n    size = 1\n    put(a)\n}\nconst f = function (a)",
    ),
}


@pytest.mark.parametrize("language_id", CASES)
def test_declarations(language_id: str) -> None:
    text, expected = CASES[language_id]
    shown = "\n".join(excerpt(each, language_id) for each in outline(text, language_id))
    assert shown == expected


@pytest.mark.parametrize(
    ("language_id", "text", "names"),
    [
        ("python", "class A: pass\ndef f(): pass\nX: int = 1\n", ["A", "f", "X"]),
        ("go", "package p\nfunc (s *S) Put() {}\ntype S struct{}\n", ["Put", "S"]),
        ("rust", "impl<T> Show for Queue<T> { }\nfn f() {}\n", ["Queue", "f"]),
        ("cpp", "void Store::put(int a) { }\nint *make() { return 0; }\n", ["put", "make"]),
        ("lua", "function M.add(a) end\nlocal function f() end\n", ["add", "f"]),
        ("typescript", "export const load = () => { }\nfunction g() {}\n", ["load", "g"]),
    ],
)
def test_names(language_id: str, text: str, names: list[str]) -> None:
    assert [each.name for each in outline(text, language_id)] == names


def test_spans_count_code_points() -> None:
    text = "# é😀\ndef f(): pass\n\n# ü\nclass A: pass\n"
    found = outline(text, "python")
    assert [text[each.span.start : each.span.end] for each in found] == [
        "def f(): pass",
        "class A: pass",
    ]
    assert [each.line for each in found] == [1, 4]


def test_what_does_not_parse_hides_no_more_than_itself() -> None:
    found = outline("def f(a): pass\n\nx = = 1\n\ndef g(b): pass\n", "python")
    assert {"f", "g"} <= {each.name for each in found}


def test_of_many_members_the_wanted_are_shown() -> None:
    methods = "".join(f"    def m{i}(self): pass\n" for i in range(3 * MAX_MEMBERS))
    (big,) = outline(f"class Big:\n{methods}", "python")
    shown = excerpt(big, "python", frozenset({"m40"})).split("\n")
    assert len(shown) == 1 + MAX_MEMBERS
    assert shown[-1].strip() == "def m40(self): ..."


def test_a_long_value_is_cut() -> None:
    (table,) = outline("TABLE = [\n" + "    1,\n" * 100 + "]\n", "python")
    assert table.signature.count("\n") == MAX_LINES - 1


def test_windows_line_ends_do_not_show() -> None:
    (made,) = outline("def f(a,\r\n      b): pass\r\n", "python")
    assert made.signature == "def f(a,\n      b)"


@pytest.mark.parametrize(
    ("language_id", "text"),
    [
        ("python", "".join(f"{' ' * depth}class C{depth}:\n" for depth in range(900))),
        ("typescript", "namespace a { " * 3_000 + "}" * 3_000),
        ("cpp", "namespace a { " * 3_000 + "}" * 3_000),
        ("c", "#if A\n" * 3_000 + "int a(int b) { return b; }\n" + "#endif\n" * 3_000),
    ],
)
def test_what_is_nested_without_end_is_told_up_to_a_depth(language_id: str, text: str) -> None:
    level, depth = tuple(outline(text + "\n", language_id)), 0
    while level:
        level, depth = level[0].members, depth + 1
    assert depth <= MAX_DEPTH
