"""What is told beside members: calls, literals, what is to be implemented, what is imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.context.members.source import Members
from tests.context.asking import query_at, snapshot_of, write
from tests.context.members.telling import PATIENT_MS, block_at, told_at

SHOP = (
    "from dataclasses import dataclass\n\n\n@dataclass\nclass Options:\n    retries: int = 3\n"
    "    timeout_s: float = 1.0\n\n\n"
    "class Handler:\n    def on_open(self, path: str) -> None: ...\n"
    "    def on_close(self) -> None: ...\n\n\nclass Client:\n"
    "    def __init__(self, base_url: str, *, verify: bool = True) -> None: ...\n\n"
    "    def send(self, request: str, *, stream: bool = False) -> None: ...\n\n\n"
    "def connect(host: str, port: int = 80) -> Client: ...\n\n\n"
    "class Till:\n    @property\n    def drawer(self) -> int: ...\n\n"
    "    def refund(self, amount: int) -> None: ...\n"
)
PLACES = {
    "a function": ("from shop import connect\n\nconnect(│\n", ["host: str, port: int = 80"]),
    "a method": (
        "from shop import Client\n\ndef go(c: Client):\n    c.send('x', │\n",
        ["request: str, *, stream: bool = False"],
    ),
    "a constructor": ("from shop import Client\n\nClient('x', │\n", ["base_url: str, *, verify"]),
    "a dataclass": (
        "from shop import Options\n\nOptions(│\n",
        ["retries: int", "timeout_s: float"],
    ),
    "a method to override": (
        "from shop import Handler\n\nclass Mine(Handler):\n    def on_open(self, path): ...\n\n"
        "    def │\n",
        ["on_close"],
    ),
    "a method below a property": (
        "from shop import Till\n\nTill().refund(│\n",
        ["def refund(self, amount: int)"],
    ),
    "another name of a function": (
        "from shop import connect\n\ndef go():\n    link = connect\n    link(│\n",
        ["host: str, port: int = 80"],
    ),
    "an import": ("from shop import │\n", ["connect", "Client", "Options"]),
}


@pytest.mark.parametrize("case", PLACES)
async def test_python(case: str, tmp_path: Path) -> None:
    marked, wanted = PLACES[case]
    told = await told_at(tmp_path, {"shop.py": SHOP}, "app.py", marked)
    assert [each for each in wanted if each not in told] == []


async def test_what_is_overridden_already_is_not_told(tmp_path: Path) -> None:
    marked, _ = PLACES["a method to override"]
    assert "on_open" not in await told_at(tmp_path, {"shop.py": SHOP}, "app.py", marked)


TYPES_TS = (
    "export interface Options {\n  retries: number\n  onClose?: () => void\n}\n"
    "export function connect(host: string, options: Options): void {}\n"
    "export interface Handler {\n  handleOpen(path: string): void\n}\n"
)
TYPESCRIPT = {
    "an argument that is a literal": (
        "import { connect } from './types'\n\nconnect('x', {\n  │\n})\n",
        ["retries: number", "onClose"],
    ),
    "what a function returns": (
        "import { Options } from './types'\n\nfunction make(): Options {\n  return {\n│\n  }\n}\n",
        ["retries"],
    ),
    "a literal by its keys": ("go({\n  onClose: f,\n  │\n})\n", ["retries"]),
    "an interface": (
        "import { Handler } from './types'\n\nclass Mine implements Handler {\n  │\n}\n",
        ["handleOpen(path: string)"],
    ),
}


@pytest.mark.parametrize("case", TYPESCRIPT)
async def test_typescript(case: str, tmp_path: Path) -> None:
    marked, wanted = TYPESCRIPT[case]
    told = await told_at(tmp_path, {"src/types.ts": TYPES_TS}, "src/app.ts", marked)
    assert [each for each in wanted if each not in told] == []


async def test_a_large_class_is_told_within_the_budget(tmp_path: Path) -> None:
    """What others use most, and what begins as is typed, come first."""
    methods = "".join(f"    def method_{n}(self, value: int) -> int: ...\n" for n in range(200))
    files = {
        "big.py": f"class Big:\n{methods}    def zebra(self): ...\n    def quagga(self): ...\n",
        "user.py": "def go(b):\n    b.quagga()\n",
    }
    marked = "from big import Big\n\ndef go(b: Big):\n    b.ze│\n"
    block = await block_at(tmp_path, files, "app.py", marked, budget_characters=1_000)
    text = "\n".join(each.text for each in block.snippets)
    assert "def zebra(self)" in text
    assert "quagga" in text
    assert block.size <= 1_000


@pytest.mark.parametrize("case", PLACES)
@pytest.mark.parametrize("budget", [0, 120, 400])
async def test_a_small_budget_is_kept(case: str, budget: int, tmp_path: Path) -> None:
    marked, _ = PLACES[case]
    files = {"shop.py": SHOP}
    block = await block_at(tmp_path, files, "app.py", marked, budget_characters=budget)
    assert block.size <= budget


async def test_documents_that_are_open_go_before_the_disk(tmp_path: Path) -> None:
    write(tmp_path, {"store.py": "class Store:\n    def old(self): ...\n"})
    opened = snapshot_of(tmp_path / "store.py", "class Store:\n    def renamed(self): ...\n")
    marked = "from store import Store\n\nStore().│\n"
    told = await told_at(tmp_path, {}, "app.py", marked, others=(opened,))
    assert "renamed" in told
    assert "old" not in told


async def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, {"store.py": "class Store:\n    def first(self): ...\n"})
    members = Members()
    marked = "from store import Store\n\nStore().│\n"
    query = query_at(tmp_path / "app.py", marked, folders=(tmp_path,))
    before = await members.block(query, PATIENT_MS)
    write(tmp_path, {"store.py": "class Store:\n    def second_one(self): ...\n"})
    members.forget(query.snapshot.uri)
    after = await members.block(query, PATIENT_MS)
    await members.close()
    assert "first" in before.snippets[0].text
    assert "second_one" in after.snippets[0].text


CALLED = {
    "python": (
        {
            "shop.py": 'def connect(host):\n    """Opens a line to the host."""\n',
            "user.py": "import shop\n\ndef go():\n    line = shop.connect(\n        HOST,\n    )\n",
        },
        "app.py",
        "from shop import connect\n\nconnect(│\n",
        ["# Opens a line to the host.", "line = shop.connect(\n    HOST,\n)"],
    ),
    "go": (
        {
            "shop.go": "package m\n\n// Connect opens a line.\nfunc Connect(host string) {}\n",
            "user.go": "package m\n\nfunc user() {\n\tConnect(HOST)\n}\n",
        },
        "app.go",
        "package m\n\nfunc app() {\n\tConnect(│\n}\n",
        ["// Connect opens a line.", "Connect(HOST)"],
    ),
}


@pytest.mark.parametrize("case", CALLED)
async def test_documentation_and_calls_elsewhere(case: str, tmp_path: Path) -> None:
    files, name, marked, wanted = CALLED[case]
    told = await told_at(tmp_path, files, name, marked)
    assert [each for each in wanted if each not in told] == []


async def test_what_becomes_of_each_piece_is_recorded(tmp_path: Path) -> None:
    methods = "".join(f"    def method_{at}(self): ...\n" for at in range(80))
    files = {
        "store.py": f"class Store:\n{methods}",
        "rows.py": "class Rows:\n    def all(self): ...",
    }
    marked = (
        "from rows import Rows\nfrom store import Store\ndef load(store: Store, rows: Rows):\n"
        "    return rows.all(store.│)\n"
    )
    block = await block_at(tmp_path, files, "app.py", marked, budget_characters=900)
    kept = [each for each in block.choices if not each.left_out]
    assert [each.snippet for each in kept] == list(block.snippets)
    assert kept[0].reason == "the value before the dot, as many of its names as fit"
    assert all(each.reason for each in block.choices)
    assert {each.left_out for each in block.choices} <= {"", "no room is left"}


MOVIES = (
    "from typing import TypedDict\n\n\nclass Base(TypedDict):\n    release_year: int\n\n\n"
    "class Movie(Base, total=False):\n    main_actor: str\n\n\n"
    "class Row:\n    secret_field: int\n\n    def __getitem__(self, key: str) -> int: ...\n"
)
KEYS = {
    "a key that is read": 'def go(m: Movie):\n    print(m["│\n',
    "a key of an element": "def go(all: list[Movie]):\n    for m in all:\n        m['ma│']\n",
    "a key of a literal": 'm: Movie = {"│\n',
    "another key of a literal": 'm: Movie = {"main_actor": "a, b", "│"}\n',
    "a key on a line of its own": 'm: Movie = {\n    "main_actor": "x",\n    "│\n}\n',
    "a key that is returned": 'def go() -> Movie:\n    return {"│\n',
    "a key of an argument": 'def go(m: Movie): ...\n\nshow({"│\n',
}


@pytest.mark.parametrize("case", KEYS)
async def test_the_keys_of_a_typed_dict(case: str, tmp_path: Path) -> None:
    files = {"movies.py": MOVIES, "shows.py": "from movies import Movie\ndef show(m: Movie): ...\n"}
    marked = f"from movies import Movie\nfrom shows import show\n\n{KEYS[case]}"
    told = await told_at(tmp_path, files, "app.py", marked)
    assert "main_actor: str" in told
    assert "release_year: int" in told


async def test_a_subscript_of_another_type_needs_no_fields(tmp_path: Path) -> None:
    marked = 'from movies import Row\n\ndef go(row: Row):\n    row["│\n'
    assert "secret_field" not in await told_at(tmp_path, {"movies.py": MOVIES}, "app.py", marked)


BUTTONS = (
    "import * as React from 'react'\n\n"
    "export interface Props {\n  variantName: string\n  onPressed?: () => void\n}\n"
    "export function Plain(props: Props) {\n  return <b />\n}\n"
    "export function Taken({ variantName, onPressed }: Props) {\n  return <b />\n}\n"
    "export const Arrow = ({ variantName }: Props) => <b />\n"
    "export const Typed: React.FC<Props> = (props) => <b />\n"
    "export const Forwarded = React.forwardRef<HTMLButtonElement, Props>((props, ref) => <b />)\n"
    "export const Wrapped = React.memo(Plain)\n"
    "export class Old extends React.Component<Props, {}> {\n  render() {}\n}\n"
)
ATTRIBUTES = {
    "a function": "<Plain │",
    "a name that is typed": "<Plain onP│",
    "another attribute": "<Plain variantName={a > 1 ? 'x' : f({})} │",
    "an attribute on a line of its own": '<Plain\n    variantName="a"\n    │',
    "parts of its argument": "<Taken │",
    "an arrow function": "<Arrow │",
    "a typed constant": "<Typed │",
    "a reference that is passed on": "<Forwarded │",
    "one that is wrapped": "<Wrapped │",
    "a class": "<Old │",
    "a namespace": "<Buttons.Plain │",
    "one with an end": "<Plain │ />",
}


@pytest.mark.parametrize("case", ATTRIBUTES)
async def test_the_attributes_of_a_component(case: str, tmp_path: Path) -> None:
    names = "Plain, Taken, Arrow, Typed, Forwarded, Wrapped, Old"
    marked = (
        f"import {{ {names} }} from './buttons'\nimport * as Buttons from './buttons'\n\n"
        f"export function App() {{\n  return {ATTRIBUTES[case]}\n}}\n"
    )
    told = await told_at(tmp_path, {"src/buttons.tsx": BUTTONS}, "src/app.tsx", marked)
    assert "onPressed" in told


TAKEN = {
    "a value": "const { │ } = options\n",
    "another name": "const { retries, │ } = options\n",
    "a result": "const { │ } = load()\n",
    "an awaited result": "let {\n  retries,\n  │\n} = await load()\n",
    "a parameter": "function go({ │ }: Options) {}\n",
    "a parameter of a callback": "const go = ({ retries, │ }: Options) => 1\n",
}


@pytest.mark.parametrize("case", TAKEN)
async def test_the_fields_that_are_taken_out_of_a_value(case: str, tmp_path: Path) -> None:
    files = {"src/types.ts": f"{TYPES_TS}export async function load(): Promise<Options> {{}}\n"}
    marked = (
        "import { Options, load } from './types'\n\n"
        f"export async function all(options: Options) {{\n{TAKEN[case]}}}\n"
    )
    assert "onClose" in await told_at(tmp_path, files, "src/app.ts", marked)
