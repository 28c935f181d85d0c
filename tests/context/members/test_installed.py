"""Installed packages: what a receiver leads to in them, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.context.members.telling import block_at, told_at

VENV = ".venv/lib/python3.12/site-packages"
CLASS = "class Session:\n    def fetch_row(self, key: str) -> None: ...\n"
TYPES = "export declare class Session {\n  fetchRow(key: string): void;\n}\n"
PYTHON = "from acme import Session\n\nSession().│\n"
TYPESCRIPT = "import { Session } from 'acme'\n\nconst s = new Session()\ns.│\n"
PACKAGES = {
    "python": (
        {".venv/pyvenv.cfg": "", f"{VENV}/acme/__init__.py": "from acme.core import Session\n",
         f"{VENV}/acme/core.py": CLASS, ".gitignore": ".venv\n"},
        "app.py", PYTHON, "fetch_row(self, key: str)",
    ),
    "python, a stub": (
        {".venv/pyvenv.cfg": "", f"{VENV}/acme/__init__.pyi": CLASS},
        "app.py", PYTHON, "fetch_row(self, key: str)",
    ),
    "go, vendored": (
        {"go.mod": "module ex.com/m\n", "vendor/ex.com/acme/session.go":
         "package acme\n\ntype Session struct{}\n\nfunc (s *Session) FetchRow(key string) {}\n",
         ".gitignore": "vendor\n"},
        "main.go",
        'package main\n\nimport "ex.com/acme"\n\nfunc main() {\n\tvar s acme.Session\n\ts.│\n}\n',
        "FetchRow(key string)",
    ),
    "typescript, by its types": (
        {"node_modules/acme/package.json": json.dumps({"types": "./out/main.d.ts"}),
         "node_modules/acme/out/main.d.ts": "export { Session } from './session.js';\n",
         "node_modules/acme/out/session.d.ts": TYPES, ".gitignore": "node_modules\n"},
        "src/app.ts", TYPESCRIPT, "fetchRow(key: string)",
    ),
    "typescript, by its exports": (
        {"node_modules/acme/package.json": json.dumps(
            {"exports": {".": {"import": {"types": "./out/main.d.ts"}}}}),
         "node_modules/acme/out/main.d.ts": TYPES},
        "src/app.ts", TYPESCRIPT, "fetchRow(key: string)",
    ),
    "typescript, by a pattern of its exports": (
        {"node_modules/acme/package.json": json.dumps(
            {"exports": {".": "./none.js", "./*": {"types": "./out/*.d.ts"}, "./in/*": None}}),
         "node_modules/acme/out/store/main.d.ts": TYPES},
        "src/app.ts", TYPESCRIPT.replace("acme", "acme/store/main"), "fetchRow(key: string)",
    ),
    "typescript, by the longest pattern": (
        {"node_modules/acme/package.json": json.dumps(
            {"exports": {"./*": "./none/*.js", "./store/*.js": "./out/*.mjs"}}),
         "node_modules/acme/out/main.d.mts": TYPES},
        "src/app.ts", TYPESCRIPT.replace("acme", "acme/store/main.js"), "fetchRow(key: string)",
    ),
    "typescript, beside its script": (
        {"node_modules/acme/package.json": json.dumps({"exports": "./out/main.js"}),
         "node_modules/acme/out/main.d.ts": TYPES},
        "src/app.ts", TYPESCRIPT, "fetchRow(key: string)",
    ),
    "typescript, beside its main script": (
        {"node_modules/acme/package.json": json.dumps({"main": "out/main.cjs"}),
         "node_modules/acme/out/main.d.cts": TYPES},
        "src/app.ts", TYPESCRIPT, "fetchRow(key: string)",
    ),
    "typescript, from elsewhere": (
        {"node_modules/@types/acme/package.json": "{}",
         "node_modules/@types/acme/index.d.ts": TYPES},
        "src/app.ts", TYPESCRIPT, "fetchRow(key: string)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PACKAGES)
async def test_an_installed_package(case: str, tmp_path: Path) -> None:
    files, name, marked, wanted = PACKAGES[case]
    assert wanted in await told_at(tmp_path, files, name, marked)


def _link(root: Path, name: str, target: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).symlink_to(root / target, target_is_directory=True)


LINKED = {
    "packages/store/package.json": json.dumps({"types": "./dist/main.d.ts"}),
    "packages/store/src/index.ts": "export * from './session.js';\n",
    "packages/store/src/session.ts": "export function fetchRow(key: string) {}\n",
    ".gitignore": "dist\nnode_modules\n",
}
LINKING = "import * as acme from 'acme'\n\nacme.│\n"


async def test_a_package_of_the_same_workspace_is_told_by_its_sources(tmp_path: Path) -> None:
    _link(tmp_path, "node_modules/acme", "packages/store")
    block = await block_at(tmp_path, LINKED, "packages/app/src/app.ts", LINKING)
    assert [each.path for each in block.snippets] == ["packages/store/src/session.ts"]


async def test_a_linked_package_keeps_what_git_ignores(tmp_path: Path) -> None:
    _link(tmp_path, "node_modules/acme", "packages/store")
    files = {**LINKED, ".gitignore": "session.ts\n"}
    assert await told_at(tmp_path, files, "packages/app/src/app.ts", LINKING) == ""


async def test_a_package_beside_the_one_that_a_link_leads_to(tmp_path: Path) -> None:
    """As pnpm lays them out: only the link's target has its own dependencies beside it."""
    store = "node_modules/.pnpm/acme@1/node_modules"
    _link(tmp_path, "node_modules/acme", f"{store}/acme")
    files = {
        f"{store}/acme/package.json": json.dumps({"types": "./index.d.ts"}),
        f"{store}/acme/index.d.ts": "export { Session } from 'inner';\n",
        f"{store}/inner/package.json": "{}",
        f"{store}/inner/index.d.ts": TYPES,
    }
    assert "fetchRow" in await told_at(tmp_path, files, "src/app.ts", TYPESCRIPT)


async def test_what_is_kept_from_assistants_is_not_told(tmp_path: Path) -> None:
    files, name, marked, _ = PACKAGES["python"]
    told = await told_at(tmp_path, {**files, ".cursorignore": ".venv\n"}, name, marked)
    assert told == ""


async def test_an_excluded_package_is_not_told(tmp_path: Path) -> None:
    files, name, marked, _ = PACKAGES["python"]
    assert await told_at(tmp_path, files, name, marked, exclude=("site-packages",)) == ""


async def test_a_package_leads_to_no_other_file(tmp_path: Path) -> None:
    """A manifest may name anything: what is no file of a package is left out as ever."""
    manifest = json.dumps({"types": "../../hidden/session.d.ts"})
    files = {
        "node_modules/acme/package.json": manifest,
        "hidden/session.d.ts": TYPES,
        ".gitignore": "hidden\n",
    }
    assert await told_at(tmp_path, files, "src/app.ts", TYPESCRIPT) == ""


async def test_a_manifest_that_cannot_be_read_leads_nowhere(tmp_path: Path) -> None:
    files = {"node_modules/acme/package.json": "[" * 5_000, "node_modules/acme/index.d.ts": TYPES}
    assert await told_at(tmp_path, files, "src/app.ts", TYPESCRIPT) == ""
