"""Modules that a project maps itself: in `tsconfig.json`, or `imports` of `package.json`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.context.asking import write
from tests.context.members.telling import told_at

SESSION = "export function fetchRow(key: string) {}\n"
COMMENTED = """{
  // of the build
  "compilerOptions": {
    "baseUrl": ".", /* "paths": {}, */
    "paths": { "@lib/*": ["./none/*", "./src/lib/*"], }, // "a//b"
  },
}
"""


def _paths(**options: object) -> str:
    return json.dumps({"compilerOptions": options})


MAPPED = {
    "with a star": (
        {"tsconfig.json": _paths(paths={"@lib/*": ["./src/lib/*"]}), "src/lib/session.ts": SESSION},
        "@lib/session",
    ),
    "an index": (
        {"tsconfig.json": _paths(paths={"@lib/*": ["src/lib/*"]}),
         "src/lib/store/index.ts": SESSION},
        "@lib/store",
    ),
    "without a star": (
        {"tsconfig.json": _paths(paths={"store": ["./packages/store/main.ts"]}),
         "packages/store/main.ts": SESSION},
        "store",
    ),
    "the longest rule": (
        {"tsconfig.json": _paths(paths={"@/*": ["./a/*"], "@/lib/*": ["./b/*"]}),
         "b/session.ts": SESSION, "a/lib/session.ts": "export const none = 1\n"},
        "@/lib/session",
    ),
    "from a base folder": (
        {"tsconfig.json": _paths(baseUrl="src", paths={"~/*": ["lib/*"]}),
         "src/lib/session.ts": SESSION},
        "~/session",
    ),
    "in a base folder": (
        {"tsconfig.json": _paths(baseUrl="./src"), "src/lib/session.ts": SESSION},
        "lib/session",
    ),
    "with comments and commas": (
        {"tsconfig.json": COMMENTED, "src/lib/session.ts": SESSION},
        "@lib/session",
    ),
    "of JavaScript": (
        {"jsconfig.json": _paths(paths={"@lib/*": ["./src/lib/*"]}),
         "src/lib/session.ts": SESSION},
        "@lib/session",
    ),
    "from another configuration": (
        {"tsconfig.json": json.dumps({"extends": "./conf/base"}),
         "conf/base.json": _paths(paths={"@lib/*": ["../src/lib/*"]}),
         "src/lib/session.ts": SESSION},
        "@lib/session",
    ),
    "from one of several": (
        {"tsconfig.json": json.dumps({"references": [{"path": "./tsconfig.app.json"}]}),
         "tsconfig.app.json": _paths(paths={"@lib/*": ["./src/lib/*"]}),
         "src/lib/session.ts": SESSION},
        "@lib/session",
    ),
    "of a package": (
        {"package.json": json.dumps(
            {"imports": {"#lib/*": {"types": "./out/*.d.ts", "default": "./src/lib/*.js"}}}),
         "src/lib/session.ts": SESSION},
        "#lib/session",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MAPPED)
async def test_a_module_is_found(case: str, tmp_path: Path) -> None:
    files, module = MAPPED[case]
    marked = f"import * as all from '{module}'\n\nall.│\n"
    assert "fetchRow(key" in await told_at(tmp_path, files, "src/deep/app.ts", marked)


UNUSABLE = {
    "itself": '{"extends": "./tsconfig.json"}',
    "no object": "[1]",
    "not JSON": '{"compilerOptions": {',
    "other types": '{"extends": 3, "references": {"path": 1}, "compilerOptions": {"paths": [1]}}',
    "other targets": '{"compilerOptions": {"baseUrl": 1, "paths": {"@lib/*": 3, "b": [4]}}}',
    "deep": "[" * 30_000,
    "out of the folder": '{"compilerOptions": {"paths": {"@lib/*": ["../outside/*"]}}}',
}


@pytest.mark.parametrize("case", UNUSABLE)
async def test_what_cannot_be_used_leads_nowhere(case: str, tmp_path: Path) -> None:
    write(tmp_path / "outside", {"session.ts": SESSION})
    files = {"tsconfig.json": UNUSABLE[case], "src/own.ts": "export class Own { ownPart = 1 }\n"}
    marked = (
        "import * as all from '@lib/session'\nimport { Own } from './own'\n\n"
        "function go(own: Own) {\n  {}│\n}\n"
    )
    folder = tmp_path / "inside"
    told = await told_at(folder, files, "src/app.ts", marked.replace("{}", "all."))
    assert "fetchRow" not in told
    assert "ownPart" in await told_at(folder, files, "src/app.ts", marked.replace("{}", "own."))


async def test_a_rule_leads_to_no_ignored_file(tmp_path: Path) -> None:
    files, module = MAPPED["with a star"]
    marked = f"import * as all from '{module}'\n\nall.│\n"
    ignored = {**files, ".gitignore": "lib\n"}
    assert "fetchRow" not in await told_at(tmp_path, ignored, "src/deep/app.ts", marked)
