"""Packages that are kept outside of the workspace, by Go, Cargo and Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.context.members.stores import find_stores
from tests.context.asking import write
from tests.context.members.telling import told_at

GO_MOD = (
    "module ex.com/app\n\ngo 1.24\n\nrequire ex.com/Acme/v2 v2.1.0 // indirect\n\n"
    "require (\n\tex.com/other v1.0.0\n\tex.com/forked v1.0.0\n)\n\n"
    "replace ex.com/forked => ex.com/fork v1.2.0\nreplace ex.com/local => ./local\n"
)
GO = (
    "package {}\n\ntype Session struct{{ Row Row }}\n\n"
    "func (s *Session) FetchRow(key string) {{}}\n"
)
IN_GO = 'package main\n\nimport "{}"\n\nfunc main() {{\n\tvar s {}.Session\n\ts.│\n}}\n'
LOCK = (
    '[[package]]\nname = "acme-core"\nversion = "1.2.3"\n\n'
    '[[package]]\nname = "other"\nversion = "0.1.0"\n'
)
RUST = "pub struct Session {}\nimpl Session {\n    pub fn fetch_row(&self, key: &str) {}\n}\n"
IN_RUST = "use acme_core::{};\n\nfn go(s: Session) {{\n    s.│\n}}\n"
PYTHON = "class Session:\n    def fetch_row(self, key: str) -> None: ...\n"
CASES = {
    "go": (
        {"go/pkg/mod/ex.com/!acme/v2@v2.1.0/store/s.go": GO.format("store")},
        {"go.mod": GO_MOD}, "main.go", IN_GO.format("ex.com/Acme/v2/store", "store"),
        "FetchRow(key string)", "ex.com/!acme/v2@v2.1.0/store",
    ),
    "go, a type of the same package": (
        {"go/pkg/mod/ex.com/other@v1.0.0/s.go": GO.format("other"),
         "go/pkg/mod/ex.com/other@v1.0.0/row.go":
         "package other\n\ntype Row struct{ FetchRow(key string) int }\n"},
        {"go.mod": GO_MOD}, "main.go",
        IN_GO.format("ex.com/other", "other").replace("s.│", "s.Row.│"),
        "FetchRow(key string)", "ex.com/other@v1.0.0",
    ),
    "go, a replaced module": (
        {"go/pkg/mod/ex.com/fork@v1.2.0/s.go": GO.format("forked")},
        {"go.mod": GO_MOD}, "main.go", IN_GO.format("ex.com/forked", "forked"),
        "FetchRow(key string)", "ex.com/fork@v1.2.0",
    ),
    "rust": (
        {".cargo/registry/src/index-1/acme-core-1.2.3/src/lib.rs": RUST},
        {"Cargo.lock": LOCK}, "src/main.rs", IN_RUST.format("Session"), "fetch_row(&self, key",
        "acme-core-1.2.3/src/lib.rs",
    ),
    "rust, a module that is passed on": (
        {".cargo/registry/src/index-1/acme-core-1.2.3/src/lib.rs":
         "mod inner;\npub use crate::inner::deep::Session;\n",
         ".cargo/registry/src/index-1/acme-core-1.2.3/Cargo.toml": "",
         ".cargo/registry/src/index-1/acme-core-1.2.3/src/inner/mod.rs": "pub mod deep;\n",
         ".cargo/registry/src/index-1/acme-core-1.2.3/src/inner/deep.rs": RUST},
        {"Cargo.lock": LOCK}, "src/main.rs", IN_RUST.format("Session"), "fetch_row(&self, key",
        "acme-core-1.2.3/src/inner/deep.rs",
    ),
    "python": (
        {"env/lib/python3.12/site-packages/acme/__init__.py": "from .core import Session\n",
         "env/lib/python3.12/site-packages/acme/core.py": PYTHON},
        {}, "app.py", "from acme import Session\n\nSession().│\n", "fetch_row(self, key",
        "acme/core.py",
    ),
}  # fmt: skip


def _environ(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "VIRTUAL_ENV": str(home / "env")}


@pytest.mark.parametrize("case", CASES)
async def test_a_package_of_a_store(case: str, tmp_path: Path) -> None:
    kept, files, name, marked, wanted, path = CASES[case]
    write(tmp_path / "home", kept)
    stores = find_stores(_environ(tmp_path / "home"))
    told = await told_at(tmp_path / "work", files, name, marked, stores=stores)
    assert wanted in told
    assert told.startswith(path)


@pytest.mark.parametrize("case", CASES)
async def test_a_store_is_not_looked_into_otherwise(case: str, tmp_path: Path) -> None:
    """Only what an import of the workspace leads to, in the version that it asks for."""
    kept, _, name, marked, _, _ = CASES[case]
    write(tmp_path / "home", kept)
    stores = find_stores({"HOME": str(tmp_path / "home")})
    marked = marked.replace("acme import", "other import")
    assert await told_at(tmp_path / "work", {}, name, marked, stores=stores) == ""


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("by", ["an ignore file", "a setting", "a link"])
async def test_what_is_kept_back_in_a_store(case: str, by: str, tmp_path: Path) -> None:
    kept, files, name, marked, wanted, _ = CASES[case]
    home, work, exclude = tmp_path / "home", tmp_path / "work", ()
    if by == "a link":
        write(tmp_path / "elsewhere", {str(n): text for n, text in enumerate(kept.values())})
        for at, each in enumerate(kept):
            (home / each).parent.mkdir(parents=True, exist_ok=True)
            (home / each).symlink_to(tmp_path / "elsewhere" / str(at))
    else:
        write(home, kept)
    if by == "an ignore file":
        for each in kept:
            write((home / each).parent, {".aiignore": "*\n"})
    if by == "a setting":
        exclude = ("home",)
    stores = find_stores(_environ(home))
    told = await told_at(work, files, name, marked, stores=stores, exclude=exclude)
    assert wanted not in told


async def test_a_module_in_a_folder_of_the_workspace(tmp_path: Path) -> None:
    files = {"go.mod": GO_MOD, "local/s.go": GO.format("local")}
    marked = IN_GO.format("ex.com/local", "local")
    assert "FetchRow" in await told_at(tmp_path / "shown", files, "main.go", marked)
    ignored = {**files, ".gitignore": "local\n"}
    assert "FetchRow" not in await told_at(tmp_path / "kept", ignored, "main.go", marked)


async def test_a_module_file_leads_to_no_other_folder(tmp_path: Path) -> None:
    write(tmp_path / "outside", {"s.go": GO.format("local")})
    files = {"go.mod": GO_MOD.replace("./local", "../outside")}
    marked = IN_GO.format("ex.com/local", "local")
    assert await told_at(tmp_path / "work", files, "main.go", marked) == ""


def test_an_environment_without_stores() -> None:
    assert not any(find_stores({"HOME": "/nowhere", "GOMODCACHE": "relative"}).values())
