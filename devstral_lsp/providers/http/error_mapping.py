"""Turns error replies into errors that tell the user what to do.

One ordered table of rules over status, headers and the parsed body; the first that matches wins.
Messages consist of our own words, the host and the model, and never of the body's text, which may
repeat the user's source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devstral_lsp.errors import (
    ContextLengthExceeded,
    EndpointUnreachable,
    FimNotSupported,
    InvalidRequest,
    InvalidResponse,
    ModelNotFound,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerOverloaded,
    Unauthorized,
)
from devstral_lsp.providers.http.auth_errors import (
    gateway_key_error,
    is_mistral_host,
    unauthorized_error,
)
from devstral_lsp.providers.http.error_reply import (
    ErrorBody,
    error_from_json,
    limit_is_zero,
    monthly_quota_exhausted,
    parse_error_body,
    retry_after_s,
)
from devstral_lsp.providers.http.request_log import RequestInfo, request_id
from devstral_lsp.providers.model_catalog import replacement_model

BUSY_STATUSES = frozenset({408, 424, 499, 500, 502, 503, 504, *range(520, 530)})
"""Mistral's error glossary, and Cloudflare's own numbers, of which 520 was seen. 424 is TGI's for
a generation that failed, 499 Ollama's for one that was given up."""

_NO_SUCH_PATH = frozenset({404, 405, 501})

_CAPACITY_TYPES = frozenset(
    {"service_tier_capacity_exceeded", "backend_out_of_capacity", "overloaded"}
)
_NO_FIM = (
    "fim is not enabled",  # Mistral
    "infill is not supported",  # llama.cpp
    "does not support insert",  # Ollama
    "suffix is only supported",  # vLLM
    "suffix is not",  # vLLM before 0.33, TGI
)
_TOO_LONG = (
    "too large for model",  # Mistral
    "maximum context length",  # vLLM, OpenAI
    "context length exceeded",
    "exceeds the available context",  # llama.cpp
    "must be <=",  # TGI: "`inputs` tokens + `max_new_tokens` must be <= 4096"
)
_STATUS_OF_TYPE: Mapping[str, int] = {
    "authentication_error": 401,
    "unavailable_error": 503,
    "exceed_context_size_error": 400,
    "overloaded": 429,
    "generation": 424,
    "rate_limit_error": 429,
    "rate_limited": 429,
    "server_error": 500,
    "invalid_request_error": 400,
    "invalid_request_invalid_args": 400,
    "invalid_model": 400,
}


@dataclass(frozen=True, slots=True)
class _ErrorResponse:
    status: int
    headers: Mapping[str, str]
    body: ErrorBody
    asked: RequestInfo

    def says(self, *phrases: str) -> bool:
        return any(phrase in self.body.message for phrase in phrases)

    def wait_s(self) -> float | None:
        return retry_after_s(self.headers)


def error_from_response(
    status: int, headers: Mapping[str, str], body: bytes, asked: RequestInfo
) -> ProviderError:
    """The error for a reply whose status is not 2xx. `headers` must ignore case."""
    parsed = parse_error_body(body, headers.get("content-type", ""))
    error = _apply_rules(_ErrorResponse(status, headers, parsed, asked))
    error.request_id = request_id(headers)
    return error


def error_in_payload(value: Any, asked: RequestInfo) -> ProviderError | None:
    """The error inside a 200 or inside a stream's event; None if `value` holds none."""
    if not isinstance(value, dict):
        return None
    if not value.get("error") and str(value.get("object")).lower() != "error":
        return None
    body = error_from_json(value)
    return _apply_rules(_ErrorResponse(_hidden_status(body), {}, body, asked))


def is_unknown_route(error: ProviderError) -> bool:
    """Whether the server said that it does not know a route, which it does not learn by waiting.

    A page of HTML, from a proxy or a login in between, says nothing about the server.
    """
    return isinstance(error, EndpointUnreachable) and error.status in _NO_SUCH_PATH


def _hidden_status(body: ErrorBody) -> int:
    """The status a gateway would have sent, had the answer not begun already; 200 if unknown."""
    if len(body.safe_code) == 3:
        return int(body.safe_code)
    known = (_STATUS_OF_TYPE.get(word.lower()) for word in (body.type, body.code))
    return next((status for status in known if status), 200)


LOADING_PAUSE_S = 2.0
"""After which a server that loads its model is asked again."""


def loading_error(host: str, model: str, status: int | None = None) -> ServerOverloaded:
    """The error of a server that cannot answer before it has loaded its model."""
    error = ServerOverloaded(
        f"{host} is loading {model}: completions begin when that is done.",
        retry_after_s=LOADING_PAUSE_S,
        status=status,
    )
    error.is_loading = True
    return error


def _loading(case: _ErrorResponse) -> ProviderError | None:
    """llama.cpp, LM Studio, Hugging Face's servers: 503 while the model is loaded."""
    if case.status != 503 or not case.says("loading") or case.says("fail", "error"):
        return None
    return loading_error(case.asked.host, _model(case), case.status)


def _capacity(case: _ErrorResponse) -> ProviderError | None:
    named = case.body.code == "3505" or case.body.type in _CAPACITY_TYPES
    if not named and not case.says("capacity exceeded", "out of capacity"):
        return None
    sentence = (
        f"{case.asked.host} has no capacity left for {_model(case)} at the moment. "
        "That is not your quota; it passes by itself."
    )
    return ServerOverloaded(sentence, retry_after_s=case.wait_s(), status=case.status)


def _unauthorized(case: _ErrorResponse) -> ProviderError | None:
    # A LiteLLM proxy without a database answers 400 to a key that is not its own.
    refused = case.status == 401 or (case.status == 400 and case.says("no connected db"))
    if not refused or case.body.html:
        return None
    if case.says("litellm.authenticationerror"):
        return gateway_key_error(case.asked.host, case.status)
    return unauthorized_error(case.asked.host, case.asked.key_source, case.status)


def _forbidden(case: _ErrorResponse) -> ProviderError | None:
    if case.status != 403 or case.body.html:
        return None
    return Unauthorized(
        f"{case.asked.host} does not let this key use {_model(case)}. "
        "Choose another model, or ask the owner of the plan or workspace.",
        status=403,
    )


def _no_allowance(case: _ErrorResponse) -> ProviderError | None:
    if case.status == 402:
        sentence = f"There is no credit left at {case.asked.host}: waiting will not help."
        return QuotaExhausted(sentence, status=402)
    if case.status != 429 or not limit_is_zero(case.headers):
        return None
    return QuotaExhausted(
        f"This key has no allowance for {_model(case)} at {case.asked.host} (its limit is 0): "
        "waiting will not help. Choose another model or check the plan in the vendor's console.",
        status=429,
    )


def _rate_limited(case: _ErrorResponse) -> ProviderError | None:
    if case.status != 429:
        return None
    if monthly_quota_exhausted(case.headers):
        sentence = f"This month's tokens at {case.asked.host} are used up."
    else:
        sentence = f"{case.asked.host} gets too many requests from this account; pausing a little."
    return RateLimited(sentence, retry_after_s=case.wait_s(), status=429)


def _model_unknown(case: _ErrorResponse) -> ProviderError | None:
    named = case.body.code in ("1500", "unknown_model", "model_not_found")
    named = named or case.body.type == "invalid_model" or case.says("invalid model")
    named = named or case.says("not a valid model")
    if not named and not (case.status == 404 and case.says("model")):
        return None
    return ModelNotFound(
        f"{case.asked.host} does not know {_model(case)}{_advice(case)}", status=case.status
    )


def _advice(case: _ErrorResponse) -> str:
    """Where else to turn: what Mistral retired has a successor there, Ollama wants it fetched."""
    if case.says("try pulling"):
        return f": fetch it there by `ollama pull {case.asked.model}`, or choose another model."
    # A gateway may forward requests to Mistral: no other vendor has that path.
    at_mistral = is_mistral_host(case.asked.host) or "/fim/" in case.asked.path
    hint = (
        replacement_model(case.asked.model, for_fim="/fim/" in case.asked.path)
        if at_mistral
        else ""
    )
    return f"; it may be retired: {f'use {hint} instead.' if hint else 'choose another model.'}"


def _no_fim(case: _ErrorResponse) -> ProviderError | None:
    if case.status not in (400, 422, 501) or not case.says(*_NO_FIM):
        return None
    advice = ": use codestral-latest." if is_mistral_host(case.asked.host) else "."
    return FimNotSupported(
        f"{_model(case)} cannot fill in the middle at {case.asked.host}{advice}",
        status=case.status,
    )


def _context_too_long(case: _ErrorResponse) -> ProviderError | None:
    large = case.says(*_TOO_LONG) or case.body.type == "exceed_context_size_error"
    if case.status != 413 and not (case.status in (400, 422) and large):
        return None
    return ContextLengthExceeded(
        f"The text sent is too long for {_model(case)} at {case.asked.host}: "
        "lower the prompt's token limit in the settings.",
        status=case.status,
    )


def _busy(case: _ErrorResponse) -> ProviderError | None:
    if case.status not in BUSY_STATUSES:
        return None
    return ServerOverloaded(
        f"{case.asked.host} is in trouble (status {case.status}); {_remedy(case)}",
        retry_after_s=case.wait_s(),
        status=case.status,
    )


def _remedy(case: _ErrorResponse) -> str:
    # LiteLLM 1.106 without a database falls over a request without a key, as any bug would make it.
    if case.status == 500 and not case.asked.key_source and not case.body.message:
        return "if it wants a key, set one, else it passes by itself."
    return "it passes by itself."


def _page(case: _ErrorResponse) -> ProviderError | None:
    if not case.body.html or case.status == 429:
        return None
    return EndpointUnreachable(
        f"A web page came back (status {case.status}) where {case.asked.host} should have "
        "answered: check base_url, and whether a proxy or a login page stands in between.",
        status=case.status,
    )


def _redirect(case: _ErrorResponse) -> ProviderError | None:
    if not 300 <= case.status < 400:
        return None
    return EndpointUnreachable(
        f"{case.asked.host} points to another address, and a key is not carried along: "
        "set base_url to the final address.",
        status=case.status,
    )


def _no_such_path(case: _ErrorResponse) -> ProviderError | None:
    if case.status not in (404, 405):
        return None
    return EndpointUnreachable(
        f"{case.asked.host} knows no {case.asked.path}: check base_url.", status=case.status
    )


def _rejected(case: _ErrorResponse) -> ProviderError:
    """The last rule fits all."""
    if not 400 <= case.status < 500:
        return InvalidResponse(
            f"{case.asked.host} sent an error in place of an answer{_details(case)}.",
            status=case.status,
        )
    return InvalidRequest(
        f"{case.asked.host} refused the request{_details(case)}. "
        "Please report this as a bug of devstral-lsp.",
        status=case.status,
        fields=case.body.fields,
    )


def _details(case: _ErrorResponse) -> str:
    code = f", code {case.body.safe_code}" if case.body.safe_code else ""
    fields = f", about {', '.join(case.body.fields)}" if case.body.fields else ""
    return f" (status {case.status}{code}{fields})"


def _model(case: _ErrorResponse) -> str:
    return f"the model {case.asked.model}" if case.asked.model else "the model"


_RULES: tuple[Callable[[_ErrorResponse], ProviderError | None], ...] = (
    _loading,
    _capacity,
    _busy,
    _page,
    _redirect,
    _unauthorized,
    _forbidden,
    _no_allowance,
    _rate_limited,
    _model_unknown,
    _no_fim,
    _context_too_long,
    _no_such_path,
)


def _apply_rules(case: _ErrorResponse) -> ProviderError:
    for rule in _RULES:
        if (error := rule(case)) is not None:
            return error
    return _rejected(case)
