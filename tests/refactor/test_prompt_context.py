"""What the model is told beside the code, gathered from real folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstral_lsp.config.schema import ContextSettings
from devstral_lsp.context.provider import ContextProvider
from devstral_lsp.refactor.prompt_context import PromptContextBuilder
from devstral_lsp.refactor.types import LanguageVersion, PromptContext
from devstral_lsp.text import Snapshot, Span, Text
from tests.refactor.test_images import PNG, uri

CODE = """\
from prices import price_of


def total(items):
    return sum(map(price_of, items))
"""


async def gathered(
    folder: Path,
    file: Path,
    text: str,
    language: str,
    *,
    sees: bool = False,
    share: float = 1.0,
    enabled: bool = True,
) -> PromptContext:
    surroundings = ContextProvider(ContextSettings(enabled=enabled))
    surroundings.watch_folders([folder])
    snapshot = Snapshot(file.as_uri(), 1, language, Text.of(text))
    surroundings.changed(snapshot)
    materials = PromptContextBuilder(surroundings, 1000)
    try:
        home = await materials.locate(snapshot)
        span = Span(text.index("return"), len(text) - 1) if "return" in text else Span(0, 1)
        return await materials.gather(snapshot, span, home, sees=sees, share=share)
    finally:
        await surroundings.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "prices.py").write_text("def price_of(item): return 1\n")
    (tmp_path / "shop" / "secrets.py").write_text("def price_of(item): return 'sekret'\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.11"\n')
    (tmp_path / "AGENTS.md").write_text("Short names.\n")
    return tmp_path


async def test_all_kinds_of_it(folder: Path) -> None:
    material = await gathered(folder, folder / "shop" / "cart.py", CODE, "python")
    assert material.path == "shop/cart.py"
    assert material.scope is not None
    assert CODE[material.scope.start : material.scope.end] == CODE[CODE.index("def") : -1]
    assert material.imports == "from prices import price_of"
    assert material.snippets == {"shop/prices.py": "def price_of(item): ..."}
    assert material.versions == (LanguageVersion("Python", ">=3.11", "pyproject.toml"),)
    assert material.conventions == "Short names."


async def test_less_where_all_of_it_was_too_much(folder: Path) -> None:
    material = await gathered(folder, folder / "shop" / "cart.py", CODE, "python", share=0.25)
    assert material.conventions == ""
    assert material.scope is not None
    assert CODE[material.scope.start :].startswith("return")


async def test_the_document_alone_where_context_stays_on_the_machine(folder: Path) -> None:
    file = folder / "shop" / "cart.py"
    material = await gathered(folder, file, CODE, "python", enabled=False)
    assert (material.path, material.snippets, material.versions) == ("", {}, ())
    assert (material.conventions, material.imports) == ("", "from prices import price_of")


async def test_images_go_to_models_that_see(folder: Path) -> None:
    (folder / "a.png").write_bytes(PNG)
    file = folder / "README.md"
    material = await gathered(folder, file, "![a](a.png)", "markdown", sees=True)
    assert material.images == (uri("png", PNG),)
    assert (await gathered(folder, file, "![a](a.png)", "markdown")).images == ()


async def test_a_source_that_fails_fails_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("devstral_lsp.refactor.prompt_context.detect_versions", fail)
    material = await gathered(folder, folder / "shop" / "cart.py", CODE, "python")
    assert material.versions == ()
    assert material.snippets != {}


async def test_a_document_that_was_never_saved_has_no_folder() -> None:
    surroundings = ContextProvider(ContextSettings())
    materials = PromptContextBuilder(surroundings, 1000)
    snapshot = Snapshot("untitled:Untitled-1", 1, "python", Text.of(CODE))
    home = await materials.locate(snapshot)
    assert (home.path, home.root, home.has("a.py")) == ("untitled.py", None, False)
    material = await materials.gather(snapshot, Span(0, 4), home, sees=True)
    assert (material.versions, material.conventions) == ((), "")
    await surroundings.close()


async def test_an_errand_may_ask_what_there_is_in_its_folder_only(folder: Path) -> None:
    (folder.parent / "outside.py").touch()
    surroundings = ContextProvider(ContextSettings())
    surroundings.watch_folders([folder])
    snapshot = Snapshot((folder / "a.py").as_uri(), 1, "python", Text.of(""))
    home = await PromptContextBuilder(surroundings, 0).locate(snapshot)
    assert home.has("shop/prices.py")
    assert home.has("shop")
    nowhere = ("missing.py", "../outside.py", "/etc/passwd", "\0", "x" * 5000)
    assert not any(map(home.has, nowhere))
    await surroundings.close()


async def test_what_hides_text_is_left_out(folder: Path) -> None:
    (folder / "shop" / "prices.py").write_text(
        "def price_of(item='\U000e0049'): return 1\n", encoding="utf-8"
    )
    (folder / "AGENTS.md").write_text("Short names.\u202e\n", encoding="utf-8")
    material = await gathered(folder, folder / "shop" / "cart.py", CODE, "python")
    assert material.snippets == {}
    assert material.conventions == ""
