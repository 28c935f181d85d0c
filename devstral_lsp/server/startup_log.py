"""Logs the version, the editor and the origins of settings at INFO, for fault reports.

Paths, which may hold the user's name, and values of settings are not logged. Providers log their
models once they know them.
"""

from __future__ import annotations

import logging
import platform
from collections.abc import Iterator
from typing import TYPE_CHECKING

from devstral_lsp import __version__
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.config.setting_spec import Layer
from devstral_lsp.observability.trace import safe_identifier
from devstral_lsp.server.context import ServerContext

if TYPE_CHECKING:
    from devstral_lsp.app import App

_logger = logging.getLogger(__name__)


async def log_startup(server: ServerContext, app: App) -> None:
    """Log what a session runs with, once the keys have been looked up."""
    if not _logger.isEnabledFor(logging.INFO):
        return
    await app.ready()
    where = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    editor = (
        safe_identifier(server.client.name) if server.client.name else "an editor without a name"
    )
    _logger.info("devstral-lsp %s, %s, for %s", __version__, where, editor)
    fallbacks = [each.provider for each in app.settings.fim.fallbacks]
    others = f", else {', '.join(fallbacks)}" if fallbacks else ""
    _logger.info("completions come from %s%s", app.provider, others)
    _logger.info("settings: %s", "; ".join(_settings(server.resolved)) or "the defaults")


def _settings(resolved: ResolvedSettings) -> Iterator[str]:
    """The keys of settings by layer."""
    for layer in Layer:
        keys = sorted(key for key, origin in resolved.origins.items() if origin is layer)
        if keys and layer is not Layer.DEFAULT:
            yield f"{layer.value}: {', '.join(keys)}"
    if resolved.problems:
        yield f"ignored: {len(resolved.problems)}"
    if resolved.narrowed:
        yield "nothing is sent until they can be read"
