"""Turns error replies into errors that tell the user what to do.

A table says what a reply means (`error_facts.py`); here are the few things that a row cannot
say: web pages, redirects, keys, limits in headers. Messages consist of our own words, the host and
the model, and never of the body's text, which may repeat the user's source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devstral_lsp.errors import (
    ContextLengthExceeded,
    EndpointUnreachable,
    FimNotSupported,
    InvalidRequest,
    InvalidResponse,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerOverloaded,
    Unauthorized,
)
from devstral_lsp.providers.http.auth_errors import (
    discontinued_host_advice,
    gateway_key_error,
    is_mistral_host,
    unauthorized_error,
)
from devstral_lsp.providers.http.error_facts import BUSY_STATUSES, find_fact
from devstral_lsp.providers.http.error_reply import (
    ErrorBody,
    error_from_json,
    limit_is_zero,
    monthly_quota_exhausted,
    parse_error_body,
    retry_after_s,
)
from devstral_lsp.providers.http.error_words import LOADING_SENTENCE, Fact
from devstral_lsp.providers.http.request_log import RequestInfo, request_id
from devstral_lsp.providers.model_catalog import replacement_model

_BAD_KEY = re.compile(
    r"\b(?:invalid|incorrect|missing|expired|wrong|no)\b[^.]{0,20} (?:api[ _-]?key|token\b|auth)"
    r"|api[ _-]?key[^.]{0,20} (?:invalid|not valid|incorrect|missing|expired)|no connected db"
)
_NO_SUCH_PATH = frozenset({404, 405, 501})
_SILENT = ("", "internal server error")
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

    @property
    def wait_s(self) -> float | None:
        wait_s = retry_after_s(self.headers)
        return self.body.wait_s if wait_s is None else wait_s

    @property
    def model(self) -> str:
        return f"the model {self.asked.model}" if self.asked.model else "the model"


def error_from_response(
    status: int, headers: Mapping[str, str], body: bytes, asked: RequestInfo
) -> ProviderError:
    """The error for a reply whose status is not 2xx. `headers` must ignore case."""
    parsed = parse_error_body(body, headers.get("content-type", ""))
    error = _read_reply(_ErrorResponse(status, headers, parsed, asked))
    error.request_id = request_id(headers)
    return error


def error_in_payload(value: Any, asked: RequestInfo) -> ProviderError | None:
    """The error inside a 200 or inside a stream's event; None if `value` holds none."""
    if not isinstance(value, dict):
        return None
    if not value.get("error") and str(value.get("object")).lower() != "error":
        return None
    body = error_from_json(value)
    return _read_reply(_ErrorResponse(_hidden_status(body), {}, body, asked))


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
"""The delay before the next request to a server that is loading its model."""


def loading_error(host: str, model: str, status: int | None = None) -> ServerOverloaded:
    """The error of a server that cannot answer before it has loaded its model."""
    error = ServerOverloaded(
        LOADING_SENTENCE.format(host=host, model=model),
        retry_after_s=LOADING_PAUSE_S,
        status=status,
    )
    error.is_loading = True
    return error


def _read_reply(case: _ErrorResponse) -> ProviderError:
    """What the reply means. A page from something in between says nothing of what it is about."""
    if case.body.html and case.status not in (*BUSY_STATUSES, 413, 429):
        return EndpointUnreachable(
            f"A web page came back (status {case.status}) where {case.asked.host} should have "
            "answered: check base_url, and whether a proxy or a login page stands in between.",
            status=case.status,
        )
    if 300 <= case.status < 400:
        return EndpointUnreachable(
            f"{case.asked.host} points to another address, and a key is not carried along: "
            "set base_url to the final address.",
            status=case.status,
        )
    if _is_about_key(case):
        return _key_error(case)
    if case.status == 429 and limit_is_zero(case.headers):
        return QuotaExhausted(
            f"This key has no allowance for {case.model} at {case.asked.host} (its limit is 0): "
            "waiting will not help. Choose another model or check the plan in the vendor's "
            "console.",
            status=429,
        )
    if case.status == 429 and monthly_quota_exhausted(case.headers):
        sentence = f"This month's tokens at {case.asked.host} are used up."
        return RateLimited(sentence, retry_after_s=case.wait_s, status=429)
    fact = find_fact(case.status, case.body)
    return _rejected(case) if fact is None else _error_of(fact, case)


def _is_about_key(case: _ErrorResponse) -> bool:
    """Whether the key is refused: by a 401, or by words beside the status of a bad request."""
    if case.status == 401:
        return True
    return case.status in (400, 403) and (
        "apikeyinvalid" in case.body.codes or bool(_BAD_KEY.search(case.body.message))
    )


def _key_error(case: _ErrorResponse) -> ProviderError:
    host = case.asked.host
    if "litellm.authenticationerror" in case.body.message:
        return gateway_key_error(host, case.status)
    if any("accessdenied" in code for code in case.body.codes):
        sentence = (
            f"{host} does not let this key use {case.model}. Choose another model, or ask the "
            "owner of the key."
        )
        return Unauthorized(sentence, status=case.status)
    return unauthorized_error(host, case.asked.key_source, case.status)


def _error_of(fact: Fact, case: _ErrorResponse) -> ProviderError:
    """The error of a row, with what only this reply tells."""
    sentence = fact.sentence.format(
        host=case.asked.host,
        model=case.model,
        path=case.asked.path,
        status=case.status,
        remedy=_remedy(case),
        pause="a little" if case.wait_s is None else f"as long as it asks ({case.wait_s:.0f} s)",
        elsewhere=_elsewhere(case),
        successor=_successor(case),
        discontinued=discontinued_host_advice(case.asked.host) or ": check base_url",
    )
    if fact.sentence == LOADING_SENTENCE:
        return loading_error(case.asked.host, case.model, case.status)
    if issubclass(fact.raises, FimNotSupported):
        at_mistral = is_mistral_host(case.asked.host)
        sentence += ": use codestral-latest." if at_mistral else "."
    if issubclass(fact.raises, InvalidRequest):
        named = tuple(dict.fromkeys((*case.body.fields, *fact.fields)))
        return InvalidRequest(sentence, status=case.status, fields=named)
    error = fact.raises(sentence, retry_after_s=case.wait_s, status=case.status)
    if isinstance(error, ContextLengthExceeded):
        error.limit_tokens = case.body.limit_tokens
    return error


def _successor(case: _ErrorResponse) -> str:
    """What to use instead: what Mistral retired has a successor there."""
    # A gateway may forward requests to Mistral: no other vendor has that path.
    at_mistral = is_mistral_host(case.asked.host) or "/fim/" in case.asked.path
    for_fim = "/fim/" in case.asked.path
    hint = replacement_model(case.asked.model, for_fim=for_fim) if at_mistral else ""
    return f"use {hint} instead." if hint else "choose another model."


def _elsewhere(case: _ErrorResponse) -> str:
    """Where else to turn with a model that is not known; Ollama wants it fetched."""
    if "try pulling" in case.body.message:
        return f": fetch it there by `ollama pull {case.asked.model}`, or choose another model."
    if "deploymentnotfound" in case.body.codes:
        return ": name a deployment of your resource, in base_url or as the model."
    return f"; it may be retired: {_successor(case)}"


def _remedy(case: _ErrorResponse) -> str:
    # LiteLLM 1.106 without a database falls over a request without a key, as any bug would make it.
    if case.status == 500 and not case.asked.key_source and case.body.message in _SILENT:
        return "if it wants a key, set one, else it passes by itself."
    return "it passes by itself."


def _rejected(case: _ErrorResponse) -> ProviderError:
    """What no row knows. A member that is named is known of; only the rest is a bug of ours."""
    if not 400 <= case.status < 500:
        return InvalidResponse(
            f"{case.asked.host} sent an error in place of an answer{_details(case)}.",
            status=case.status,
        )
    if case.body.fields:
        advice = "another model or endpoint may take it."
    else:
        advice = "please report this as a bug of devstral-lsp."
    return InvalidRequest(
        f"{case.asked.host} refused the request{_details(case)}: {advice}",
        status=case.status,
        fields=case.body.fields,
    )


def _details(case: _ErrorResponse) -> str:
    code = f", code {case.body.safe_code}" if case.body.safe_code else ""
    fields = f", about {', '.join(case.body.fields)}" if case.body.fields else ""
    return f" (status {case.status}{code}{fields})"
