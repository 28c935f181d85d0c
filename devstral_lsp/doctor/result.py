"""The result of one check of `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class CheckStatus(Enum):
    """The status of a check. A warning is something that works, but not as well as it could."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check, and a hint how to fix it, "" for none. Contains no key."""

    check: str
    status: CheckStatus
    message: str
    hint: str = ""

    @property
    def to_json(self) -> dict[str, str]:
        """As `devstral.doctor` and `devstral-lsp doctor --json` report it."""
        return {
            "check": self.check,
            "mark": self.status.value,
            "said": self.message,
            "advice": self.hint,
        }
