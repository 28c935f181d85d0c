"""What a process holds, as Linux tells: memory, open files, threads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look at a process. `memory_mb` is what is resident, `peak_mb` the most that ever was."""

    memory_mb: float
    peak_mb: float
    files: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> Self:
        status = Path(f"/proc/{pid}/status").read_text()
        found = dict(re.findall(r"^(VmRSS|VmHWM|Threads):\s+(\d+)", status, re.MULTILINE))
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        memory_mb, peak_mb = (int(found[name]) / 1024 for name in ("VmRSS", "VmHWM"))
        return cls(memory_mb, peak_mb, files, int(found["Threads"]))
