"""How completion is doing, in the words that editors show in a status bar.

The four kinds are those of Copilot's language server, so that plugins written for it can show ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from devstral_lsp.errors import (
    BudgetExceeded,
    EndpointUnreachable,
    FimNotSupported,
    KeyNotSent,
    ModelNotFound,
    ProviderError,
    QuotaExhausted,
    Unauthorized,
)

SHORT_WAIT_S = 600.0
"""A quota that is free again within this is one that a small plan uses up all the time."""


class StatusKind(Enum):
    NORMAL = "Normal"
    WARNING = "Warning"
    """Works, but not as configured: `local` answers because the endpoint does not."""
    ERROR = "Error"
    """Does not work until the user does something: a wrong key, a model that is gone."""
    INACTIVE = "Inactive"
    """Switched off, by a setting or for this language."""


@dataclass(frozen=True, slots=True)
class Status:
    """One line for the user. `busy` while an answer is being waited for.

    `remedy` is what an editor may offer to mend it: "setKey", "useLocalModel", "switchModel",
    "doctor", "wake" (the user has snoozed it); "" where it passes by itself.
    """

    kind: StatusKind
    message: str = ""
    busy: bool = False
    is_loading: bool = False
    """The endpoint will answer once its model is loaded."""
    remedy: str = field(default="", compare=False)
    """The command that solves the problem, by the name that clients with remedies know."""


OWN_CODE_ONLY = Status(StatusKind.NORMAL, "Completions come from your own code only.")
"""The settings choose no model."""
NO_KEY = Status(
    StatusKind.NORMAL,
    "Completions come from your own code only: there is no key yet.",
    remedy="setKey",
)

_REMEDIES: tuple[tuple[type[ProviderError], str], ...] = (
    (Unauthorized, "setKey"),
    (KeyNotSent, "setKey"),
    (QuotaExhausted, "useLocalModel"),
    (ModelNotFound, "switchModel"),
    (FimNotSupported, "switchModel"),
    (EndpointUnreachable, "doctor"),
)


def failure_status(error: ProviderError, *, has_local: bool) -> Status:
    """The status after an endpoint's failure. `has_local`: `local` goes on answering."""
    if isinstance(error, BudgetExceeded):
        is_short = error.retry_after_s is not None and error.retry_after_s <= SHORT_WAIT_S
        return Status(StatusKind.NORMAL if is_short else StatusKind.WARNING, str(error))
    loading = error.is_loading
    remedy = next((name for kind, name in _REMEDIES if isinstance(error, kind)), "")
    if not has_local:
        kind = StatusKind.WARNING if loading else StatusKind.ERROR
        return Status(kind, str(error), is_loading=loading, remedy=remedy)
    said = f"{error} Meanwhile `local` completes from your code."
    return Status(StatusKind.WARNING, said, is_loading=loading, remedy=remedy)
