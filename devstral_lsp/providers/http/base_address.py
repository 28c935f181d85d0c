"""Understands `base_url`: users give it with a version or without, and with a route or without.

The routes of providers begin with `/v1`, as OpenAI's do. An address that names a version of its own
(`/api/paas/v4`, `/v1beta/openai`, `/v1/ACCOUNT/GATEWAY/openai`), a deployment of Azure, or a route
without a version, has none of that put in between. A query such as Azure's `?api-version=…` goes to
each route.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_ROUTE = re.compile(
    r"/(?P<text>(?:fim/|chat/)?completions|responses|embeddings)$"
    r"|/(?:models|infill|generate_stream)$"
)
_USUAL = re.compile(r"/(?:v1|beta)$")
_OWN_VERSION = re.compile(r"/v\d{1,3}[a-z0-9.]{0,10}(?:/|$)|/deployments/[^/]{1,100}$")
_PREFIX = "/v1"


@dataclass(frozen=True, slots=True)
class BaseAddress:
    """What stands before a route, and after it. `has_version`: no `/v1` is put in between."""

    root: str
    has_version: bool = False
    query: str = ""

    @classmethod
    def of(cls, base_url: str) -> Self:
        """Read what a user wrote.

        >>> BaseAddress.of("https://x.org/api/v4/chat/completions").url("/v1/models")
        'https://x.org/api/v4/models'
        """
        text, _, query = base_url.strip().partition("?")
        text = text.rstrip("/")
        route = _ROUTE.search(text)
        root = text[: route.start()] if route is not None else text
        if _USUAL.search(root):
            return cls(_USUAL.sub("", root), False, query)
        ends_at_text = route is not None and route["text"] is not None
        return cls(root, ends_at_text or bool(_OWN_VERSION.search(root)), query)

    def url(self, path: str) -> str:
        """The address of a provider's route, such as "/v1/chat/completions"."""
        own = path.removeprefix(_PREFIX) if self.has_version else path
        return f"{self.root}{own}" + (f"?{self.query}" if self.query else "")
