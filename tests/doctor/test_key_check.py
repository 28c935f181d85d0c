"""A key that was just set: accepted or not, and which models it reaches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from devstral_lsp.cli.settings import load_settings
from devstral_lsp.doctor.key_check import KeyCheck, check_key
from tests.support.answers import failure
from tests.support.fake_mistral import KEY, MODELS, FakeMistral


async def checked(
    folder: Path, environ: Mapping[str, str], key: str | None = None, host: str = ""
) -> KeyCheck:
    """With `key` in the editor, for every host."""
    user_file = folder / "config.toml"
    user_file.touch()
    own = {"DEVSTRAL_CONFIG": str(user_file), "DEVSTRAL_CACHE": str(folder / "cache"), **environ}
    resolved = load_settings(folder, own)
    return await check_key(resolved, own, editor_keys=lambda _: key, host=host)


def at(fake: FakeMistral) -> dict[str, str]:
    return {f"DEVSTRAL_{each}_BASE_URL": fake.url for each in ("FIM", "CHAT")}


async def test_an_accepted_key_is_told_with_its_models(tmp_path: Path) -> None:
    models = {**MODELS, "mistral-medium-latest": False}
    async with FakeMistral(strict=False, models=models) as fake:
        found = await checked(tmp_path, at(fake), KEY, fake.url)
        assert found == KeyCheck(
            ok=True,
            message=f"{fake.url} accepts the key: codestral-latest completes, "
            "mistral-medium-latest refactors.",
        )


async def test_a_refused_key_is_told_and_not_shown(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake:
        found = await checked(tmp_path, at(fake), "wrong-key", fake.url)
    assert not found.ok
    assert "key" in found.message
    assert "wrong-key" not in found.message


async def test_an_empty_account_is_told(tmp_path: Path) -> None:
    answer = failure(402, {"detail": "Payment required"})
    async with FakeMistral(lambda _: answer, strict=False) as fake:
        found = await checked(tmp_path, at(fake), KEY)
    assert not found.ok
    assert found.message


@pytest.mark.parametrize("host", ["https://elsewhere.example", ""])
async def test_a_key_that_nobody_uses(tmp_path: Path, host: str) -> None:
    found = await checked(tmp_path, {}, None, host)
    assert not found.ok
    assert (host in found.message) if host else ("no key" in found.message)
