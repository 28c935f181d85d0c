"""Bodies that endpoints were seen or documented to send, each with what it means.

`tests/fixtures/error_bodies.jsonl` has a body a line, with its vendor, its status, its kind and
where it was found.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from devstral_lsp import errors
from devstral_lsp.providers.http.error_mapping import (
    RequestInfo,
    error_from_response,
    error_in_payload,
)

BODIES = Path(__file__).parents[2] / "fixtures" / "error_bodies.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in BODIES.read_text("utf-8").splitlines()]
BUG = "report this as a bug"

KINDS: dict[str, tuple[type[errors.ProviderError], str]] = {
    "api_version": (errors.EndpointUnreachable, "api-version"),
    "busy": (errors.ServerOverloaded, "passes by itself"),
    "card": (errors.QuotaExhausted, "card"),
    "data_policy": (errors.ModelNotFound, "privacy settings"),
    "feature": (errors.InvalidRequest, "choose another model"),
    "field": (errors.InvalidRequest, ""),
    "gateway_key": (errors.Unauthorized, "its own key"),
    "gone": (errors.EndpointUnreachable, "base_url"),
    "key": (errors.Unauthorized, "key"),
    "key_limit": (errors.QuotaExhausted, "limit that is set for this key"),
    "load_failed": (errors.ServerOverloaded, "could not load"),
    "loading": (errors.ServerOverloaded, "is loading"),
    "memory": (errors.ServerOverloaded, "memory"),
    "model": (errors.ModelNotFound, "does not know"),
    "moderation": (errors.ContentRefused, "content filter"),
    "no_endpoints": (errors.ModelNotFound, "No provider at"),
    "no_fim": (errors.FimNotSupported, "cannot fill in the middle"),
    "not_loaded": (errors.ModelNotFound, "No model is loaded"),
    "output_cap": (errors.InvalidRequest, "fewer tokens for an answer"),
    "overflow": (errors.ContextLengthExceeded, "less is sent"),
    "page": (errors.ProviderError, ""),
    "plan": (errors.Unauthorized, "does not let this key"),
    "providers": (errors.ModelNotFound, "allows do not serve"),
    "quota": (errors.QuotaExhausted, ""),
    "rate": (errors.RateLimited, "pausing"),
    "region": (errors.Unauthorized, "country"),
    "retired": (errors.ModelNotFound, "has retired"),
    "route": (errors.EndpointUnreachable, "base_url"),
    "system_role": (errors.InvalidRequest, "role of its own"),
    "unknown": (errors.InvalidRequest, BUG),
}


def read(row: dict[str, Any]) -> errors.ProviderError:
    asked = RequestInfo(host="host.example", path="/v1/x", model="m", key_source="A_KEY")
    body = row["body"]
    if row["status"] == 200:
        found = error_in_payload(body, asked)
        assert found is not None
        return found
    kind = "application/json" if isinstance(body, dict) else "text/plain"
    raw = json.dumps(body) if isinstance(body, dict) else body
    headers = httpx.Headers({"content-type": kind, **row.get("headers", {})})
    return error_from_response(row["status"], headers, raw.encode(), asked)


@pytest.mark.parametrize(
    "row", ROWS, ids=[f"{at} {row['vendor']} {row['kind']}" for at, row in enumerate(ROWS, 1)]
)
def test_a_body_is_read_for_what_it_means(row: dict[str, Any]) -> None:
    error, (kind, words) = read(row), KINDS[row["kind"]]
    assert isinstance(error, kind)
    assert words in str(error)
    assert (BUG in str(error)) is (row["kind"] == "unknown")


def test_every_vendor_and_every_kind_has_bodies() -> None:
    assert sum("made up" not in row["source"] for row in ROWS) >= 150
    assert set(KINDS) == {row["kind"] for row in ROWS}
    assert min(Counter(row["vendor"] for row in ROWS).values()) >= 8
    assert all(row["source"] for row in ROWS)
