"""What a process holds, as Linux tells: memory, open files, threads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look at a process. `memory_mb` is what is resident."""

    memory_mb: float
    files: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> Self:
        status = Path(f"/proc/{pid}/status").read_text()
        found = dict(re.findall(r"^(VmRSS|Threads):\s+(\d+)", status, re.MULTILINE))
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        return cls(int(found["VmRSS"]) / 1024, files, int(found["Threads"]))
