"""A key goes only to the host it belongs to."""

from __future__ import annotations

import pytest

from devstral_lsp.config.addresses import parse_host, parse_origin
from devstral_lsp.config.key_policy import KeyDestination, authorize_key
from devstral_lsp.config.setting_spec import Layer
from devstral_lsp.errors import KeyNotSent
from devstral_lsp.providers.base import Secret

VALUE = "aB3" * 10 + "xY"
MISTRAL, CODESTRAL = "MISTRAL_API_KEY", "CODESTRAL_API_KEY"


def sent(
    base_url: str,
    *named: str,
    source: str = MISTRAL,
    provider: str = "mistral",
    layer: Layer = Layer.EDITOR,
) -> Secret | None:
    target = KeyDestination(section="fim", base_url=base_url, layer=layer, named_hosts=named)
    return authorize_key(target, Secret(VALUE, source), provider)


SENT = [
    ("", (), MISTRAL, "mistral"),
    ("", (), CODESTRAL, "codestral"),
    ("", (), "keyring", "codestral"),
    ("", (), "command", "mistral"),
    ("", (), "CORP_KEY", "mistral"),
    ("https://api.mistral.ai/v1", (), MISTRAL, "mistral"),
    ("https://API.Mistral.AI", (), MISTRAL, "mistral"),
    ("https://api.mistral.ai:443/", (), MISTRAL, "mistral"),
    ("https://api.eu.mistral.ai", (), MISTRAL, "mistral"),
    ("https://codestral.mistral.ai/v1", (), CODESTRAL, "codestral"),
    ("https://gateway.corp/v1", ("https://gateway.corp",), MISTRAL, "mistral"),
    ("https://gateway.corp/v1", ("Gateway.corp",), MISTRAL, "mistral"),
    ("https://gateway.corp:8443", ("gateway.corp:8443",), MISTRAL, "mistral"),
    ("http://gateway.corp", ("http://gateway.corp",), MISTRAL, "mistral"),
    ("http://gateway.corp/a", ("http://gateway.corp/b",), "keyring", "mistral"),
    ("http://127.0.0.1:9/v1", ("http://127.0.0.1:9/v1",), MISTRAL, "mistral"),
    ("http://localhost:9", ("localhost:9",), MISTRAL, "mistral"),
    ("http://[::1]:9", ("[::1]:9",), MISTRAL, "mistral"),
]


@pytest.mark.parametrize(("base_url", "named", "source", "provider"), SENT)
def test_sent(base_url: str, named: tuple[str, ...], source: str, provider: str) -> None:
    key = sent(base_url, *named, source=source, provider=provider)
    assert key is not None
    assert key.reveal() == VALUE


REFUSED = [
    ("https://evil.example", (), MISTRAL, "mistral"),
    ("https://evil.example", ("gateway.corp",), MISTRAL, "mistral"),
    ("https://api.mistral.ai.evil.example", (), MISTRAL, "mistral"),
    ("https://evil-api.mistral.ai", (), MISTRAL, "mistral"),
    ("https://mistral.ai", (), MISTRAL, "mistral"),
    ("https://evil.example/api.mistral.ai", (), MISTRAL, "mistral"),
    ("https://evil.example/@api.mistral.ai", (), MISTRAL, "mistral"),
    ("https://api.mistral.ai.", (), MISTRAL, "mistral"),
    ("https://api.mistral.ai:8443", (), MISTRAL, "mistral"),
    ("http://api.mistral.ai", (), MISTRAL, "mistral"),
    ("https://xn--pi-7kc.mistral.ai", (), MISTRAL, "mistral"),
    ("https://gateway.corp:444", ("gateway.corp",), MISTRAL, "mistral"),
    ("http://gateway.corp", ("gateway.corp",), MISTRAL, "mistral"),
    ("http://gateway.corp", ("https://gateway.corp/v1",), MISTRAL, "mistral"),
    ("https://sub.gateway.corp", ("gateway.corp",), MISTRAL, "mistral"),
    ("http://127.0.0.1.evil.example", (), MISTRAL, "mistral"),
    ("http://127.1", (), MISTRAL, "mistral"),
    ("http://0.0.0.0", (), MISTRAL, "mistral"),
    ("http://localhost.evil.example", (), MISTRAL, "mistral"),
    ("https://evil.example", (), "keyring", "codestral"),
    ("https://evil.example", (), "CORP_KEY", "mistral"),
]


@pytest.mark.parametrize(("base_url", "named", "source", "provider"), REFUSED)
def test_refused(base_url: str, named: tuple[str, ...], source: str, provider: str) -> None:
    with pytest.raises(KeyNotSent) as error:
        sent(base_url, *named, source=source, provider=provider)
    sentence = str(error.value)
    assert all(word in sentence for word in (source, "set by the editor", "fim.trusted_hosts"))
    assert str(parse_origin(base_url)) in sentence
    assert VALUE not in sentence


KEPT_FOR = [
    ("https://gateway.corp", "https://gateway.corp/v1", True),
    ("http://localhost:8080", "http://localhost:8080", True),
    ("https://codestral.mistral.ai", "https://codestral.mistral.ai", True),
    ("https://gateway.corp", "https://gateway.corp:8443", False),
    ("https://gateway.corp", "http://gateway.corp", False),
    ("https://gateway.corp", "https://api.mistral.ai", False),
    ("https://gateway.corp", "", False),
]


@pytest.mark.parametrize(("home", "base_url", "goes"), KEPT_FOR)
def test_a_key_that_is_kept_for_one_host_goes_there_alone(
    home: str, base_url: str, goes: bool
) -> None:
    key = Secret(VALUE, "the editor's secret storage", home)
    target = KeyDestination(section="fim", base_url=base_url, layer=Layer.EDITOR)
    if goes:
        assert authorize_key(target, key, "mistral") is key
        return
    with pytest.raises(KeyNotSent) as error:
        authorize_key(target, key, "mistral")
    assert VALUE not in str(error.value)


OF_ANOTHER = [
    ("https://openrouter.ai/api/v1", MISTRAL, "openrouter"),
    ("https://api.openai.com", MISTRAL, "openai_compatible"),
    ("https://api.mistral.ai", "OPENROUTER_API_KEY", "mistral"),
    ("https://api.deepseek.com", "VLLM_API_KEY", "vllm"),
    ("", MISTRAL, "codestral"),
    ("", CODESTRAL, "mistral"),
    ("https://codestral.mistral.ai", MISTRAL, "mistral"),
    ("https://codestral.mistral.ai", "keyring", "mistral"),
    ("https://api.mistral.ai", CODESTRAL, "codestral"),
    ("https://api.us.mistral.ai", CODESTRAL, "codestral"),
    ("http://codestral.mistral.ai:8080", MISTRAL, "mistral"),
]


@pytest.mark.parametrize(("base_url", "source", "provider"), OF_ANOTHER)
def test_never_to_the_other_service_even_where_it_is_named(
    base_url: str, source: str, provider: str
) -> None:
    named = (base_url,) if base_url else ()
    with pytest.raises(KeyNotSent, match="which is another provider's host") as error:
        sent(base_url, *named, source=source, provider=provider, layer=Layer.USER)
    assert "fim.provider" in str(error.value)


@pytest.mark.parametrize(
    "base_url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]", "https://127.3.4.5"]
)
def test_this_machine_is_asked_without_a_key(base_url: str) -> None:
    assert sent(base_url) is None


def test_no_key_needs_no_rule() -> None:
    target = KeyDestination(section="fim", base_url="https://evil.example", layer=Layer.EDITOR)
    assert authorize_key(target, None, "mistral") is None
    nowhere = KeyDestination(section="fim", base_url="", layer=Layer.DEFAULT)
    assert authorize_key(nowhere, Secret(VALUE, MISTRAL), "local") is None


def test_the_refusal_tells_which_line_would_allow_it() -> None:
    with pytest.raises(KeyNotSent) as error:
        sent("http://gateway.corp:81/v1")
    assert "DEVSTRAL_FIM_TRUSTED_HOSTS=http://gateway.corp:81)" in str(error.value)
    assert "which has no TLS" in str(error.value)
    key = sent("http://gateway.corp:81/v1", "http://gateway.corp:81")
    assert key is not None


@pytest.mark.parametrize(
    "name", ["", "*", "*.corp", "a b", "user@host", "host:", "host:x", "ftp://h"]
)
def test_what_is_no_host(name: str) -> None:
    with pytest.raises(ValueError, match="host"):
        parse_host(name)
