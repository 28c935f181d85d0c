"""Which proxy an address gets: the environment's, the settings', or none."""

from __future__ import annotations

import pytest

from devstral_lsp.providers.http.proxy import proxy_for

PROXY = "http://proxy.corp:3128"


@pytest.fixture(autouse=True)
def _proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", PROXY)


@pytest.mark.parametrize(
    ("entries", "host", "is_direct"),
    [
        ("", "api.test", False),
        ("*", "api.test", True),
        ("api.test", "api.test", True),
        ("API.test.", "api.TEST.", True),
        ("test", "api.test", True),
        (".test", "api.test", True),
        ("*.test", "api.test", True),
        (".api.test", "api.test", True),
        ("pi.test", "api.test", False),
        ("other.test, api.test", "api.test", True),
        ("other.test api.test", "api.test", True),
        ("api.test:443", "api.test", True),
        ("api.test:8443", "api.test", False),
        ("*.test:443", "api.test", True),
        ("https://api.test", "api.test", True),
        ("https://api.test:443/", "api.test", True),
        ("192.168.1.7", "192.168.1.7", True),
        ("192.168.1.7:443", "192.168.1.7", True),
        ("192.168.1.7:80", "192.168.1.7", False),
        ("192.168.0.0/16", "192.168.1.7", True),
        ("192.168.1.7/16", "192.168.200.1", True),
        ("192.168.0.0/16", "192.169.1.7", False),
        ("192.168.0.0/16", "192.168.test", False),
        ("fe80::/10", "fe80::1", True),
        ("[fe80::]/10", "[fe80::1]", True),
        ("fe80::/10", "2001:db8::1", False),
        ("2001:db8::1", "2001:db8::1", True),
        ("[2001:db8::1]", "2001:db8:0::1", True),
        ("[2001:db8::1]:443", "2001:db8::1", True),
        ("[2001:db8::1]:444", "2001:db8::1", False),
        ("192.168.0.0/16", "::ffff:192.168.1.7", True),
        (",, ,", "api.test", False),
        ("[::1", "api.test", False),
        ("10.0.0.0/99", "api.test", False),
        ("a:b:c", "api.test", False),
        ("*:443", "api.test", True),
        ("<local>;*.corp", "api.test", False),
        ("localhost;*.test", "api.test", True),
        ("192.168.*", "192.168.1.7", True),
        ("192.168.*:443", "192.168.1.7", True),
        ("192.168.*", "192.169.1.7", False),
        ("192.168.*", "2001:db8::1", False),
        ("api*.test", "api-7.test", True),
        ("*api.test", "my-api.test", True),
        ("*api.test", "api.tests", False),
    ],
)
def test_no_proxy(
    monkeypatch: pytest.MonkeyPatch, entries: str, host: str, is_direct: bool
) -> None:
    monkeypatch.setenv("NO_PROXY", entries)
    assert proxy_for("https", host, None) == ("" if is_direct else PROXY)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "api.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "::1",
     "0.0.0.0", "[::]", "::ffff:127.0.0.1"],
)  # fmt: skip
@pytest.mark.parametrize("setting", ["", "http://other.corp:1"])
def test_this_machine_has_none(host: str, setting: str) -> None:
    assert proxy_for("https", host, 8443, setting) == ""


@pytest.mark.parametrize("host", ["localhost.test", "mylocalhost", "128.0.0.1", "::2"])
def test_other_machines_have_one(host: str) -> None:
    assert proxy_for("https", host, None) == PROXY


def test_the_setting_counts_and_what_no_proxy_says_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    assert proxy_for("https", "api.test", None, "http://other.corp:1") == "http://other.corp:1"


def test_each_scheme_has_its_own_and_all_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_for("http", "api.test", None) == ""
    monkeypatch.setenv("ALL_PROXY", "socks://all.corp:1080")
    assert proxy_for("http", "api.test", None) == "socks5://all.corp:1080"
    assert proxy_for("https", "api.test", None) == PROXY


def test_an_address_without_a_scheme_is_that_of_an_http_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", "proxy.corp:3128")
    assert proxy_for("https", "api.test", None) == PROXY
