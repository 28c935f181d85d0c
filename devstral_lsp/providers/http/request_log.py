"""Logs requests to an endpoint: each at DEBUG, and at INFO the first one to each model.

A line holds the host, the route and the model, and for a failure its status and the endpoint's id
of the request. It holds no body, no header and no key.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devstral_lsp.errors import ProviderError
from devstral_lsp.observability import trace

if TYPE_CHECKING:
    from devstral_lsp.providers.http.answer_limits import Deadline

_logger = logging.getLogger(__name__)

_REQUEST_IDS = ("x-request-id", "x-kong-request-id", "cf-ray")
"""OpenAI's and most gateways' header, that of Mistral's gateway, and Cloudflare's."""
_ID = re.compile(r"[\w.-]{1,80}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInfo:
    """What was asked of whom. `key_source` is "" where no key was sent."""

    host: str
    path: str
    model: str = ""
    key_source: str = ""


class RequestLogger:
    """Logs the requests of one client."""

    def __init__(self) -> None:
        self._models: set[str] = set()

    @contextmanager
    def log_request(self, asked: RequestInfo, deadline: Deadline | None) -> Iterator[None]:
        """Log the request made inside the `with` block, when it is over, however it ends."""
        if not _logger.isEnabledFor(logging.INFO):
            yield
            return
        if asked.model and asked.model not in self._models:
            self._models.add(asked.model)
            model = trace.safe_identifier(asked.model)
            _logger.info("first request to the model %s at %s", model, asked.host)
        began_s = time.perf_counter()
        outcome: object = "answered"
        try:
            yield
        except ProviderError as error:
            outcome = trace.ErrorSummary(error)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            outcome = "timed out" if deadline is not None and deadline.has_passed else "cancelled"
            raise
        finally:
            ms = (time.perf_counter() - began_s) * 1000
            _logger.debug("request: %s: %s after %.0f ms", _Description(asked), outcome, ms)


class _Description:
    """The route, the host and the model, formatted only if the line is written."""

    def __init__(self, asked: RequestInfo) -> None:
        self._asked = asked

    def __str__(self) -> str:
        asked = self._asked
        model = f", model {trace.safe_identifier(asked.model)}" if asked.model else ""
        return f"{asked.path} at {asked.host}{model}"


def request_id(headers: Mapping[str, str]) -> str:
    """The id that an endpoint gave a request; "" if it gave none. `headers` must ignore case."""
    found = (headers.get(name, "") for name in _REQUEST_IDS)
    return next((each for each in found if _ID.fullmatch(each)), "")
