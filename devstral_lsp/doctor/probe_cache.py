"""A first look at endpoints for `doctor`: reached, which models, and whether the key is taken.

Each is asked once, however many checks want to know: completions and conversations mostly share a
host and a key. Only free questions are put here; what comes of them is said in `endpoint_check.py`
and `chat_check.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from devstral_lsp.errors import ProviderError, Unauthorized
from devstral_lsp.providers.base import ConnectionOptions, Endpoint, Secret
from devstral_lsp.providers.http.client import HttpClient, strip_route
from devstral_lsp.providers.model_catalog import ModelCard, find_card
from devstral_lsp.providers.model_list import MODELS_PATH, parse_model_list

_FORBIDDEN = 403
"""Says that a key may not do this, and so that it is one."""


@dataclass(slots=True)
class ProbeResult:
    """What an endpoint showed. `failure` is what came in the place of its list of models.

    `connect_ms` is None where it was not reached. `key_accepted` says whether it answers to the key
    that it was shown, or to none where there is none; None as long as that is not known.
    """

    connect_ms: float | None
    models: tuple[ModelCard, ...] = ()
    failure: ProviderError | None = None
    key_accepted: bool | None = None

    @property
    def refuses_key(self) -> bool:
        """Whether it said that it does not know the key."""
        return isinstance(self.failure, Unauthorized) and self.failure.status != _FORBIDDEN

    def card(self, model: str) -> ModelCard | None:
        """The list's entry for `model`, by any of its names."""
        return find_card(model, self.models)


class ProbeCache:
    """What has been seen in one check-up."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, Secret | None, ConnectionOptions], ProbeResult] = {}

    async def probe(self, endpoint: Endpoint) -> ProbeResult:
        """What this host shows to this key; it is asked the first time."""
        # How long one waits makes no other place of it.
        link = replace(
            endpoint.connection, connect_ms=None, read_timeout_ms=None, total_timeout_ms=0
        )
        place = (strip_route(endpoint.base_url), endpoint.key, link)
        if place not in self._seen:
            self._seen[place] = await _look(endpoint)
        return self._seen[place]

    async def key_is_verified(self, endpoint: Endpoint) -> bool:
        """Whether the key is known to be taken without asking for an answer.

        A list that is given to anybody (llama.cpp, OpenRouter and Vercel's gateway do so) proves
        no key, so that it is asked for without one.
        """
        look = await self.probe(endpoint)
        if look.key_accepted is None and look.models and endpoint.key is not None:
            others = await _look(replace(endpoint, key=None))
            look.key_accepted = isinstance(others.failure, Unauthorized) or None
        return look.key_accepted is True


async def _look(endpoint: Endpoint) -> ProbeResult:
    """Ask for the list of models over a connection of its own. Hides no failure."""
    http = HttpClient.of(endpoint)
    try:
        offered = parse_model_list(await http.get(MODELS_PATH))
        return ProbeResult(http.connect_ms, offered)
    except ProviderError as error:
        return ProbeResult(http.connect_ms, failure=error)
    finally:
        await http.close()
