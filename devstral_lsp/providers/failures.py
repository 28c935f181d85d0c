"""Turns what an endpoint answered in place of an answer into the error a user can act on.

One ordered table of rules over status, headers and the body's complaint; the first that fits
speaks. Sentences are made of our own words, the host and the model: never of the body's text,
which may repeat the user's source. Pure; knows no HTTP client.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devstral_lsp.errors import (
    BadReply,
    Busy,
    ContextTooLong,
    ModelUnknown,
    NoAllowance,
    NoFim,
    ProviderError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
    WrongHost,
)
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.allowance import allows_nothing, month_is_used_up, retry_after_s
from devstral_lsp.providers.complaint import Complaint, complaint_in, read_complaint
from devstral_lsp.providers.models import successor

BUSY_STATUSES = frozenset({408, 500, 502, 503, 504, *range(520, 530)})
"""Mistral's error glossary, and Cloudflare's own numbers, of which 520 was seen."""

_CAPACITY_TYPES = frozenset({"service_tier_capacity_exceeded", "backend_out_of_capacity"})
_STATUS_OF_TYPE: Mapping[str, int] = {
    "authentication_error": 401,
    "rate_limit_error": 429,
    "rate_limited": 429,
    "server_error": 500,
    "invalid_request_error": 400,
    "invalid_request_invalid_args": 400,
    "invalid_model": 400,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of whom. `key_source` is "" where no key was sent."""

    host: str
    path: str
    model: str = ""
    key_source: str = ""


@dataclass(frozen=True, slots=True)
class _Case:
    status: int
    headers: Mapping[str, str]
    complaint: Complaint
    asked: Asked

    def says(self, *phrases: str) -> bool:
        return any(phrase in self.complaint.message for phrase in phrases)

    def wait_s(self) -> float | None:
        return retry_after_s(self.headers)


def refusal(status: int, headers: Mapping[str, str], body: bytes, asked: Asked) -> ProviderError:
    """The error for a reply whose status is not 2xx. `headers` must ignore case."""
    complaint = read_complaint(body, headers.get("content-type", ""))
    return _first_fit(_Case(status, headers, complaint, asked))


def hidden_failure(value: Any, asked: Asked) -> ProviderError | None:
    """The error inside a 200 or inside a stream's event; None if `value` holds none."""
    if not isinstance(value, dict):
        return None
    if not value.get("error") and str(value.get("object")).lower() != "error":
        return None
    complaint = complaint_in(value)
    return _first_fit(_Case(_hidden_status(complaint), {}, complaint, asked))


def _hidden_status(complaint: Complaint) -> int:
    """The status a gateway would have sent, had the answer not begun already; 200 if unknown."""
    if len(complaint.safe_code) == 3:
        return int(complaint.safe_code)
    known = (_STATUS_OF_TYPE.get(word.lower()) for word in (complaint.type, complaint.code))
    return next((status for status in known if status), 200)


def _capacity(case: _Case) -> ProviderError | None:
    named = case.complaint.code == "3505" or case.complaint.type in _CAPACITY_TYPES
    if not named and not case.says("capacity exceeded", "out of capacity"):
        return None
    sentence = (
        f"{case.asked.host} has no capacity left for {_model(case)} at the moment. "
        "That is not your quota; it passes by itself."
    )
    return Busy(sentence, retry_after_s=case.wait_s(), status=case.status)


def _unauthorized(case: _Case) -> ProviderError | None:
    if case.status != 401 or case.complaint.html:
        return None
    asked = case.asked
    if not asked.key_source:
        return Unauthorized(
            f"{asked.host} asks for a key and none is set.{_variable_hint(asked.host)}", status=401
        )
    if owner := _other_owner(asked):
        return WrongHost(
            f"The key from {asked.key_source} is one for {owner}, and {asked.host} refused it: "
            f"the two have separate keys.{_variable_hint(asked.host)}",
            status=401,
        )
    return Unauthorized(_three_causes(asked), status=401)


def _three_causes(asked: Asked) -> str:
    """Bodies and headers do not tell a bad key, a foreign one and a spent quota apart."""
    refused = f"{asked.host} refused the key from {asked.key_source}"
    other = _other_host(asked.host)
    if not other:
        return f"{refused}. It is wrong, revoked or expired, or its quota is used up."
    return (
        f"{refused}. Mistral answers the same in three cases: the key is wrong or revoked, it is "
        f"a key for {other}, which has its own, or its quota is used up. "
        "Its console shows which."
    )


def _other_owner(asked: Asked) -> str:
    """The host that the key's variable names, if it is another provider's than the one asked."""
    if not _other_host(asked.host):
        return ""
    for spec in PROVIDERS.values():
        if asked.key_source in spec.key_variables and asked.host not in spec.own_hosts:
            return spec.own_hosts[0]
    return ""


def _other_host(host: str) -> str:
    """The first host of the provider that `host` does not belong to; "" for a foreign host."""
    hosts = [spec.own_hosts for spec in PROVIDERS.values() if spec.own_hosts]
    if not any(host in own for own in hosts):
        return ""
    return next((own[0] for own in hosts if host not in own), "")


def _variable_hint(host: str) -> str:
    for spec in PROVIDERS.values():
        if host in spec.own_hosts and spec.key_variables:
            return f" Set {spec.key_variables[0]} to a key for {host}."
    return " Set a key for it."


def _forbidden(case: _Case) -> ProviderError | None:
    if case.status != 403 or case.complaint.html:
        return None
    return Unauthorized(
        f"{case.asked.host} does not let this key use {_model(case)}. "
        "Choose another model, or ask whoever owns the plan or workspace.",
        status=403,
    )


def _no_allowance(case: _Case) -> ProviderError | None:
    if case.status == 402:
        sentence = f"There is no credit left at {case.asked.host}: waiting will not help."
        return NoAllowance(sentence, status=402)
    if case.status != 429 or not allows_nothing(case.headers):
        return None
    return NoAllowance(
        f"This key has no allowance for {_model(case)} at {case.asked.host} (its limit is 0): "
        "waiting will not help. Choose another model or check the plan in Mistral's console.",
        status=429,
    )


def _rate_limited(case: _Case) -> ProviderError | None:
    if case.status != 429:
        return None
    if month_is_used_up(case.headers):
        sentence = f"This month's tokens at {case.asked.host} are used up."
    else:
        sentence = f"{case.asked.host} gets too many requests from this account; pausing a little."
    return RateLimited(sentence, retry_after_s=case.wait_s(), status=429)


def _model_unknown(case: _Case) -> ProviderError | None:
    named = case.complaint.code in ("1500", "unknown_model", "model_not_found")
    named = named or case.complaint.type == "invalid_model" or case.says("invalid model")
    if not named and not (case.status == 404 and case.says("model")):
        return None
    hint = successor(case.asked.model, for_fim="/fim/" in case.asked.path)
    advice = f"use {hint} instead." if hint else "choose another model."
    return ModelUnknown(
        f"{case.asked.host} does not know {_model(case)}; it may be retired: {advice}",
        status=case.status,
    )


def _no_fim(case: _Case) -> ProviderError | None:
    if case.status not in (400, 422) or not case.says("fim is not enabled"):
        return None
    return NoFim(
        f"{_model(case)} cannot fill in the middle at {case.asked.host}: use codestral-latest.",
        status=case.status,
    )


def _context_too_long(case: _Case) -> ProviderError | None:
    large = case.says("too large for model", "maximum context length", "context length exceeded")
    if case.status != 413 and not (case.status in (400, 422) and large):
        return None
    return ContextTooLong(
        f"The text sent is too long for {_model(case)} at {case.asked.host}: "
        "lower the prompt's token limit in the settings.",
        status=case.status,
    )


def _busy(case: _Case) -> ProviderError | None:
    if case.status not in BUSY_STATUSES:
        return None
    return Busy(
        f"{case.asked.host} is in trouble (status {case.status}); it passes by itself.",
        retry_after_s=case.wait_s(),
        status=case.status,
    )


def _page(case: _Case) -> ProviderError | None:
    if not case.complaint.html or case.status == 429:
        return None
    return Unreachable(
        f"A web page came back (status {case.status}) where {case.asked.host} should have "
        "answered: check base_url, and whether a proxy or a login page stands in between.",
        status=case.status,
    )


def _redirect(case: _Case) -> ProviderError | None:
    if not 300 <= case.status < 400:
        return None
    return Unreachable(
        f"{case.asked.host} points to another address, and a key is not carried along: "
        "set base_url to the final address.",
        status=case.status,
    )


def _no_such_path(case: _Case) -> ProviderError | None:
    if case.status not in (404, 405):
        return None
    return Unreachable(
        f"{case.asked.host} knows no {case.asked.path}: check base_url.", status=case.status
    )


def _rejected(case: _Case) -> ProviderError:
    """The last rule fits all."""
    if not 400 <= case.status < 500:
        return BadReply(
            f"{case.asked.host} sent an error in place of an answer{_details(case)}.",
            status=case.status,
        )
    return Rejected(
        f"{case.asked.host} refused the request{_details(case)}. "
        "Please report this as a bug of devstral-lsp.",
        status=case.status,
        fields=case.complaint.fields,
    )


def _details(case: _Case) -> str:
    code = f", code {case.complaint.safe_code}" if case.complaint.safe_code else ""
    fields = f", about {', '.join(case.complaint.fields)}" if case.complaint.fields else ""
    return f" (status {case.status}{code}{fields})"


def _model(case: _Case) -> str:
    return f"the model {case.asked.model}" if case.asked.model else "the model"


_RULES: tuple[Callable[[_Case], ProviderError | None], ...] = (
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


def _first_fit(case: _Case) -> ProviderError:
    for rule in _RULES:
        if (error := rule(case)) is not None:
            return error
    return _rejected(case)
