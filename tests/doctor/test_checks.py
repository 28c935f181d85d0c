"""Each thing that can be wrong with a set-up, and what is found of it."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from devstral_lsp.cli.settings import load_settings
from devstral_lsp.doctor.checks import clear_strategy_cache, run_checks
from devstral_lsp.doctor.result import CheckResult, CheckStatus
from tests.support.answers import Answer, failure, page
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.fake_ollama import FakeOllama

OK, WARNING, FAILURE = CheckStatus.OK, CheckStatus.WARNING, CheckStatus.FAILURE


async def _findings(folder: Path, environ: Mapping[str, str]) -> list[CheckResult]:
    """With the settings of `folder` and `environ` alone."""
    user_file = folder / "config.toml"
    user_file.touch()
    own = {"DEVSTRAL_CONFIG": str(user_file), "DEVSTRAL_CACHE": str(folder / "cache")}
    whole = {**own, **environ}
    return [each async for each in run_checks(load_settings(folder, whole), whole, folder)]


async def _at(fake: FakeMistral, folder: Path, **environ: str) -> list[CheckResult]:
    """With a key and `fake` as the endpoint of completions and conversations."""
    own = {f"DEVSTRAL_{kind}_BASE_URL": fake.url for kind in ("FIM", "CHAT")}
    own["MISTRAL_API_KEY"] = KEY
    return await _findings(folder, {**own, **environ})


def _marks(findings: list[CheckResult]) -> dict[str, CheckStatus]:
    """The last mark of each check."""
    return {each.check: each.status for each in findings}


def _told(findings: list[CheckResult], check: str) -> str:
    return "\n".join(f"{each.message} {each.hint}" for each in findings if each.check == check)


async def test_a_working_set_up_is_all_ok(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake:
        findings = await _at(fake, tmp_path)
    assert list(_marks(findings)) == [
        *("versions", "settings", "provider", "key", "endpoint", "model", "completion", "chat"),
        *("budget", "local"),
    ]
    assert set(_marks(findings).values()) == {OK}
    assert "fim.base_url is set (environment)" in _told(findings, "provider")
    assert f"from MISTRAL_API_KEY, sent to {fake.url}" in _told(findings, "key")
    assert "codestral-latest, chosen automatically: has FIM" in _told(findings, "model")
    assert "256,000 tokens" in _told(findings, "model")
    assert "21 + 5 tokens" in _told(findings, "completion")


async def test_the_users_own_word_on_a_model_is_told_as_such(tmp_path: Path) -> None:
    own = {"CONTEXT_TOKENS": "8192", "PRICE_PROMPT": "0.25", "PRICE_COMPLETION": "0.5"}
    environ = {f"DEVSTRAL_{at}_{key}": own[key] for key in own for at in ("FIM", "CHAT")}
    async with FakeMistral(strict=False) as fake:
        findings = await _at(fake, tmp_path, **environ)
    said = "8,192 tokens, $0.25 in and $0.5 out per million tokens (according to your settings)"
    assert said in _told(findings, "model")
    assert said in _told(findings, "chat")


async def test_no_text_of_the_users_and_one_completion_is_sent(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake:
        await _at(fake, tmp_path)
    assert len(fake.completions) == 1
    assert fake.completions[0].body["max_tokens"] <= 16


async def test_no_finding_holds_the_key(tmp_path: Path) -> None:
    async with FakeMistral(key="another-key", strict=False) as fake:
        findings = await _at(fake, tmp_path)
    assert KEY not in repr(findings)


async def test_a_wrong_key_is_a_failure_that_says_so(tmp_path: Path) -> None:
    async with FakeMistral(key="another-key", strict=False) as fake:
        findings = await _at(fake, tmp_path)
    assert _marks(findings)["endpoint"] is OK
    assert _marks(findings)["completion"] is FAILURE
    assert "refused the key from MISTRAL_API_KEY" in _told(findings, "completion")


async def test_an_endpoint_that_is_not_there_is_a_failure_and_the_last_question(
    tmp_path: Path,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        own = {f"DEVSTRAL_{kind}_BASE_URL": address for kind in ("FIM", "CHAT")}
        findings = await _findings(tmp_path, {**own, "MISTRAL_API_KEY": KEY})
    assert _marks(findings)["endpoint"] is FAILURE
    assert "No server listens at 127.0.0.1" in _told(findings, "endpoint")
    assert "completion" not in _marks(findings)
    assert _marks(findings)["local"] is OK


async def test_a_model_without_fim_is_a_warning_that_names_those_with(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake:
        findings = await _at(fake, tmp_path, DEVSTRAL_FIM_MODEL="devstral-2512")
    assert _marks(findings)["model"] is WARNING
    told = _told(findings, "model")
    assert "devstral-2512 has no FIM there" in told
    assert "Models with FIM: codestral-2508, codestral-latest." in told
    assert FAILURE not in _marks(findings).values()


async def test_a_model_that_is_not_offered_is_told_before_it_fails(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake:
        findings = await _at(fake, tmp_path, DEVSTRAL_FIM_MODEL="codestral-2405")
    assert _marks(findings)["model"] is WARNING
    assert "not among the 4 models" in _told(findings, "model")
    assert _marks(findings)["completion"] is FAILURE


async def test_no_list_of_models_is_no_failure(tmp_path: Path) -> None:
    async with FakeMistral(models=failure(404, {"detail": "Not Found"}), strict=False) as fake:
        findings = await _at(fake, tmp_path)
    assert _marks(findings)["models"] is WARNING
    assert _marks(findings)["completion"] is OK


async def test_a_key_of_the_other_service_is_refused_and_not_sent(tmp_path: Path) -> None:
    environ = {"DEVSTRAL_FIM_PROVIDER": "mistral", "DEVSTRAL_FIM_API_KEY_ENV": "CODESTRAL_API_KEY"}
    async with FakeMistral(strict=False) as fake:
        own = {**environ, "DEVSTRAL_CHAT_BASE_URL": fake.url, "CODESTRAL_API_KEY": KEY}
        findings = await _findings(tmp_path, own)
    assert _marks(findings)["key"] is FAILURE
    assert "was not sent to https://api.mistral.ai" in _told(findings, "key")
    assert "endpoint" not in _marks(findings)


@pytest.mark.parametrize(
    ("answer", "mark"),
    [
        (Answer(text=()), WARNING),
        (failure(500, {}), FAILURE),
        (page(200), FAILURE),
        (Answer(end="reset", after_bytes=0), FAILURE),
    ],
)
async def test_a_bad_answer_is_not_well(tmp_path: Path, answer: Answer, mark: CheckStatus) -> None:
    async with FakeMistral(lambda _: answer, strict=False) as fake:
        findings = await _at(fake, tmp_path)
    assert _marks(findings)["completion"] is mark


async def test_a_model_that_goes_away_soon_is_a_warning(tmp_path: Path) -> None:
    stamp = {"x-model-deprecation-timestamp": "2026-12-31T00:00:00Z"}
    async with FakeMistral([Answer(headers=stamp)], strict=False) as fake:
        findings = await _at(fake, tmp_path)
    told = [each for each in findings if each.check == "completion"]
    assert [each.status for each in told] == [WARNING, OK]
    assert "will be retired on 2026-12-31" in told[0].message


async def test_without_a_key_it_says_how_to_set_one(tmp_path: Path) -> None:
    findings = await _findings(tmp_path, {})
    assert _marks(findings)["key"] is WARNING
    assert "local, since there is no key" in _told(findings, "provider")
    told = _told(findings, "key")
    assert all(word in told for word in ("MISTRAL_API_KEY", "CODESTRAL_API_KEY", "keyring"))
    assert FAILURE not in _marks(findings).values()


async def test_a_chosen_provider_without_its_key_names_its_own_variable(tmp_path: Path) -> None:
    findings = await _findings(tmp_path, {"DEVSTRAL_FIM_PROVIDER": "codestral"})
    told = _told(findings, "key")
    assert "CODESTRAL_API_KEY" in told
    assert "MISTRAL_API_KEY" not in told.replace("CODESTRAL_API_KEY", "")


async def test_an_address_that_is_not_known_is_no_matter_of_the_key(tmp_path: Path) -> None:
    findings = await _findings(tmp_path, {"DEVSTRAL_FIM_PROVIDER": "tgi"})
    assert _marks(findings)["endpoint"] is FAILURE
    assert "set fim.base_url" in _told(findings, "endpoint")
    assert "key" not in _marks(findings)


async def test_local_by_choice_needs_no_key(tmp_path: Path) -> None:
    findings = await _findings(tmp_path, {"DEVSTRAL_FIM_PROVIDER": "local"})
    assert "key" not in _marks(findings)
    assert set(_marks(findings).values()) == {OK}


async def test_nobody_left_to_ask_is_a_failure(tmp_path: Path) -> None:
    findings = await _findings(tmp_path, {"DEVSTRAL_LOCAL_ENABLED": "false"})
    assert _marks(findings)["local"] is FAILURE


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        ("DEVSTRAL_FIM_MAX_TOKNS", "DEVSTRAL_FIM_MAX_TOKENS"),
        ("DEVSTRAL_COMPLETION_ENABLED", "completion.enabled is false"),
        ("DEVSTRAL_FIM_API_KEY_ENV", "none in false or MISTRAL_API_KEY"),
    ],
)
async def test_what_is_wrong_in_the_settings_is_a_warning(
    tmp_path: Path, variable: str, says: str
) -> None:
    findings = await _findings(tmp_path, {variable: "false", "MISTRAL_API_KEY": ""})
    warned = [each.message for each in findings if each.status is WARNING]
    assert any(says in sentence for sentence in warned)


async def _with_ollama(
    fake: FakeMistral, ollama: FakeOllama, folder: Path, **environ: str
) -> list[CheckResult]:
    rows = [{"provider": "ollama", "base_url": ollama.url}]
    return await _at(fake, folder, DEVSTRAL_FIM_FALLBACKS=json.dumps(rows), **environ)


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ("", ""),
        ("/v1", ""),
        ("/mistral/v1/chat/completions", "; chat requests go to /mistral/v1/chat/completions"),
        ("/api/paas/v4", "; chat requests go to /api/paas/v4/chat/completions"),
        ("/v2?api-version=1", "; chat requests go to /v2/chat/completions?api-version=1"),
    ],
)
async def test_what_was_understood_of_an_address_is_told(
    tmp_path: Path, route: str, said: str
) -> None:
    async with FakeMistral() as fake:
        findings = await _at(fake, tmp_path, DEVSTRAL_FIM_BASE_URL=fake.url + route)
    told = next(each.message for each in findings if each.check == "endpoint")
    assert told.partition(" ms")[2] == said


async def test_each_endpoint_is_told_in_order_with_what_it_is(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake, FakeOllama() as ollama:
        findings = await _with_ollama(fake, ollama, tmp_path)
    assert [each.check for each in findings][2:] == [
        *("provider", "key", "endpoint", "model", "completion"),
        *("fallback", "key", "endpoint", "model", "completion", "path"),
        *("chat", "budget", "local"),
    ]
    assert set(_marks(findings).values()) == {OK}
    assert "ollama is used as number 2" in _told(findings, "fallback")
    first, second = (each.message for each in findings if each.check == "endpoint")
    assert fake.url in first
    assert ollama.url in second
    first, second = (each.message for each in findings if each.check == "model")
    assert "$0.3 in and $0.9 out per million tokens (according to the endpoint and Mistral" in first
    assert "qwen2.5-coder:7b, chosen automatically" in second
    path = _told(findings, "path")
    assert "gaps are filled by suffix: the server says that the model can insert" in path


async def test_the_path_that_was_found_is_shown_again_and_can_be_forgotten(tmp_path: Path) -> None:
    environ = {"DEVSTRAL_CACHE": str(tmp_path / "cache")}
    async with FakeMistral(strict=False) as fake, FakeOllama() as ollama:
        first = await _with_ollama(fake, ollama, tmp_path)
        again = await _with_ollama(fake, ollama, tmp_path)
    assert _told(first, "path") == _told(again, "path") != ""
    assert clear_strategy_cache(environ).message == "1 selected in earlier sessions, now deleted"
    assert clear_strategy_cache(environ).message == "0 selected in earlier sessions, now deleted"


async def test_a_fallback_that_is_not_there_keeps_nobody_from_working(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake, FakeOllama() as ollama:
        await ollama.stop()
        findings = await _with_ollama(fake, ollama, tmp_path)
    assert [each.status for each in findings if each.check == "endpoint"] == [OK, WARNING]
    assert FAILURE not in _marks(findings).values()


async def test_every_replica_is_asked(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake, FakeMistral(strict=False) as other:
        findings = await _at(fake, tmp_path, DEVSTRAL_FIM_REPLICAS=other.url)
    endpoints = [each.message for each in findings if each.check == "endpoint"]
    assert [said.partition(",")[0] for said in endpoints] == [fake.url, other.url]


async def test_a_fallback_needs_no_key_of_the_first(tmp_path: Path) -> None:
    async with FakeOllama() as ollama:
        rows = [{"provider": "ollama", "base_url": ollama.url}]
        findings = await _findings(tmp_path, {"DEVSTRAL_FIM_FALLBACKS": json.dumps(rows)})
    assert "so the fallbacks are used" in _told(findings, "provider")
    marks = _marks(findings)
    assert (marks.pop("chat"), set(marks.values())) == (WARNING, {OK})
    assert "Refactoring needs a model" in _told(findings, "chat")


async def test_a_fallback_without_its_key_is_a_warning(tmp_path: Path) -> None:
    async with FakeMistral(strict=False) as fake:
        findings = await _at(fake, tmp_path, DEVSTRAL_FIM_FALLBACKS="openrouter")
    assert _marks(findings)["fallback"] is WARNING
    assert "OPENROUTER_API_KEY" in _told(findings, "key")
    assert FAILURE not in _marks(findings).values()


SLIPS = [
    ('[fim]\nprovider = "olama"\n', 'line 2: "fim.provider" must be one of'),
    ('[fim]\nprovider = "ollama\n', "line 2: this is not TOML: a quote is not closed."),
    ("[context]\nenabled = 'off'\nx = 1\n[fim]\nmax_tokens = 0\n", "There are 2 more problems"),
]


@pytest.mark.parametrize(("content", "says"), SLIPS)
async def test_settings_that_cannot_be_read_come_first_and_nobody_is_asked(
    tmp_path: Path, content: str, says: str
) -> None:
    (tmp_path / "config.toml").write_text(content)
    async with FakeMistral(strict=False) as fake:
        first, *others = await _at(fake, tmp_path)
    assert (first.check, first.status) == ("settings", FAILURE)
    assert "devstral-lsp sends nothing to any model" in first.message
    assert says in first.message
    assert sum(first.message in each.message for each in others) == 0
    assert "only local, since the settings cannot be read" in _told(others, "provider")
    assert "no request to refactor is sent either" in _told(others, "chat")
    assert _marks(others)["local"] is OK
    assert fake.received == []


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("MISTRAL_KEY", "MISTRAL_API_KEY"),
        ("MISTRAL_TOKEN", "MISTRAL_API_KEY"),
        ("MISTRALAI_API_KEY", "MISTRAL_API_KEY"),
        ("MISTAL_API_KEY", "MISTRAL_API_KEY"),
        ("mistral_api_key", "MISTRAL_API_KEY"),
        ("CODESTRAL_KEY", "CODESTRAL_API_KEY"),
        ("CODESTRAL_SECRET_KEY", "CODESTRAL_API_KEY"),
    ],
)
async def test_a_key_in_a_variable_of_almost_the_name_is_told(
    tmp_path: Path, name: str, right: str
) -> None:
    told = _told(await _findings(tmp_path, {name: KEY}), "key")
    assert f"{name} is set, and is no variable that is looked at. Did you mean {right}?" in told
    assert KEY not in told


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "MISTRAL_MODEL", "SSH_KEY", "API_KEY"])
async def test_other_variables_are_no_keys_of_ours(tmp_path: Path, name: str) -> None:
    assert "Did you mean" not in _told(await _findings(tmp_path, {name: "x"}), "key")
