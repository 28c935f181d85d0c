"""What every known refusal of Mistral and of gateways means, and what it may not repeat."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstral_lsp import errors
from devstral_lsp.providers.http.error_mapping import (
    RequestInfo,
    error_from_response,
    error_in_payload,
)
from tests.support.answers import envelope
from tests.support.subjects import FOLDER, transcript

INVALID = "invalid_request_invalid_args"
EXTRA = {
    "type": "extra_forbidden",
    "loc": ["body", "prediction"],
    "msg": "Extra inputs are not permitted",
    "input": "def secret_sauce(): ...",
}
HTML = b"<!DOCTYPE html><html><title>520: Web server is returning an unknown error</title></html>"


def asked(**changes: str) -> RequestInfo:
    fields = {"host": "api.mistral.ai", "path": "/v1/fim/completions", "model": "codestral-latest"}
    return RequestInfo(**{**fields, "key_source": "MISTRAL_API_KEY", **changes})


def fail(status: int, body: Any, headers: dict[str, str] | None = None, **changes: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return error_from_response(status, httpx.Headers(headers or {}), raw, asked(**changes))


CASES: list[tuple[int, Any, type[errors.ProviderError]]] = [
    # A: a bare detail
    (401, {"detail": "Unauthorized"}, errors.Unauthorized),
    (404, {"detail": "Not Found"}, errors.EndpointUnreachable),
    # B: the gateway in front
    (401, {"message": "Unauthorized", "request_id": "0" * 32}, errors.Unauthorized),
    (429, {"message": "Requests rate limit exceeded"}, errors.RateLimited),
    # C: the usual envelope
    (429, envelope("Rate limit exceeded", "rate_limited", "1300", 429), errors.RateLimited),
    (400, envelope("Invalid model: x", "invalid_model", "1500"), errors.ModelNotFound),
    (400, envelope("FIM is not enabled for this model", INVALID, "3051"), errors.FimNotSupported),
    (
        400,
        envelope(
            "Prompt contains 159202 tokens and 0 draft tokens, too large for model with "
            "131072 maximum context length",
            INVALID,
            "3051",
        ),
        errors.ContextLengthExceeded,
    ),
    (400, envelope("top_k sampling is not enabled", INVALID, "3051"), errors.InvalidRequest),
    (400, envelope("Unexpected role 'tool'", "invalid_request_message_order", "3230"),
     errors.InvalidRequest),
    (400, envelope("Tool call id was call_1", "invalid_function_call", "3280"),
     errors.InvalidRequest),
    (403, envelope("Not available in your subscription", "?", None, 403), errors.Unauthorized),
    # the server's capacity, in all its spellings
    (429, envelope("Busy", "service_tier_capacity_exceeded", "3505", 429), errors.ServerOverloaded),
    (429, envelope("Busy", "backend_out_of_capacity", None, 429), errors.ServerOverloaded),
    (429, envelope("Service tier capacity exceeded for this model.", "invalid_request_error",
                   None, 429), errors.ServerOverloaded),
    (503, envelope("Busy", "backend_out_of_capacity", "3505", 503), errors.ServerOverloaded),
    # D: four shapes of the same 422
    (422, {"detail": [EXTRA]}, errors.InvalidRequest),
    (422, envelope({"detail": [EXTRA]}, "invalid_request_error", None, 422),  # type: ignore[arg-type]
     errors.InvalidRequest),
    (422, {"object": "Error", "detail": [EXTRA], "message": [EXTRA],
           "type": "invalid_request_error", "code": 3001}, errors.InvalidRequest),
    (422, envelope(json.dumps({"detail": [EXTRA]}), "internal_error_proxy", "1000", 422),
     errors.InvalidRequest),
    (422, {"detail": "plain words"}, errors.InvalidRequest),
    # E: pages
    (520, HTML, errors.ServerOverloaded),
    (502, HTML, errors.ServerOverloaded),
    (403, HTML, errors.EndpointUnreachable),
    (200, HTML, errors.EndpointUnreachable),
    # F: as documented, and gateways
    (400, {"object": "error", "message": "...", "type": "invalid_request_error",
           "param": "model", "code": "unknown_model"}, errors.ModelNotFound),
    (402, {"error": {"code": 402, "message": "Insufficient credits", "metadata": {}}},
     errors.QuotaExhausted),
    (404, {"error": {"message": "The model `x` does not exist", "code": 404}},
     errors.ModelNotFound),
    (401, {"error": "Unauthorized"}, errors.Unauthorized),
    (503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
     errors.ServerOverloaded),
    # no body to speak of
    (500, b"", errors.ServerOverloaded),
    (504, b"\xff\xfe", errors.ServerOverloaded),
    (413, b"", errors.ContextLengthExceeded),
    (418, b"", errors.InvalidRequest),
    (400, b"[" * 100_000, errors.InvalidRequest),
    (307, b"", errors.EndpointUnreachable),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "kind"), CASES)
def test_a_refusal_is_told_for_what_it_is(
    status: int, body: Any, kind: type[errors.ProviderError]
) -> None:
    error = fail(status, body)
    assert type(error) is kind
    assert error.status == status


@pytest.mark.parametrize("body", [body for status, body, _ in CASES if body and status == 422][:4])
def test_a_422_names_our_field_and_not_the_users_text(body: Any) -> None:
    error = fail(422, body)
    assert error.fields == ("prediction",)
    assert "prediction" in str(error)
    assert "secret_sauce" not in str(error)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"x-ratelimit-limit-req-minute": "0"}, errors.QuotaExhausted),
        ({"X-RateLimit-Limit-Tokens-Month": "0"}, errors.QuotaExhausted),
        ({"ratelimitbysize-limit": "0"}, errors.QuotaExhausted),
        ({"x-ratelimit-limit-req-minute": "60"}, errors.RateLimited),
        ({"x-ratelimit-remaining-req-minute": "0"}, errors.RateLimited),
        ({"x-ratelimit-limit-req-minute": "none"}, errors.RateLimited),
    ],
)
def test_a_limit_of_zero_is_no_reason_to_wait(headers: dict[str, str], kind: type) -> None:
    assert type(fail(429, {"message": "Requests rate limit exceeded"}, headers)) is kind


def test_a_spent_month_is_told_from_a_busy_minute() -> None:
    error = fail(429, {}, {"x-ratelimit-remaining-tokens-month": "0"})
    assert isinstance(error, errors.RateLimited)
    assert "month" in str(error)


@pytest.mark.parametrize(
    ("host", "source", "kind", "words"),
    [
        ("api.mistral.ai", "CODESTRAL_API_KEY", errors.WrongHost, "codestral.mistral.ai"),
        ("api.eu.mistral.ai", "CODESTRAL_API_KEY", errors.WrongHost, "codestral.mistral.ai"),
        ("codestral.mistral.ai", "MISTRAL_API_KEY", errors.WrongHost, "CODESTRAL_API_KEY"),
        ("api.mistral.ai", "MISTRAL_API_KEY", errors.Unauthorized, "codestral.mistral.ai"),
        ("api.mistral.ai", "keyring", errors.Unauthorized, "quota"),
        ("codestral.mistral.ai", "keyring", errors.Unauthorized, "api.mistral.ai"),
        ("api.mistral.ai", "", errors.Unauthorized, "MISTRAL_API_KEY"),
        ("codestral.mistral.ai", "", errors.Unauthorized, "CODESTRAL_API_KEY"),
        ("openrouter.ai", "OPENROUTER_API_KEY", errors.Unauthorized, "wrong"),
        ("openrouter.ai", "MISTRAL_API_KEY", errors.WrongHost, "OPENROUTER_API_KEY"),
        ("api.deepseek.com", "VLLM_API_KEY", errors.WrongHost, "vllm"),
        ("api.mistral.ai", "OPENROUTER_API_KEY", errors.WrongHost, "openrouter.ai"),
        ("models.example.org", "MISTRAL_API_KEY", errors.Unauthorized, "wrong"),
        ("models.example.org", "", errors.Unauthorized, "key"),
    ],
)
def test_a_401_names_what_may_be_wrong(host: str, source: str, kind: type, words: str) -> None:
    error = fail(401, {"detail": "Unauthorized"}, host=host, key_source=source)
    assert type(error) is kind
    assert words in str(error)


@pytest.mark.parametrize(
    ("model", "path", "hint"),
    [
        ("devstral-2512", "/v1/fim/completions", "codestral-latest"),
        ("devstral-2512", "/v1/chat/completions", "mistral-medium-latest"),
        ("labs-devstral-small-2512", "/v1/chat/completions", "mistral-small-latest"),
        ("codestral-2501", "/v1/fim/completions", "codestral-latest"),
        ("codestral-latest", "/v1/fim/completions", "choose another"),
        ("gpt-x", "/v1/fim/completions", "choose another"),
    ],
)
def test_a_retired_model_comes_with_its_successor(model: str, path: str, hint: str) -> None:
    body = envelope(f"Invalid model: {model}", "invalid_model", "1500")
    error = fail(400, body, model=model, path=path)
    assert model in str(error)
    assert hint in str(error)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"error": {"code": 429, "message": "slow down"}}, errors.RateLimited),
        ({"error": {"code": 402, "message": "Insufficient credits"}}, errors.QuotaExhausted),
        (
            {"error": {"code": "server_error", "message": "Provider disconnected"}},
            errors.ServerOverloaded,
        ),
        ({"error": {"type": "authentication_error"}}, errors.Unauthorized),
        ({"error": "something"}, errors.InvalidResponse),
        (envelope("Rate limit exceeded", "rate_limited", "1300"), errors.RateLimited),
        (envelope("FIM is not enabled for this model", INVALID, "3051"), errors.FimNotSupported),
        (envelope("Invalid model: x", "invalid_model", "1500"), errors.ModelNotFound),
    ],
)
def test_an_error_inside_a_success_is_found(value: Any, kind: type) -> None:
    assert type(error_in_payload(value, asked())) is kind


@pytest.mark.parametrize("value", [{}, {"error": None, "choices": []}, [], None, "x", 1])
def test_an_answer_is_no_error(value: Any) -> None:
    assert error_in_payload(value, asked()) is None


RECORDED: dict[str, type[errors.ProviderError]] = {
    "error-400-context-too-long": errors.ContextLengthExceeded,
    "error-400-fim-not-enabled": errors.FimNotSupported,
    "error-400-invalid-model": errors.ModelNotFound,
    "error-400-message-order": errors.InvalidRequest,
    "error-400-param-not-enabled": errors.InvalidRequest,
    "error-400-tool-call-id": errors.InvalidRequest,
    "error-401-detail": errors.Unauthorized,
    "error-403-subscription": errors.Unauthorized,
    "error-404-wrong-path": errors.EndpointUnreachable,
    "error-422-spec-shape": errors.InvalidRequest,
    "error-422-wrapped-message-object": errors.InvalidRequest,
    "error-429-capacity": errors.ServerOverloaded,
    "error-429-gateway-message": errors.RateLimited,
    "error-429-rate-limited": errors.RateLimited,
    "error-documented-generic": errors.ModelNotFound,
    "error-llamacpp-infill-unsupported": errors.FimNotSupported,
    "error-llamacpp-loading": errors.ServerOverloaded,
    "error-ollama-no-insert": errors.FimNotSupported,
    "error-ollama-openai-no-insert": errors.FimNotSupported,
    "error-openrouter": errors.QuotaExhausted,
    "error-tgi-suffix-unsupported": errors.FimNotSupported,
    "error-vllm-401": errors.Unauthorized,
    "error-vllm-suffix-unsupported": errors.FimNotSupported,
    "error-vllm-too-many-stops": errors.InvalidRequest,
}


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("error-*.json")))
def test_every_recorded_error_has_its_meaning(name: str) -> None:
    told = transcript(name)
    assert type(fail(told["status"], told["body"], told["headers"])) is RECORDED[name]


def test_a_stop_list_that_is_too_long_is_known_by_its_field() -> None:
    told = transcript("error-vllm-too-many-stops")
    assert fail(told["status"], told["body"]).fields == ("stop",)


@pytest.mark.parametrize(
    ("host", "path", "advised"),
    [
        ("api.mistral.ai", "/v1/fim/completions", True),
        ("gateway.corp", "/v1/fim/completions", True),
        ("gateway.corp", "/v1/completions", False),
    ],
)
def test_mistrals_successors_are_named_where_mistral_answers(
    host: str, path: str, advised: bool
) -> None:
    body = envelope("Invalid model: codestral-2501", "invalid_model", "1500")
    error = fail(400, body, model="codestral-2501", host=host, path=path)
    assert ("codestral-latest" in str(error)) is advised


def test_a_litellm_without_a_database_means_the_key() -> None:
    assert type(fail(400, {"error": {"message": "No connected db."}})) is errors.Unauthorized


def test_a_litellm_that_falls_over_a_missing_key_is_hinted_at() -> None:
    text = {"content-type": "text/plain; charset=utf-8"}
    body = b"Internal Server Error"
    assert "set one" in str(fail(500, body, text, key_source=""))
    assert "set one" not in str(fail(500, body, text))
    assert "set one" not in str(fail(500, {"error": {"message": "gone"}}, key_source=""))
    assert "set one" not in str(fail(503, b"", text, key_source=""))


def test_a_key_that_a_litellm_has_for_others_is_not_ours() -> None:
    """Recorded from version 1.106."""
    message = "litellm.AuthenticationError: MistralException - {'detail': 'Unauthorized'}"
    error = fail(401, {"error": {"message": message, "type": "authentication_error"}})
    assert type(error) is errors.Unauthorized
    assert "its own key" in str(error)
    assert "MISTRAL_API_KEY" not in str(error)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "message", "detail", "loc", "code", "type", "param", "object"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.integers(300, 599), JSON)
def test_no_body_is_too_strange(status: int, body: Any) -> None:
    assert isinstance(fail(status, body), errors.ProviderError)


SECRET = "sk_0123456789abcdefSECRET"


@given(st.integers(300, 599), JSON.map(lambda value: [value, SECRET]), st.sampled_from(
    ["error", "message", "detail", "code", "type", "param"]
))  # fmt: skip
def test_nothing_of_a_body_is_repeated(status: int, value: Any, name: str) -> None:
    for body in ({name: value}, {name: SECRET}, {"error": {name: SECRET}}):
        assert "SECRET" not in str(fail(status, body)) + repr(fail(status, body).args)
