"""What `doctor` says of quota and money."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from devstral_lsp.cli.settings import load_settings
from devstral_lsp.doctor.checks import run_checks
from tests.support.answers import Answer
from tests.support.fake_mistral import KEY, FakeMistral


async def budget_of(fake: FakeMistral, folder: Path, environ: Mapping[str, str]) -> list[str]:
    whole = {
        "DEVSTRAL_CONFIG": str(folder / "config.toml"),
        "DEVSTRAL_CACHE": str(folder / "cache"),
        "DEVSTRAL_STATE": str(folder / "state"),
        "DEVSTRAL_FIM_BASE_URL": fake.url,
        "DEVSTRAL_CHAT_BASE_URL": fake.url,
        "MISTRAL_API_KEY": KEY,
        **environ,
    }
    (folder / "config.toml").touch()
    findings = [each async for each in run_checks(load_settings(folder, whole), whole, folder)]
    return [each.message for each in findings if each.check == "budget"]


async def test_what_is_spent_and_left_is_told(tmp_path: Path) -> None:
    headers = {"X-RateLimit-Limit-Req-Minute": "60", "X-RateLimit-Remaining-Req-Minute": "31"}
    async with FakeMistral(lambda _: Answer(headers=headers), strict=False) as fake:
        limits = {"DEVSTRAL_LIMITS_USD_PER_MONTH": "5"}
        spent, standing = await budget_of(fake, tmp_path, limits)
    assert spent.startswith("today ")
    assert "requests" in spent
    assert "$0.00 of $5.00 this month (limits.usd_per_month)" in standing
    assert "29 of 60 requests in the last minute (as the endpoint says)" in standing


async def test_what_doctor_sends_counts_as_well(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake:
        limits = {"DEVSTRAL_LIMITS_REQUESTS_PER_MINUTE": "1"}
        _, standing = await budget_of(fake, tmp_path, limits)
        asked = [each for each in fake.received if each.method == "POST"]
    assert len(asked) == 1
    assert "1 of 1 requests in the last minute" in standing


async def test_a_server_of_ones_own_has_no_budget(tmp_path: Path) -> None:
    async with FakeMistral(strict=False, key=None) as fake:
        environ = {"MISTRAL_API_KEY": "", "DEVSTRAL_FIM_PROVIDER": "mistral"}
        assert await budget_of(fake, tmp_path, environ) == []
