"""How completion is doing, in the words that editors show in a status bar.

The four kinds are those of Copilot's language server, so that plugins written for it can show ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from devstral_lsp.errors import BudgetExceeded, ProviderError

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
    """One line for the user. `busy` while an answer is being waited for."""

    kind: StatusKind
    message: str = ""
    busy: bool = False
    is_loading: bool = False
    """The endpoint will answer once its model is loaded."""


def failure_status(error: ProviderError, *, has_local: bool) -> Status:
    """What the status bar says of an endpoint's failure; `has_local`: `local` goes on answering."""
    if isinstance(error, BudgetExceeded):
        is_short = error.retry_after_s is not None and error.retry_after_s <= SHORT_WAIT_S
        return Status(StatusKind.NORMAL if is_short else StatusKind.WARNING, str(error))
    loading = error.is_loading
    if not has_local:
        kind = StatusKind.WARNING if loading else StatusKind.ERROR
        return Status(kind, str(error), is_loading=loading)
    told = f"{error} Meanwhile `local` completes from your code."
    return Status(StatusKind.WARNING, told, is_loading=loading)
