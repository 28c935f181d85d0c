"""From settings and keys to who is asked, in order, and to where each key may go."""

from __future__ import annotations

import pytest

from devstral_lsp.config.merge import ResolvedSettings, SettingsLayer, resolve
from devstral_lsp.config.setting_spec import Layer
from devstral_lsp.endpoints.notices import NO_CHAT_KEY, NO_KEY
from devstral_lsp.endpoints.resolve import (
    ResolvedProvider,
    chat_candidates,
    fim_candidates,
    fim_endpoints_unchanged,
    with_key_command_hint,
)
from devstral_lsp.providers.base import Notice
from devstral_lsp.providers.metering import Price

NAS = "http://nas.example:8000"


def settings(layer: Layer = Layer.USER, **values: object) -> ResolvedSettings:
    values = {name.replace("__", "."): value for name, value in values.items()}
    return resolve([SettingsLayer(layer, layer.value, values)])


def asked(line: tuple[ResolvedProvider, ...]) -> list[tuple[str, list[tuple[str, str | None]]]]:
    """Who is asked, at which addresses, and with the key from where."""
    return [
        (
            chosen.provider,
            [(each.base_url, each.key.source if each.key else None) for each in chosen.endpoints],
        )
        for chosen in line
    ]


MISTRAL = ("https://api.mistral.ai", "MISTRAL_API_KEY")
CODESTRAL = ("https://codestral.mistral.ai", "CODESTRAL_API_KEY")
BOTH = {"MISTRAL_API_KEY": "m", "CODESTRAL_API_KEY": "c"}


def test_nobody_is_asked_next_unless_that_is_said() -> None:
    named = settings(fim__provider="codestral", chat__provider="mistral")
    assert asked(fim_candidates(named, BOTH)) == [("codestral", [CODESTRAL])]
    assert asked(chat_candidates(named, BOTH)) == [("mistral", [MISTRAL])]


def test_with_both_keys_mistrals_second_host_is_a_spare_for_the_first() -> None:
    line = fim_candidates(settings(), BOTH)
    assert asked(line) == [("mistral", [MISTRAL]), ("codestral", [CODESTRAL])]
    assert [each.is_spare for each in line] == [False, True]
    assert asked(chat_candidates(settings(), BOTH)) == [("mistral", [MISTRAL])]


@pytest.mark.parametrize(
    ("values", "environ"),
    [
        ({}, {"MISTRAL_API_KEY": "m"}),
        ({"fim.base_url": NAS}, BOTH),
        ({"fim.api_key_env": "CORP"}, {"CORP": "x", "CODESTRAL_API_KEY": '"quoted"'}),
        ({"fim.fallbacks": ["codestral"]}, BOTH),
    ],
)
def test_there_is_no_spare_without_its_own_key(
    values: dict[str, object], environ: dict[str, str]
) -> None:
    resolved = settings(**{key.replace(".", "__"): value for key, value in values.items()})
    assert not any(each.is_spare for each in fim_candidates(resolved, environ))


def test_the_key_of_one_host_is_not_taken_for_the_other() -> None:
    resolved = settings(fim__api_key_env="CORP")
    line = fim_candidates(resolved, {"CORP": "x", "CODESTRAL_API_KEY": "c"})
    assert asked(line) == [
        ("mistral", [("https://api.mistral.ai", "CORP")]),
        ("codestral", [CODESTRAL]),
    ]


def test_fallbacks_come_in_order_each_with_its_own_key() -> None:
    rows = ["mistral", {"provider": "vllm", "base_url": NAS, "model": "m"}, "local"]
    chosen = settings(fim__provider="codestral", fim__fallbacks=rows)
    line = fim_candidates(chosen, {**BOTH, "VLLM_API_KEY": "v"})
    assert asked(line) == [
        ("codestral", [CODESTRAL]),
        ("mistral", [MISTRAL]),
        ("vllm", [(NAS, "VLLM_API_KEY")]),
    ]
    assert [each.endpoint.model for each in line if each.endpoint] == ["", "", "m"]


def test_after_local_nobody_is_asked() -> None:
    rows = ["local", "mistral"]
    chosen = settings(fim__provider="codestral", fim__fallbacks=rows)
    assert asked(fim_candidates(chosen, BOTH)) == [("codestral", [CODESTRAL])]


@pytest.mark.parametrize("layer", [Layer.USER, Layer.PROJECT])
def test_who_wants_local_sends_nothing_anywhere(layer: Layer) -> None:
    user = SettingsLayer(Layer.USER, "user", {"fim.fallbacks": ["mistral"]})
    own = SettingsLayer(layer, "own", {"fim.provider": "local"})
    assert asked(fim_candidates(resolve([user, own]), BOTH)) == [("local", [])]


def test_replicas_get_the_key_if_they_may() -> None:
    resolved = settings(
        fim__provider="vllm",
        fim__base_url=NAS,
        fim__replicas=["http://nas2.example:8000", "http://127.0.0.1:8000"],
    )
    assert asked(fim_candidates(resolved, {"VLLM_API_KEY": "v"})) == [
        (
            "vllm",
            [
                (NAS, "VLLM_API_KEY"),
                ("http://nas2.example:8000", "VLLM_API_KEY"),
                ("http://127.0.0.1:8000", "VLLM_API_KEY"),
            ],
        )
    ]


def test_a_replica_that_the_editor_names_gets_no_key() -> None:
    resolved = settings(Layer.EDITOR, fim__replicas=["https://evil.example"])
    (chosen,) = fim_candidates(resolved, {"MISTRAL_API_KEY": "sekret"})
    assert asked((chosen,)) == [("mistral", [MISTRAL])]
    (notice,) = chosen.notices
    assert "evil.example" in notice.message
    assert "fim.replicas" in notice.message
    assert "sekret" not in notice.message


def test_a_fallback_that_the_editor_names_gets_no_key() -> None:
    rows = [{"provider": "mistral", "base_url": "https://evil.example"}]
    chosen = settings(Layer.EDITOR, fim__provider="codestral", fim__fallbacks=rows)
    line = fim_candidates(chosen, BOTH)
    assert asked(line) == [("codestral", [CODESTRAL]), ("mistral", [])]
    assert "fim.fallbacks" in line[1].notices[0].message
    assert "trusted_hosts of that entry" in line[1].notices[0].message


@pytest.mark.parametrize(
    "values",
    [
        {"fim.base_url": NAS},
        {"fim.replicas": [NAS]},
        {"fim.fallbacks": [{"provider": "mistral", "base_url": NAS}]},
    ],
)
def test_a_host_named_for_one_provider_gets_no_key_of_another(values: dict[str, object]) -> None:
    """The user's own server is not to see Mistral's key because a workspace says so."""
    named = {"fim.fallbacks": [{"provider": "vllm", "base_url": NAS}]}
    user = SettingsLayer(Layer.USER, "user", named)
    resolved = resolve([user, SettingsLayer(Layer.EDITOR, "editor", values)])
    line = fim_candidates(resolved, {"MISTRAL_API_KEY": "m"})
    sent = {each.base_url: each.key for chosen in line for each in chosen.endpoints if each.key}
    assert set(sent) <= {MISTRAL[0]}


def test_a_key_travels_without_tls_only_where_the_user_says_so() -> None:
    row = {"provider": "mistral", "base_url": "http://gate.example"}
    plain = fim_candidates(settings(Layer.USER, fim__fallbacks=[row]), BOTH)
    assert asked(plain)[1] == ("mistral", [("http://gate.example", "MISTRAL_API_KEY")])
    other = {**row, "base_url": "http://gate.example", "trusted_hosts": ["gate.example"]}
    by_editor = resolve(
        [
            SettingsLayer(Layer.USER, "user", {"fim.fallbacks": [{**other, "base_url": ""}]}),
            SettingsLayer(Layer.EDITOR, "editor", {"fim.fallbacks": [row]}),
        ],
    )
    line = fim_candidates(by_editor, BOTH)
    assert asked(line)[1] == ("mistral", [])
    assert "which has no TLS" in line[1].notices[0].message


def test_without_any_key_a_fallback_that_needs_none_is_asked() -> None:
    line = fim_candidates(settings(fim__fallbacks=["ollama"]), {})
    assert asked(line) == [("local", []), ("ollama", [("http://127.0.0.1:11434", None)])]
    assert line[0].notices == ()


def test_a_provider_without_its_key_is_told_with_who_is_asked_instead() -> None:
    line = fim_candidates(settings(fim__provider="codestral", fim__fallbacks=["ollama"]), {})
    (notice,) = line[0].notices
    assert notice.message == "codestral has no key, so ollama is used in its place."


def test_a_fallback_without_its_key_is_told() -> None:
    line = fim_candidates(settings(fim__fallbacks=["openrouter"]), BOTH)
    (notice,) = line[1].notices
    assert "openrouter, one of fim.fallbacks, has no key" in notice.message
    assert "OPENROUTER_API_KEY" in notice.message


def test_without_anybody_the_usual_advice_is_given() -> None:
    line = fim_candidates(settings(fim__fallbacks=["mistral"]), {})
    assert NO_KEY in line[0].notices
    assert asked(line) == [("local", []), ("mistral", [])]


def test_a_fallback_for_conversations_chooses_its_own_model() -> None:
    rows = ["mistral", {"provider": "ollama", "timeout_ms": 900}]
    line = chat_candidates(
        settings(chat__provider="codestral", chat__fallbacks=rows, chat__timeout_ms=700), BOTH
    )
    endpoints = [each.endpoint for each in line if each.endpoint]
    assert [each.model for each in endpoints] == ["", "", ""]
    assert [each.timeout_ms for each in endpoints] == [700, 700, 900]


def test_the_way_to_each_has_its_limits_and_headers() -> None:
    resolved = settings(
        fim__fallbacks=[{"provider": "vllm", "base_url": "https://gate.example/v1"}],
        fim__total_timeout_ms=9000,
        network__connect_timeout_ms=300,
        network__pause_timeout_ms=400,
        network__proxy="http://proxy.example:3128",
        network__headers=[
            {"name": "X-Team", "hosts": ["gate.example"], "value": "the editors"},
            {"name": "X-Secret", "hosts": ["gate.example"], "value_env": "GATE"},
            {"name": "X-Else", "hosts": ["http://gate.example", "other.example"], "value": "x"},
            {"name": "X-Unset", "hosts": ["gate.example"], "value_env": "NOT_THERE"},
        ],
    )
    line = fim_candidates(resolved, {"MISTRAL_API_KEY": "m", "GATE": "sekret"})
    first, second = (each.endpoint for each in line)
    assert first is not None
    assert second is not None
    assert first.connection.headers == ()
    sent = [(name, value.reveal()) for name, value in second.connection.headers]
    assert sent == [("X-Team", "the editors"), ("X-Secret", "sekret")]
    assert second.connection.proxy == "http://proxy.example:3128"
    limits = (
        second.connection.connect_ms,
        second.connection.read_timeout_ms,
        second.connection.total_timeout_ms,
    )
    assert limits == (300, 400, 9000)
    assert "sekret" not in repr(second)
    assert [secret.reveal() for secret in line[1].secrets()] == ["sekret"]
    (notice,) = line[1].notices
    assert "NOT_THERE" in notice.message


SAME = [
    {"fim.max_tokens": 9},
    {"completion.enabled": False},
    {"chat.base_url": "https://x.example"},
    {"fim.temperature": 0.5},
]
OTHER = [
    {"fim.base_url": "https://x.example"},
    {"fim.provider": "local"},
    {"fim.fallbacks": ["ollama"]},
    {"fim.model": "m"},
    {"fim.trusted_hosts": ["x.example"]},
    {"fim.timeout_ms": 100},
    {"network.proxy": "http://p.example"},
]


@pytest.mark.parametrize("values", SAME)
def test_settings_that_leave_the_endpoints_as_they_are(values: dict[str, object]) -> None:
    assert fim_endpoints_unchanged(
        resolve([]), resolve([SettingsLayer(Layer.USER, "user", values)])
    )


@pytest.mark.parametrize("values", OTHER)
def test_settings_that_make_other_endpoints(values: dict[str, object]) -> None:
    assert not fim_endpoints_unchanged(
        resolve([]), resolve([SettingsLayer(Layer.USER, "user", values)])
    )


def test_what_the_user_says_of_a_model_is_said_of_no_other() -> None:
    own = {"provider": "ollama", "context_tokens": 8192, "price_prompt": 0, "price_completion": 0}
    line = fim_candidates(
        settings(
            fim__context_tokens=4096,
            fim__price_prompt=0.5,
            fim__price_completion=1,
            fim__fallbacks=["mistral", own],
        ),
        BOTH,
    )
    endpoints = [each.endpoint for each in line if each.endpoint]
    assert [(each.context_tokens, each.price) for each in endpoints] == [
        (4096, Price(0.5, 1.0)),
        (None, None),
        (8192, Price(0.0, 0.0)),
    ]


def test_half_a_price_is_none() -> None:
    (chosen,) = chat_candidates(settings(chat__price_prompt=0.5, chat__context_tokens=4096), BOTH)
    assert chosen.endpoint is not None
    assert (chosen.endpoint.context_tokens, chosen.endpoint.price) == (4096, None)


def test_another_window_is_another_endpoint() -> None:
    assert not fim_endpoints_unchanged(settings(), settings(fim__context_tokens=4096))
    assert fim_endpoints_unchanged(settings(), settings(chat__context_tokens=4096))


@pytest.mark.parametrize("notice", [NO_KEY, NO_CHAT_KEY])
def test_an_editor_that_takes_keys_names_its_command_alone(notice: Notice) -> None:
    told = with_key_command_hint(notice, "Editor: Set Key")
    assert 'run "Editor: Set Key"' in told.message
    assert "API_KEY" not in told.message
    assert (told.topic, told.severity) == (notice.topic, notice.severity)
    assert with_key_command_hint(notice, "") is notice


def test_no_other_notice_is_about_the_command() -> None:
    notice = Notice("key", "The key was left out.")
    assert with_key_command_hint(notice, "Editor: Set Key") is notice


def test_nobody_is_asked_and_no_key_is_looked_for_while_settings_cannot_be_read() -> None:
    def kept(host: str) -> str | None:
        raise AssertionError(host)

    resolved = settings(fim__provider="mistral", fim__fallbacks=["vllm"], context__enabled="no")
    assert asked(fim_candidates(resolved, BOTH, kept)) == [("local", [])]
    (chosen,) = chat_candidates(resolved, BOTH, kept)
    assert (chosen.endpoints, chosen.notices[0].message) == ((), resolved.narrowed)


def test_narrowing_changes_who_is_asked() -> None:
    good, bad = settings(fim__model="m"), settings(fim__model="m", context__enabled="no")
    assert not fim_endpoints_unchanged(good, bad)
    assert not fim_endpoints_unchanged(bad, good)
    assert fim_endpoints_unchanged(bad, settings(fim__model=3))
