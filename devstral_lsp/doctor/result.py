"""The result of one check of `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class CheckStatus(Enum):
    """How a check went. A warning is something that works, but not as well as it could."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found, and what to do about it, empty if nothing. Holds no key."""

    check: str
    mark: CheckStatus
    message: str
    hint: str = ""
