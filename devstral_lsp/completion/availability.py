"""Where completion is switched off, and the words for it.

Decided by the settings and by what the document is; whether there is anything to offer, and who
would be asked, is not known here.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote, urlsplit

from devstral_lsp.completion.cursor_position import lexical_context
from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.completion.types import CompletionRequest, CursorContext, TriggerKind
from devstral_lsp.config.merge import ResolvedSettings
from devstral_lsp.config.schema import ON_REQUEST, Settings
from devstral_lsp.context.sensitive_files import holds_only_keys, is_sensitive
from devstral_lsp.syntax.reparser import Reparser
from devstral_lsp.text import Snapshot

MAX_DOCUMENT_LENGTH = 5_000_000
"""Code points. Beyond, it is data, and every stage would cost more than it is worth."""

SWITCHED_OFF, WAITS_FOR_REQUEST = "switched off here", "waits to be asked by hand"
"""Words of the trace."""


def disabled_reason(settings: Settings, snapshot: Snapshot | None) -> str:
    """Why nothing is completed in a document, as a sentence for the user; "" if it is.

    Without a document, whether completion is switched off altogether.
    """
    if not settings.completion.enabled or settings.completion.mode == "off":
        return "Completion is switched off."
    if snapshot is None:
        return ""
    if snapshot.language in settings.completion.disabled_languages:
        return f"Completion is switched off for {snapshot.language}."
    path = unquote(urlsplit(snapshot.uri).path)
    if is_sensitive(path) or holds_only_keys(snapshot.text):
        return "Nothing is completed in files that are likely to hold secrets."
    if is_sensitive(path, settings.privacy.exclude):
        return "Nothing is completed in files that privacy.exclude names."
    if len(snapshot.text) > MAX_DOCUMENT_LENGTH:
        return f"Nothing is completed in documents beyond {MAX_DOCUMENT_LENGTH:,} characters."
    return ""


def silence_of_settings(settings: Settings, request: CompletionRequest, parser: Reparser) -> str:
    """Why a request gets nothing, in the words of the trace; "" if it may get something.

    Parses some eighty lines where comments or strings are left out: about half a millisecond.
    """
    if disabled_reason(settings, request.snapshot):
        return SWITCHED_OFF
    if request.trigger is TriggerKind.INVOKED:
        return ""
    beside_code = settings.completion.disabled_in
    if settings.completion.mode == ON_REQUEST:
        return WAITS_FOR_REQUEST
    if beside_code and lexical_context(CursorContext.of(request, parser)).plural in beside_code:
        return WAITS_FOR_REQUEST
    return ""


def idle_status(settings: Settings, engine: Status) -> Status:
    """The engine's status, with what the user should know where it has nothing to say."""
    if engine.message or settings.completion.mode != ON_REQUEST:
        return engine
    return replace(engine, message="Completions come on request only.")


def status_by_settings(resolved: ResolvedSettings, snapshot: Snapshot | None) -> Status | None:
    """The status that the settings alone decide; None where the state of the engine decides.

    Nothing is completed in this document, or nothing is sent since the settings cannot be read.
    """
    settings = resolved.settings_for(snapshot.uri) if snapshot else resolved.settings
    if reason := disabled_reason(settings, snapshot):
        return Status(StatusKind.INACTIVE, reason)
    if not (narrowed := resolved.narrowed):
        return None
    return Status(StatusKind.NORMAL if resolved.waits else StatusKind.WARNING, narrowed)
