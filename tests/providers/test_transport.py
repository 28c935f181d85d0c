"""The way to an endpoint on real sockets: authorities, certificates, proxies, headers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from devstral_lsp import errors
from devstral_lsp.providers.base import ConnectionOptions, Endpoint, FimRequest, Secret
from devstral_lsp.providers.mistral import MistralProvider
from tests.providers.conftest import GOOD_KEY
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.h2_server import CERTIFICATE, H2Server
from tests.support.streams import collect, text_of
from tests.support.tunnels import (
    CERTIFICATES,
    CLIENT,
    CLIENT_KEY,
    LOCKED_KEY,
    NAME,
    OWN_CA,
    PASSWORD,
    Proxy,
    SocksProxy,
    TlsFront,
)

REQUEST = FimRequest(prompt="def add(a, b):\n    ", max_tokens=8)
OWN = ConnectionOptions(ca_file=str(OWN_CA))
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


class To(Protocol):
    def __call__(
        self, url: str, link: ConnectionOptions = ..., timeout_ms: int = ...
    ) -> MistralProvider: ...


@pytest.fixture
async def to(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[To]:
    """Makes providers that take the given way, in an environment that says nothing of ways."""
    for name in (*PROXIES, *(name.lower() for name in PROXIES), "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    async with AsyncExitStack() as stack:

        def make(
            url: str, link: ConnectionOptions = OWN, timeout_ms: int = 5000
        ) -> MistralProvider:
            endpoint = Endpoint(
                base_url=url, key=GOOD_KEY, model="codestral-latest", connection=link,
                timeout_ms=timeout_ms,
            )  # fmt: skip
            provider = MistralProvider("mistral", endpoint)
            stack.push_async_callback(provider.close)
            return provider

        yield make


@pytest.fixture
async def fake() -> AsyncIterator[FakeMistral]:
    async with FakeMistral() as server:
        yield server


async def answer(provider: MistralProvider) -> str:
    return await asyncio.wait_for(text_of(provider.fim(REQUEST)), 10)


async def refusal(provider: MistralProvider) -> str:
    with pytest.raises(errors.EndpointUnreachable) as raised:
        await asyncio.wait_for(collect(provider.fim(REQUEST)), 10)
    return str(raised.value)


async def test_an_authority_of_ones_own_is_trusted_if_it_is_named(
    fake: FakeMistral, to: To
) -> None:
    async with TlsFront(fake.url) as front:
        assert await answer(to(front.url)) == "return a + b"
        assert "network.ca_file" in await refusal(to(front.url, ConnectionOptions()))
    assert len(fake.received) == 1


async def test_a_server_that_is_not_there_is_told(to: To) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{nobody.getsockname()[1]}"
        told = await refusal(to(f"http://{host}", ConnectionOptions()))
    assert told.startswith(f"No server listens at {host}, which is this machine: start it")


async def test_the_usual_authorities_are_trusted_beside_it(
    fake: FakeMistral, to: To, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    said = b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n'
    async with TlsFront(fake.url) as front, H2Server([said]) as usual:
        assert await answer(to(front.url)) == "return a + b"
        assert await answer(to(usual.url)) == "x"


async def test_http_2_is_spoken_under_ones_own_authority_too(to: To) -> None:
    said = b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n'
    async with H2Server([said]) as server:
        provider = to(server.url, ConnectionOptions(ca_file=str(CERTIFICATE)))
        assert [await answer(provider), await answer(provider)] == ["x", "x"]
    assert (server.connections, len(server.requests)) == (1, 2)


@pytest.mark.parametrize(
    "key",
    [
        ConnectionOptions(client_key=str(CLIENT_KEY)),
        ConnectionOptions(
            client_key=str(LOCKED_KEY), client_key_password=Secret(PASSWORD, "PASSWORD")
        ),
    ],
)
async def test_a_server_that_wants_a_certificate_gets_it(
    fake: FakeMistral, to: To, key: ConnectionOptions
) -> None:
    link = replace(key, ca_file=str(OWN_CA), client_certificate=str(CLIENT))
    async with TlsFront(fake.url, wants_client=True) as front:
        assert await answer(to(front.url, link)) == "return a + b"
        await refusal(to(front.url))
    assert len(fake.received) == 1


async def test_certificate_and_key_may_stand_in_one_file(
    fake: FakeMistral, to: To, tmp_path: Path
) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(CLIENT.read_bytes() + CLIENT_KEY.read_bytes())
    async with TlsFront(fake.url, wants_client=True) as front:
        link = replace(OWN, client_certificate=str(both))
        assert await answer(to(front.url, link)) == "return a + b"


UNUSABLE = [
    (ConnectionOptions(ca_file="/nowhere/ca.pem"), "network.ca_file"),
    (ConnectionOptions(ca_file=__file__), "network.ca_file"),
    (ConnectionOptions(client_certificate="/nowhere/c.pem"), "network.client_certificate"),
    (ConnectionOptions(client_certificate=str(CLIENT)), "network.client_certificate"),
    (
        ConnectionOptions(client_certificate=str(CLIENT), client_key=str(LOCKED_KEY)),
        "network.client_certificate",
    ),
    (
        ConnectionOptions(
            client_certificate=str(CLIENT),
            client_key=str(LOCKED_KEY),
            client_key_password=Secret("wrong-word", "PASSWORD"),
        ),
        "network.client_certificate",
    ),
]


@pytest.mark.parametrize(("link", "setting"), UNUSABLE)
async def test_a_file_that_cannot_be_used_is_told(
    to: To, link: ConnectionOptions, setting: str
) -> None:
    """At once, without asking for a password on a terminal that belongs to the editor."""
    told = await refusal(to("https://localhost:9", link))
    assert told.startswith(f"The file named by {setting} cannot be used")
    assert "wrong-word" not in told


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY", "https_proxy"])
async def test_the_environment_names_a_proxy(
    fake: FakeMistral, to: To, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    async with TlsFront(fake.url) as front, Proxy({f"{NAME}:443": front.port}) as proxy:
        monkeypatch.setenv(variable, proxy.url)
        assert await answer(to(f"https://{NAME}")) == "return a + b"
    assert proxy.asked == [f"{NAME}:443"]


async def test_the_settings_name_a_proxy_over_that_of_the_environment(
    fake: FakeMistral, to: To, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    async with TlsFront(fake.url) as front, Proxy({f"{NAME}:443": front.port}) as proxy:
        provider = to(f"https://{NAME}", replace(OWN, proxy=proxy.url))
        assert [await answer(provider), await answer(provider)] == ["return a + b"] * 2
    assert proxy.asked == [f"{NAME}:443"]
    assert all(KEY not in head for head in proxy.heads)
    assert fake.received[0].headers["authorization"] == f"Bearer {KEY}"


async def test_a_proxy_may_want_a_password_and_the_endpoint_never_sees_it(
    fake: FakeMistral, to: To, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with TlsFront(fake.url) as front, Proxy({f"{NAME}:443": front.port}) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//me:sekret@"))
        await answer(to(f"https://{NAME}"))
    assert "proxy-authorization: basic" in proxy.heads[0].lower()
    assert "proxy-authorization" not in fake.received[0].headers


@pytest.mark.parametrize("by_settings", [True, False])
async def test_this_machine_is_reached_without_a_proxy(
    fake: FakeMistral, to: To, monkeypatch: pytest.MonkeyPatch, by_settings: bool
) -> None:
    async with Proxy({}) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        link = ConnectionOptions(proxy=proxy.url) if by_settings else ConnectionOptions()
        assert await answer(to(fake.url, link)) == "return a + b"
    assert proxy.asked == []


async def test_a_proxy_that_does_not_know_the_way_is_told(to: To) -> None:
    async with Proxy({}) as proxy:
        told = await refusal(to(f"https://{NAME}", replace(OWN, proxy=proxy.url)))
    assert told.startswith(f"The proxy cannot reach {NAME} (status 502)")
    assert KEY not in told


WRONG = [
    ("ALL_PROXY", "socks5://127.0.0.1:9", "ALL_PROXY"),
    ("HTTPS_PROXY", "ftp://proxy.example", "HTTPS_PROXY"),
    ("HTTPS_PROXY", "socks4://proxy.example", "HTTPS_PROXY"),
    ("HTTPS_PROXY", "http://[", "HTTPS_PROXY"),
    ("SSL_CERT_FILE", "/nowhere/ca.pem", "SSL_CERT_FILE"),
    ("SSL_CERT_FILE", __file__, "SSL_CERT_FILE"),
]


@pytest.mark.parametrize("link", [ConnectionOptions(), OWN])
@pytest.mark.parametrize(("variable", "value", "named"), WRONG)
async def test_an_environment_that_cannot_be_used_is_told(
    to: To,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    named: str,
    link: ConnectionOptions,
) -> None:
    monkeypatch.setenv(variable, value)
    assert named in await refusal(to("https://endpoint.test", link))


async def test_further_headers_are_sent_and_ours_stay_ours(fake: FakeMistral, to: To) -> None:
    headers = (
        ("X-Team", Secret("the editors", "network.headers")),
        ("X-Gate", Secret("sekret", "GATE")),
    )
    assert await answer(to(fake.url, ConnectionOptions(headers=headers))) == "return a + b"
    sent = fake.received[0].headers
    assert (sent["x-team"], sent["x-gate"]) == ("the editors", "sekret")


async def test_no_setting_takes_the_place_of_a_header_of_ours(to: To) -> None:
    heads: list[bytes] = []

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    names = ("authorization", "USER-AGENT", "Content-Type", "accept")
    link = ConnectionOptions(
        headers=tuple((name, Secret("theirs", "network.headers")) for name in names)
    )
    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        await refusal(to(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", link))
    (head,) = heads
    assert b"theirs" not in head
    for name in names:
        assert head.lower().count(f"\r\n{name.lower()}: ".encode()) == 1


async def test_a_header_that_cannot_be_sent_is_told_without_its_value(
    fake: FakeMistral, to: To
) -> None:
    link = ConnectionOptions(headers=(("X-Gate", Secret("sek\r\nret", "GATE")),))
    with pytest.raises(errors.Unauthorized, match="GATE") as raised:
        await collect(to(fake.url, link).fim(REQUEST))
    assert "sek" not in str(raised.value)
    assert fake.received == []


async def test_a_handshake_that_does_not_end_is_given_up(to: To) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        told = await refusal(to(f"https://localhost:{port}", replace(OWN, connect_ms=50)))
    question = "is the network up, and does the server speak TLS?"
    assert told == f"No connection to localhost:{port} within 0.05 s: {question}"


@pytest.mark.parametrize(
    ("file", "advice"),
    [
        ("expired.pem", "has expired: its operator must renew it"),
        ("future.pem", "is not valid yet: is this machine's clock right"),
        ("other_name.pem", "is for another name: set base_url"),
        ("localhost.pem", "is not trusted here"),
    ],
)
async def test_what_is_wrong_with_a_certificate_is_told(
    fake: FakeMistral, to: To, file: str, advice: str
) -> None:
    certificate = CERTIFICATES / file
    trusted = OWN_CA if file == "localhost.pem" else certificate
    async with TlsFront(fake.url, certificate=certificate) as front:
        told = await refusal(to(front.url, ConnectionOptions(ca_file=str(trusted))))
    assert advice in told
    assert ("network.ca_file" in told) == (file == "localhost.pem")


async def test_a_server_without_tls_is_told(to: To) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert "must begin with http://" in await refusal(to(f"https://localhost:{port}"))


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("407 Proxy Authentication Required", "http://user:password@host:port"),
        ("403 Forbidden", f"does not allow connections to {NAME}"),
        ("502 Bad Gateway", f"cannot reach {NAME}"),
        ("418 I am a teapot", "check HTTPS_PROXY, or network.proxy"),
    ],
)
async def test_how_a_proxy_refuses_is_told(to: To, status: str, advice: str) -> None:
    async with Proxy({}, refusal=status) as proxy:
        told = await refusal(to(f"https://{NAME}", replace(OWN, proxy=proxy.url)))
    assert advice in told


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks"])
async def test_a_socks_proxy_is_used(
    fake: FakeMistral, to: To, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    async with TlsFront(fake.url) as front, SocksProxy({f"{NAME}:443": front.port}) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url.replace("socks5", scheme))
        assert await answer(to(f"https://{NAME}")) == "return a + b"
        assert "refused" in await refusal(to(f"https://other.{NAME}"))
    assert proxy.asked == [f"{NAME}:443", f"other.{NAME}:443"]


BROKEN_ENVIRONMENTS = [
    {"ALL_PROXY": "socks5://127.0.0.1:9"},
    {"ALL_PROXY": "nonsense://x", "HTTP_PROXY": "http://["},
    {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "[::1],fe80::/10,*.corp:8443"},
    {"SSL_CERT_FILE": "/nowhere/ca.pem"},
    {"SSL_CERT_FILE": __file__, "SSL_CERT_DIR": "/nowhere"},
]


@pytest.mark.parametrize("environment", BROKEN_ENVIRONMENTS)
async def test_this_machine_needs_neither_proxy_nor_authorities(
    fake: FakeMistral, to: To, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert await answer(to(fake.url, ConnectionOptions())) == "return a + b"
    async with TlsFront(fake.url) as front:
        assert await answer(to(front.url)) == "return a + b"


async def test_no_proxy_reaches_an_endpoint_directly(
    to: To, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Proxy({}) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "10.0.0.0/8 .test")
        assert await refusal(to(f"https://{NAME}")) == (
            f"No connection to {NAME}: check the network and base_url."
        )
    assert proxy.asked == []
