"""Definitions of what a file imports, found in the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.context.base import ContextQuery
from devstral_lsp.context.imported_definitions import (
    IMPORTED,
    NEAR_AND_IMPORTED,
    NEAR_ELSEWHERE,
    NEAR_IN_OWN_FILE,
    Imports,
)
from tests.context.asking import query_at, snapshot_of, write

CLIENT = 'class Client:\n    """Talks."""\n    def send(self, x: int) -> str:\n        return ""\n'
CLIENT_SHOWN = 'class Client:\n    """Talks."""\n    def send(self, x: int) -> str: ...'


async def found(query: ContextQuery) -> list[tuple[str, str]]:
    return [(each.path, each.text) for each in await Imports().snippets(query)]


LANGUAGES = {
    "python, absolute": (
        {"pkg/client.py": CLIENT + "def unrelated(): pass\n"},
        "app.py",
        "from pkg.client import Client\n\nc = Client()\n│\n",
        [("pkg/client.py", CLIENT_SHOWN)],
    ),
    "python, relative": (
        {"pkg/client.py": CLIENT},
        "pkg/sub/app.py",
        "from ..client import Client\n│\n",
        [("pkg/client.py", CLIENT_SHOWN)],
    ),
    "python, src folder": (
        {"src/pkg/client.py": CLIENT},
        "tests/test_client.py",
        "from pkg.client import Client\n│\n",
        [("src/pkg/client.py", CLIENT_SHOWN)],
    ),
    "python, passed on by the package": (
        {"pkg/client.py": CLIENT, "pkg/__init__.py": "from .client import Client\n"},
        "app.py",
        "from pkg import Client\n│\n",
        [("pkg/client.py", CLIENT_SHOWN)],
    ),
    "python, a module": (
        {"pkg/client.py": CLIENT, "pkg/__init__.py": ""},
        "app.py",
        "from pkg import client\n\nc = client.Client()\n│\n",
        [("pkg/client.py", CLIENT_SHOWN)],
    ),
    "typescript": (
        {"src/a.ts": "export class A { go(x: number): void {} }\nexport function far() {}\n"},
        "src/b.ts",
        "import { A } from './a';\n\nconst a = new A();\n│\n",
        [("src/a.ts", "export class A {\n    go(x: number): void\n}")],
    ),
    "typescript, written as .js, passed on by an index": (
        {
            "src/lib/a.ts": "export function load(x: number) {}\n",
            "src/lib/index.ts": "export * from './a.js';\n",
        },
        "src/b.tsx",
        "import { load } from '@/lib';\n│\n",
        [("src/lib/a.ts", "export function load(x: number)")],
    ),
    "go": (
        {
            "go.mod": "module ex.com/m\n",
            "store/store.go": "package store\n// Open opens.\nfunc Open(p string) error {}\n",
            "store/store_test.go": "package store\nfunc OpenTest() {}\n",
        },
        "cmd/main.go",
        'package main\nimport "ex.com/m/store"\n\nfunc main() {\n\tstore.Open("x")\n│\n}\n',
        [("store/store.go", "// Open opens.\nfunc Open(p string) error")],
    ),
    "go, the same package": (
        {
            "store/a.go": "package store\nfunc openFile(p string) error { return nil }\n",
            "store/b.go": "package store\nfunc openFile(before int) { }\n",
        },
        "store/b.go",
        'package store\n\nfunc f() {\n\topenFile("x")\n│\n}\n',
        [("store/a.go", "func openFile(p string) error")],
    ),
    "rust": (
        {
            "Cargo.toml": "",
            "src/inner.rs": "pub struct Foo;\npub fn make(x: u8) -> Foo { Foo }\n",
        },
        "src/lib.rs",
        "mod inner;\nuse crate::inner::make;\n\nfn f() {\n    let x = make(1);\n│\n}\n",
        [("src/inner.rs", "pub fn make(x: u8) -> Foo")],
    ),
    "rust, a module of a module": (
        {
            "Cargo.toml": "",
            "src/net/client.rs": "pub fn send(x: u8) -> Foo { Foo }\n",
            "src/client.rs": "pub fn send(wrong: u8) {}\n",
        },
        "src/net.rs",
        "mod client;\n\nfn f() {\n    client::send(1);\n│\n}\n",
        [("src/net/client.rs", "pub fn send(x: u8) -> Foo")],
    ),
    "rust, a module beside its folder's own": (
        {"Cargo.toml": "", "src/net/client.rs": "pub fn send(x: u8) -> Foo { Foo }\n"},
        "src/net/mod.rs",
        "mod client;\n\nfn f() {\n    client::send(1);\n│\n}\n",
        [("src/net/client.rs", "pub fn send(x: u8) -> Foo")],
    ),
    "java": (
        {"src/main/java/com/x/Bar.java": "package com.x;\nclass Bar { int go(String s) { } }\n"},
        "src/main/java/com/y/Z.java",
        "package com.y;\nimport com.x.Bar;\nclass Z {\n│\n}\n",
        [("src/main/java/com/x/Bar.java", "class Bar {\n    int go(String s)\n}")],
    ),
    "c": (
        {"include/store.h": "int store_open(const char *path);\nint far(void);\n"},
        "src/main.c",
        '#include "store.h"\n\nint main(void) {\n  store_open("x");\n│\n}\n',
        [("include/store.h", "int store_open(const char *path);")],
    ),
    "ruby": (
        {"lib/store.rb": "class Store\n  def put(a)\n  end\nend\n"},
        "lib/app.rb",
        "require_relative 'store'\n\ns = Store.new\n│\n",
        [("lib/store.rb", "class Store\n    def put(a)\nend")],
    ),
    "php": (
        {"src/Foo/Bar.php": "<?php\nclass Bar { function go($a) { } }\n"},
        "src/App.php",
        "<?php\nuse App\\Foo\\Bar;\n$b = new Bar();\n│\n",
        [("src/Foo/Bar.php", "class Bar {\n    function go($a)\n}")],
    ),
    "lua": (
        {"lua/store/init.lua": "local M = {}\nfunction M.open(path) end\nreturn M\n"},
        "lua/app.lua",
        "local store = require('store')\nstore.open('x')\n│\n",
        [("lua/store/init.lua", "function M.open(path)")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LANGUAGES)
async def test_an_import_leads_to_its_definition(tmp_path: Path, case: str) -> None:
    files, name, marked, expected = LANGUAGES[case]
    write(tmp_path, files)
    query = query_at(tmp_path / name, marked, folders=(tmp_path,))
    assert await found(query) == expected


async def test_an_open_document_is_believed_before_its_file(tmp_path: Path) -> None:
    write(tmp_path, {"client.py": "def send(old): pass\n"})
    opened = snapshot_of(tmp_path / "client.py", "def send(new): pass\n")
    query = query_at(
        tmp_path / "app.py", "from client import send\n│\n", folders=(tmp_path,), others=(opened,)
    )
    assert await found(query) == [("client.py", "def send(new): ...")]


async def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    source = Imports()
    write(tmp_path, {"client.py": "def send(old): pass\n"})
    marked = "from client import send\n│\n"
    await source.snippets(query_at(tmp_path / "app.py", marked, folders=(tmp_path,)))
    write(tmp_path, {"client.py": "def send(newer): pass\n"})
    query = query_at(tmp_path / "app.py", marked + "\n", folders=(tmp_path,))
    assert [each.text for each in await source.snippets(query)] == ["def send(newer): ..."]


async def test_modules_that_pass_on_each_other_come_to_an_end(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "from b import Thing\n", "b.py": "from a import Thing\n"})
    query = query_at(tmp_path / "app.py", "from a import Thing\n│\n", folders=(tmp_path,))
    assert await found(query) == []


async def test_names_near_the_cursor_count_for_more(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def near_by(): pass\ndef far_off(): pass\ndef unused(): pass\n"})
    opened = snapshot_of(tmp_path / "z.py", "def elsewhere(): pass\n")
    own = "def in_own_file(): pass\n"
    marked = f"from a import near_by, far_off\n{own}" + "\n" * 150
    marked += "near_by(in_own_file, elsewhere)\n│\n"
    query = query_at(tmp_path / "app.py", marked, folders=(tmp_path,), others=(opened,))
    scores = {each.text: each.score for each in await Imports().snippets(query)}
    assert scores == {
        "def near_by(): ...": NEAR_AND_IMPORTED,
        "def in_own_file(): ...": NEAR_IN_OWN_FILE,
        "def far_off(): ...": IMPORTED,
        "def elsewhere(): ...": NEAR_ELSEWHERE,
    }


async def test_what_stands_around_the_cursor_is_not_repeated(tmp_path: Path) -> None:
    query = query_at(tmp_path / "app.py", "def near_by(): pass\n\nnear_by()\n│\n")
    assert await found(query) == []


async def test_neither_secrets_nor_ignored_nor_foreign_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "w/.gitignore": "generated.py\n",
            "w/generated.py": "def made(): pass\n",
            "w/secrets.py": "KEY = 'hunter2'\n",
            "elsewhere/private.py": "def foreign(): pass\n",
        },
    )
    (tmp_path / "w/link.py").symlink_to(tmp_path / "elsewhere/private.py")
    imports = (
        "from generated import made\nfrom secrets import KEY\nfrom link import foreign\n"
        "from ...elsewhere.private import foreign\n"
    )
    query = query_at(tmp_path / "w/pkg/app.py", f"{imports}│\n", folders=(tmp_path / "w",))
    assert await found(query) == []


async def test_a_language_without_a_grammar_has_none(tmp_path: Path) -> None:
    assert await found(query_at(tmp_path / "a.txt", "import b\n│\n")) == []


async def test_a_document_that_was_never_saved(tmp_path: Path) -> None:
    query = query_at(tmp_path / "a.py", "from b import c\n│\n")
    unsaved = ContextQuery(
        snapshot=type(query.snapshot)("untitled:1", 1, "python", query.snapshot.text),
        offset=query.offset,
        folders=(tmp_path,),
    )
    assert await found(unsaved) == []
