"""How completion is doing, in the words that editors show in a status bar.

The four kinds are those of Copilot's language server, so that plugins written for it can show ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from devstral_lsp.errors import ProviderError


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

    `remedy` is what an editor may offer to mend it: "setKey", "switchModel", "doctor", "wake" (the
    user has snoozed it); "" for nothing.
    """

    kind: StatusKind
    message: str = ""
    busy: bool = False
    remedy: str = ""


def failure_status(error: ProviderError, *, has_local: bool) -> Status:
    """What the status bar says of an endpoint's failure; `has_local`: `local` goes on answering."""
    if not has_local:
        return Status(StatusKind.ERROR, str(error))
    return Status(StatusKind.WARNING, f"{error} Meanwhile `local` completes from your code.")
