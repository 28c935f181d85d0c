"""The one error of everything that reads a model's reply."""

from __future__ import annotations

from devstral_lsp.refactor.base import Refused


class BadEdit(Refused):
    """A reply from which no edit can be had that could be trusted.

    The sentence is told to the model, once, and to the user where that does not help. It holds no
    source text: it may end up in a log.
    """
