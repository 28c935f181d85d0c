"""What is told where a key is missing: what to set, by name, whoever the host belongs to."""

from __future__ import annotations

import pytest

from devstral_lsp.providers.http.auth_errors import unauthorized_error


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("api.mistral.ai", "MISTRAL_API_KEY"),
        ("codestral.mistral.ai", "CODESTRAL_API_KEY"),
        ("gateway.example.com", "`api_key_env`"),
    ],
)
def test_a_missing_key_is_told_with_what_to_set(host: str, names: str) -> None:
    told = str(unauthorized_error(host, "", 401))
    assert told.startswith(f"{host} asks for a key and none is set.")
    assert names in told
