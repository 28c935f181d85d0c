# ruff: noqa: E501 - sources of several lines stand in one
"""The members of what stands before the dot, by language and by what tells its type."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.context.members.telling import told_at

STORE_PY = (
    "import enum\n\n\nclass Base:\n    def close_all(self) -> None: ...\n\n\n"
    "class Store(Base):\n    limit: int = 3\n\n    def __init__(self, path: str) -> None:\n"
    "        self.opened = {}\n        self._hidden = 1\n\n"
    "    def fetch_row(self, key: str) -> 'Row':\n        return Row()\n\n"
    "    @property\n    def newest(self) -> 'Row':\n        return Row()\n\n"
    "    def clone(self):\n        return self\n\n\n"
    "class Row:\n    def columns(self) -> list[str]: ...\n\n\n"
    "def open_store(path: str) -> Store:\n    return Store(path)\n\n\n"
    "def untyped():\n    return Store('x')\n\n\n"
    "class Color(enum.Enum):\n    CRIMSON = 1\n"
)
PYTHON = {
    "a module": ("from shop import store\n\nstore.│\n", ["def open_store(path", "class Row"]),
    "a module, by another name": ("import shop.store as s\n\ns.│\n", ["open_store"]),
    "a module of a package": ("import shop\n\nshop.store.│\n", ["open_store"]),
    "a class": ("from shop.store import Color\n\nColor.│\n", ["CRIMSON"]),
    "an annotated parameter": (
        "from shop.store import Store\n\ndef go(s: Store | None):\n    s.│\n",
        ["def fetch_row(self, key: str)", "limit: int", "opened", "def close_all"],
    ),
    "a constructor": (
        "from shop.store import Store\n\ndef go():\n    s = Store('x')\n    return s.│\n",
        ["fetch_row"],
    ),
    "a call": ("from shop.store import open_store\n\nopen_store('x').│\n", ["fetch_row"]),
    "a function without annotation": (
        "from shop.store import untyped\n\ndef go():\n    s = untyped()\n    s.│\n",
        ["fetch_row"],
    ),
    "a chain": (
        "from shop.store import open_store\n\nopen_store('x').clone().fetch_row('k').│\n",
        ["def columns"],
    ),
    "a property": ("from shop.store import Store\n\nStore('x').newest.│\n", ["def columns"]),
    "a property that is abstract": (
        "from shop.pairs import Till\n\ndef go(till: Till):\n    till.drawer.│\n",
        ["fetch_row"],
    ),
    "a field": (
        "from shop.store import Store\n\nclass App:\n    def __init__(self, store: Store):\n"
        "        self.store = store\n\n    def go(self):\n        self.store.│\n",
        ["fetch_row"],
    ),
    "what a package takes from all its modules": (
        "import bazaar\n\nbazaar.│\n",
        ["def sell_one(key)"],
    ),
    "one of two results": (
        "from shop.pairs import both\n\ndef go():\n    row, s = both('x')\n    s.│\n",
        ["fetch_row"],
    ),
    "one of two values": (
        "from shop.store import Row, Store\n\ndef go():\n    row, s = Row(), Store('x', 1)\n"
        "    s.│\n",
        ["fetch_row"],
    ),
    "a value of a mapping": (
        "from shop.store import Store\n\ndef go(stores: dict[str, Store]):\n"
        "    for name, s in stores.items():\n        s.│\n",
        ["fetch_row"],
    ),
    "what is inherited": (
        "from shop.store import Store\n\nclass Mine(Store):\n    def go(self):\n        self.│\n",
        ["fetch_row", "close_all", "_hidden"],
    ),
    "super": (
        "from shop.store import Store\n\nclass Mine(Store):\n    def go(self):\n"
        "        super().│\n",
        ["fetch_row"],
    ),
    "a loop": (
        "from shop.store import Row\n\ndef go(rows: list[Row]):\n    for row in rows:\n"
        "        row.│\n",
        ["columns"],
    ),
    "a with target": (
        "from shop.store import open_store\n\ndef go():\n    with open_store('x') as s:\n"
        "        s.│\n",
        ["fetch_row"],
    ),
    "isinstance": (
        "from shop.store import Row\n\ndef go(x):\n    if isinstance(x, Row):\n        x.│\n",
        ["columns"],
    ),
    "a re-export": ("from shop import Store\n\nStore('x').│\n", ["fetch_row"]),
    "an import inside a function": (
        "def go():\n    from shop.store import Store\n    s = Store('x')\n    s.│\n",
        ["fetch_row"],
    ),
    "a name alone": ("def go(store):\n    store.│\n", ["fetch_row"]),
    "its use alone": (
        "def go(x):\n    x.fetch_row('a')\n    x.opened.clear()\n    x.│\n",
        ["close_all", "limit"],
    ),
    "what a loop's value gives": (
        "from shop.rows import Shelf\n\ndef go(q: Shelf):\n    for r in q:\n        r.│\n",
        ["columns"],
    ),
    "what a context gives": (
        "from shop.rows import Shelf\n\ndef go(q: Shelf):\n    with q as r:\n        r.│\n",
        ["columns"],
    ),
    "an item of a type of its own": (
        "from shop.rows import Shelf\n\ndef go(q: Shelf):\n    q[1].│\n",
        ["columns"],
    ),
    "a value that is called": (
        "from shop.rows import Shelf\n\ndef go(q: Shelf):\n    q(1).│\n",
        ["columns"],
    ),
    "an item of a list of such a type": (
        "from shop.rows import Shelf\n\ndef go(q: list[Shelf]):\n    q[1].│\n",
        ["dust_off"],
    ),
    "enumerate": (
        "from shop.store import Row\n\ndef go(x: list[Row]):\n"
        "    for i, q in enumerate(x):\n        q.│\n",
        ["columns"],
    ),
    "zip": (
        "from shop.store import Row\n\ndef go(x: list[Row]):\n"
        "    for i, q in zip([1], x):\n        q.│\n",
        ["columns"],
    ),
    "what a function passes on": (
        "from shop.store import Row\n\ndef go(x: list[Row]):\n    q = max(x, key=id)\n    q.│\n",
        ["columns"],
    ),
    "a comprehension": (
        "from shop.store import Row\n\ndef go(x: list[Row]):\n    return [q.│ for q in x]\n",
        ["columns"],
    ),
    "one of two results by its index": (
        "from shop.pairs import both\n\nboth('x')[1].│\n",
        ["fetch_row"],
    ),
    "all overloads": (
        "from shop.rows import Shelf\n\ndef go(q: Shelf):\n    q.put_it(│)\n",
        ["a: int", "b: str"],
    ),
    "an awaited call": (
        "from shop.store import Store\n\nasync def make() -> Store: ...\n\n"
        "async def go():\n    s = await make()\n    s.│\n",
        ["fetch_row"],
    ),
}


@pytest.mark.parametrize("case", PYTHON)
async def test_python(case: str, tmp_path: Path) -> None:
    marked, wanted = PYTHON[case]
    files = {
        "shop/store.py": STORE_PY,
        "shop/__init__.py": "from .store import Store\n",
        "bazaar/__init__.py": "from .stall import *\n",
        "shop/pairs.py": (
            "from .store import Row, Store\n\ndef both(x) -> tuple[list[Row], Store]: ...\n"
            "class Till:\n    @property\n    @abstractmethod\n    def drawer(self) -> Store: ...\n"
        ),
        "shop/rows.py": (
            "from typing import overload\nfrom .store import Row\n\nclass Shelf:\n"
            "    def dust_off(self): ...\n"
            "    def __iter__(self) -> 'Iterator[Row]': ...\n"
            "    def __enter__(self) -> Row: ...\n    def __getitem__(self, i) -> Row: ...\n"
            "    def __call__(self, x) -> Row: ...\n"
            "    @overload\n    def put_it(self, a: int) -> int: ...\n"
            "    @overload\n    def put_it(self, a: str, b: str) -> str: ...\n"
        ),
        "bazaar/stall.py": "def sell_one(key): ...\n",
    }
    told = await told_at(tmp_path, files, "app.py", marked)
    assert [each for each in wanted if each not in told] == []


LANGUAGES = {
    "typescript, a class": (
        {"src/store.ts": "export class Store {\n  private key = 1;\n  fetchRow(id: string): Row {}\n"
         "  constructor(readonly path: string) {}\n}\nexport interface Row { columns: string[] }\n"},
        "src/app.ts",
        "import { Store } from './store'\n\nfunction go() {\n  const s = new Store('x')\n  s.│\n}\n",
        ["fetchRow(id: string): Row", "path"],
    ),
    "typescript, a chain": (
        {"src/store.ts": "export class Store {\n  fetchRow(id: string): Row {}\n}\n"
         "export interface Row { columns: string[] }\n"},
        "src/app.ts",
        "import { Store } from './store'\n\nfunction go(s: Store) {\n  s.fetchRow('1').│\n}\n",
        ["columns: string[]"],
    ),
    "typescript, a barrel": (
        {"src/lib/store.ts": "export class Store {\n  fetchRow(id: string) {}\n}\n",
         "src/lib/index.ts": "export * from './store'\n"},
        "src/app.ts",
        "import * as lib from './lib'\n\nfunction go(s: lib.Store) {\n  s?.│\n}\n",
        ["fetchRow"],
    ),
    "typescript, a constant object": (
        {"src/states.ts": "export const States = { idle: 1, running: 2 } as const\n"},
        "src/app.ts",
        "import { States } from './states'\n\nlet x = States.│\n",
        ["idle", "running"],
    ),
    "typescript, destructuring": (
        {"src/store.ts": "export interface Deps { store: Store }\n"
         "export class Store { fetchRow() {} }\n"},
        "src/app.ts",
        "import { Deps } from './store'\n\nfunction go(deps: Deps) {\n  const { store } = deps\n"
        "  store.│\n}\n",
        ["fetchRow"],
    ),
    "typescript, a type variable": (
        {"src/store.ts": "export class Store { fetchRow() {} }\n"
         "export class Box<T> { item: T }\nexport function boxed(): Box<Store> {}\n"},
        "src/app.ts",
        "import { boxed } from './store'\n\nfunction go() {\n  boxed().item.│\n}\n",
        ["fetchRow"],
    ),
    "typescript, a field of another name": (
        {"src/store.ts": "export interface Deps { store: Store }\nexport class Store { fetchRow() {} }\n"},
        "src/app.ts",
        "import { Deps } from './store'\n\nfunction go({ store: q }: Deps) {\n  q.│\n}\n",
        ["fetchRow"],
    ),
    "javascript, a class": (
        {"src/store.js": "export class Store {\n  constructor() { this.rows = [] }\n  fetchRow() {}\n}\n"},
        "src/app.js",
        "import { Store } from './store.js'\n\nconst s = new Store()\ns.│\n",
        ["fetchRow", "rows"],
    ),
    "go, a package": (
        {"go.mod": "module ex.com/m\n", "store/store.go": "package store\n\ntype Store struct {\n"
         "\tPath string\n\thidden int\n}\n\nfunc Open(p string) (*Store, error) { return nil, nil }\n",
         "store/rows.go": "package store\n\nfunc (s *Store) FetchRow(id int) string { return \"\" }\n"},
        "main.go",
        'package main\n\nimport "ex.com/m/store"\n\nfunc main() {\n\ts, err := store.Open("x")\n'
        "\ts.│\n}\n",
        ["type Store struct {", "Path string", "FetchRow(id int) string"],
    ),
    "go, an embedded field in the same package": (
        {"base.go": "package main\n\ntype Base struct {\n\tName string\n}\n",
         "thing.go": "package main\n\ntype Thing struct {\n\t*Base\n\tSize int\n}\n"},
        "main.go",
        "package main\n\nfunc go1(things []Thing) {\n\tfor _, t := range things {\n\t\tt.│\n\t}\n}\n",
        ["Size int", "Name string"],
    ),
    "java, the same package": (
        {"org/x/Base.java": "package org.x;\npublic class Base {\n  protected void closeAll() {}\n}\n",
         "org/x/Store.java": "package org.x;\npublic class Store extends Base {\n"
         "  public Row fetchRow(String key) { return null; }\n}\n",
         "org/x/Row.java": "package org.x;\npublic record Row(String title, int size) {}\n"},
        "org/x/App.java",
        "package org.x;\n\nclass App {\n  private final Store store = new Store();\n\n"
        "  void go() {\n    store.│\n  }\n}\n",
        ["fetchRow(String key)", "closeAll()"],
    ),
    "java, a chain to a record": (
        {"org/x/Store.java": "package org.x;\npublic class Store {\n"
         "  public Row fetchRow(String key) { return null; }\n}\n",
         "org/x/Row.java": "package org.x;\npublic record Row(String title, int size) {}\n"},
        "org/y/App.java",
        "package org.y;\n\nimport org.x.Store;\n\nclass App {\n  void go(Store in) {\n"
        "    var row = in.fetchRow(\"a\");\n    row.│\n  }\n}\n",
        ["title"],
    ),
    "rust, a struct and its trait": (
        {"Cargo.toml": "[package]\nname='m'\n", "src/lib.rs": "pub mod store;\nmod app;\n",
         "src/store.rs": "pub struct Store {\n    pub path: String,\n}\n\npub trait Closing {\n"
         "    fn close_all(&self);\n}\n\nimpl Store {\n    pub fn new() -> Self { todo!() }\n"
         "    pub fn fetch_row(&self, key: &str) -> Option<Row> { None }\n}\n\n"
         "impl Closing for Store {\n    fn close_all(&self) {}\n}\n\npub struct Row { pub title: String }\n"},
        "src/app.rs",
        "use crate::store::Store;\n\nfn go() {\n    let s = Store::new();\n    s.│\n}\n",
        ["path: String", "fetch_row(&self, key: &str)", "close_all"],
    ),
    "rust, through an option": (
        {"Cargo.toml": "[package]\nname='m'\n", "src/lib.rs": "pub mod store;\n",
         "src/store.rs": "pub struct Store {}\n\nimpl Store {\n"
         "    pub fn fetch_row(&self) -> Option<Row> { None }\n}\n\npub struct Row { pub title: String }\n"},
        "src/app.rs",
        "use crate::store::Store;\n\nfn go(s: &Store) {\n    if let Some(row) = s.fetch_row() {\n"
        "        row.│\n    }\n}\n",
        ["title: String"],
    ),
    "rust, an enum": (
        {"Cargo.toml": "[package]\nname='m'\n", "src/lib.rs": "pub mod color;\n",
         "src/color.rs": "pub enum Color {\n    Crimson,\n    Teal(u8),\n}\n"},
        "src/app.rs",
        "use super::color::Color;\n\nfn go() {\n    let c = Color::│\n}\n",
        ["Crimson", "Teal(u8)"],
    ),
    "csharp, a property": (
        {"Store.cs": "namespace M;\npublic class Store : Base {\n  public Row Newest { get; }\n"
         "  public Row FetchRow(string key) { return null; }\n}\npublic record Row(string Title);\n",
         "Base.cs": "namespace M;\npublic abstract class Base {\n  public void CloseAll() {}\n}\n"},
        "App.cs",
        "namespace M;\n\nclass App {\n  private readonly Store _store;\n\n  void Go() {\n"
        "    _store.│\n  }\n}\n",
        ["FetchRow(string key)", "Newest", "CloseAll"],
    ),
    "go, the second of two results": (
        {"go.mod": "module m\n", "shop/shop.go": "package shop\ntype Row struct{ Title string }\n"
         "type Store struct{ Limit int }\nfunc Open() (*Row, *Store) { return nil, nil }\n"},
        "main.go",
        "package main\nimport \"m/shop\"\nfunc main() {\n\t_, s := shop.Open()\n\ts.│\n}\n",
        ["Limit int"],
    ),
    "cpp, a pointer": (
        {"store.h": "#pragma once\nclass Base {\n public:\n  void closeAll();\n};\n"
         "class Store : public Base {\n public:\n  int limit;\n  Row* fetchRow(int key);\n};\n"},
        "app.cpp",
        '#include "store.h"\n\nvoid go(Store* s) {\n  s->│\n}\n',
        ["fetchRow(int key)", "int limit", "closeAll"],
    ),
    "c, a struct by its typedef": (
        {
            "store.h": "typedef struct store {\n  int limit;\n  char *path;\n} Store;\n\nStore *open_store(const char *path);\n"
        },
        "app.c",
        '#include "store.h"\n\nvoid go(void) {\n  Store *s = open_store("x");\n  s->│\n}\n',
        ["int limit", "char *path"],
    ),
    "c, a struct by its tag": (
        {"store.h": "struct store {\n  int limit;\n};\n"},
        "app.c",
        '#include "store.h"\n\nvoid go(struct store *s) {\n  s->│\n}\n',
        ["int limit"],
    ),
    "cpp, a class with an export macro": (
        {"store.h": "#pragma once\nclass MY_API Base {\n public:\n  void closeAll();\n};\n"
         "template <typename T>\nstruct MY_EXPORT(1) Store final : public Base {\n"
         "  MY_INLINE Row *fetchRow(int key) MY_NOEXCEPT;\n};\nMY_API Base *openBase(int key);\n"},
        "app.cpp",
        '#include "store.h"\n\nvoid go(Store<int>& s) {\n  s.│\n}\n',
        ["fetchRow(int key)", "closeAll"],
    ),
    "cpp, what a function with a macro returns": (
        {"store.h": "#pragma once\nclass MY_API Base {\n public:\n  void closeAll();\n};\n"
         "MY_API Base *openBase(int key);\n"},
        "app.cpp",
        '#include "store.h"\n\nvoid go() {\n  openBase(1)->│\n}\n',
        ["closeAll"],
    ),
    "cpp, a member that is defined outside of its class": (
        {"store.h": "#pragma once\nclass MY_API Store {\n public:\n  void closeAll();\n};\n"},
        "store.cpp",
        '#include "store.h"\n\nMY_INLINE void Store::│\n',
        ["closeAll"],
    ),
    "cpp, an enumeration": (
        {"color.hpp": "namespace paint {\nenum class Color { Crimson, Teal };\n}\n"},
        "app.cpp",
        '#include "color.hpp"\n\nvoid go() {\n  auto c = paint::Color::│\n}\n',
        ["Crimson", "Teal"],
    ),
    "csharp, a type inside of another file's part of a class": (
        {"Mapper.Rows.cs": "public static partial class Mapper {\n  public interface IRowMap { }\n}\n",
         "Mapper.cs": "public static partial class Mapper {\n  public static int Limit;\n}\n"},
        "App.cs",
        "class App : Mapper.│\n",
        ["IRowMap", "Limit"],
    ),
    "ruby, a module of many files": (
        {f"lib/shop/{name.lower()}.rb": f"module Shop\n  class {name}\n    def sell; end\n  end\nend\n"
         for name in ("Basket", "Cart", "Counter", "Desk", "Order", "Price", "Queue", "Row", "Shelf", "Till")},
        "lib/app.rb",
        "item = Shop::│\n",
        ["Basket", "Till"],
    ),
    "typescript, a barrel of barrels": (
        {"src/index.ts": "export * from './core';\nexport { one } from './one';\n",
         "src/core/index.ts": "export * from './api';\nexport * from '../index';\n",
         "src/core/api.ts": "export function fetchRow(key: string): void {}\n",
         "src/one.ts": "export const one = 1;\n"},
        "src/app.ts",
        "import * as core from './index';\n\ncore.│\n",
        ["fetchRow(key: string)", "one"],
    ),
    "rust, a glob": (
        {"Cargo.toml": "[package]\nname='m'\n", "src/lib.rs": "pub mod store;\n",
         "src/store/mod.rs": "mod rows;\npub use self::rows::*;\n",
         "src/store/rows.rs": "pub fn fetch_row(key: u8) {}\n"},
        "src/app.rs",
        "use crate::store;\n\nfn go() {\n    store::│\n}\n",
        ["fetch_row(key: u8)"],
    ),
    "php, a parameter": (
        {"src/Store.php": "<?php\nnamespace App;\nclass Store extends Base {\n"
         "  public int $limit = 1;\n  public function fetchRow(string $key): Row {}\n}\n",
         "src/Base.php": "<?php\nnamespace App;\nclass Base {\n  public function closeAll() {}\n}\n"},
        "src/App.php",
        "<?php\nnamespace App;\nuse App\\Store;\n\nfunction go(Store $s) {\n  $s->│\n}\n",
        ["fetchRow(string $key)", "limit", "closeAll"],
    ),
    "ruby, a constructor": (
        {"lib/store.rb": "class Store < Base\n  attr_reader :limit\n  def fetch_row(key)\n  end\nend\n",
         "lib/base.rb": "class Base\n  def close_all\n  end\nend\n"},
        "lib/app.rb",
        "require_relative 'store'\n\ndef go\n  s = Store.new\n  s.│\nend\n",
        ["fetch_row(key)", "limit", "close_all"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LANGUAGES)
async def test_a_language(case: str, tmp_path: Path) -> None:
    files, name, marked, wanted = LANGUAGES[case]
    told = await told_at(tmp_path, files, name, marked)
    assert [each for each in wanted if each not in told] == []


async def test_an_error_is_not_taken_for_the_value_beside_it(tmp_path: Path) -> None:
    files = {
        "go.mod": "module m\n",
        "shop/shop.go": "package shop\ntype Row struct{ Title string }\n"
        "func Open() (*Row, error) { return nil, nil }\n",
    }
    marked = 'package main\nimport "m/shop"\nfunc main() {\n\trow, err := shop.Open()\n\terr.│\n}\n'
    assert "Title string" not in await told_at(tmp_path, files, "main.go", marked)
    marked = marked.replace("err.│", "row.│")
    assert "Title string" in await told_at(tmp_path, files, "main.go", marked)


async def test_a_base_type_that_needs_itself(tmp_path: Path) -> None:
    files = {
        "src/shop.ts": "import { shelf } from './shelf'\n"
        "export interface Shop extends shelf.Inner {\n  ownField: string\n}\n",
        "src/shelf.ts": "import { Shop } from './shop'\nexport declare const shelf: Shop\n",
    }
    marked = "import { Shop } from './shop'\n\nfunction go(shop: Shop) {\n  shop.│\n}\n"
    assert "ownField: string" in await told_at(tmp_path, files, "src/app.ts", marked)


# The line at the cursor opens a block, whose lines stand below.
OPENING = {
    "python, a condition": (
        {"base.py": "class Base:\n    def fetch_row(self): ...\n"},
        "app.py",
        "from base import Base\n\nclass App(Base):\n    def one(self):\n        if self.│:\n"
        "            return 1\n        return 2\n\n    def two(self):\n        return 3\n",
    ),
    "python, a call over several lines": (
        {"base.py": "class Base:\n    def fetch_row(self): ...\n"},
        "app.py",
        "from base import Base\n\nclass App(Base):\n    def one(self):\n        run(self.│,\n"
        "            2,\n        )\n\n    def two(self):\n        return 3\n",
    ),
    "python, a function's parameters": (
        {"base.py": "class Base:\n    def fetch_row(self): ...\n"},
        "app.py",
        "from base import Base\n\nclass App(Base):\n    def fe│(self):\n        return 1\n",
    ),
    "java, a condition": (
        {"Base.java": "class Base {\n  int fetchRow() { return 1; }\n}\n"},
        "App.java",
        "class App extends Base {\n  int one() {\n    if (this.│) {\n      return 1;\n    }\n"
        "    return 2;\n  }\n  int two() { return 3; }\n}\n",
    ),
    "java, a function": (
        {"Base.java": "class Base {\n  int fetchRow() { return 1; }\n}\n"},
        "App.java",
        "class App extends Base {\n  @Override public int │\n    return 1;\n  }\n"
        "  int two() { return 3; }\n}\n",
    ),
    "typescript, another branch": (
        {"base.ts": "export class Base {\n  fetchRow() {}\n}\n"},
        "app.ts",
        "import { Base } from './base'\n\nclass App extends Base {\n  one() {\n    if (a) {\n"
        "      b()\n    } else if (this.│) {\n      c()\n    }\n  }\n  two() {}\n}\n",
    ),
    "typescript, a callback": (
        {"base.ts": "export class Base {\n  fetchRow() {}\n}\n"},
        "app.ts",
        "import { Base } from './base'\n\nclass App extends Base {\n  one() {\n"
        "    run(this.│, () => {\n      c()\n    })\n  }\n  two() {}\n}\n",
    ),
    "typescript, a function": (
        {"base.ts": "export class Base {\n  fetchRow() {}\n}\n"},
        "app.ts",
        "import { Base } from './base'\n\nclass App extends Base {\n  async fe│() {\n    a()\n"
        "    if (b) {\n      c()\n    }\n  }\n  two() {}\n}\n",
    ),
    "rust, a function": (
        {"src/base.rs": "pub trait Base {\n    fn fetch_row(&self) -> bool;\n}\n"},
        "src/main.rs",
        "mod base;\nuse base::Base;\n\nstruct App {}\n\nimpl Base for App {\n    fn │\n"
        "        let a = 1;\n        match a {\n            1 => true,\n            _ => false,\n"
        "        }\n    }\n\n    fn two(&self) {}\n}\n\nstruct Other {}\n",
    ),
    "rust, a match": (
        {"src/base.rs": "pub struct Base {\n    pub fetch_row: bool,\n}\n"},
        "src/main.rs",
        "mod base;\nuse base::Base;\n\nstruct App { base: Base }\n\nimpl App {\n"
        "    fn one(&self) {\n        match self.base.│ {\n            true => 1,\n"
        "            _ => 2,\n        }\n    }\n\n    fn two(&self) {}\n}\n",
    ),
    "go, a loop": (
        {"go.mod": "module m\n", "base/base.go": "package base\n\ntype Base struct{}\n\n"
         "func (b *Base) FetchRow() []int { return nil }\n"},
        "main.go",
        'package main\n\nimport "m/base"\n\ntype App struct{ base *base.Base }\n\n'
        "func (a *App) One() {\n\tfor _, x := range a.base.│ {\n\t\tprint(x)\n\t}\n}\n\n"
        "func Two() {}\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OPENING)
async def test_a_line_that_opens_a_block(case: str, tmp_path: Path) -> None:
    files, name, marked = OPENING[case]
    told = await told_at(tmp_path, files, name, marked)
    assert "fetchrow" in told.replace("_", "").lower()
