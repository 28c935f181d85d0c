"""What is said of a host of Mistral's that no longer knows a route."""

from __future__ import annotations

import pytest

from devstral_lsp.errors import EndpointUnreachable
from devstral_lsp.providers.http.error_mapping import error_from_response
from devstral_lsp.providers.http.request_log import RequestInfo

KONG = b'{"message":"no Route matched with those values"}'


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("codestral.mistral.ai", ["api.mistral.ai", "MISTRAL_API_KEY", '"mistral" or "auto"']),
        ("api.mistral.ai", ["codestral.mistral.ai", "CODESTRAL_API_KEY", '"codestral" or "auto"']),
        ("gateway.example", ["check base_url"]),
    ],
)
def test_a_host_without_the_route_names_the_other(host: str, says: list[str]) -> None:
    asked = RequestInfo(host=host, path="/v1/fim/completions", model="codestral-latest")
    error = error_from_response(404, {}, KONG, asked)
    assert isinstance(error, EndpointUnreachable)
    assert [each for each in says if each not in str(error)] == []
    assert ("check base_url" in str(error)) == (host == "gateway.example")
