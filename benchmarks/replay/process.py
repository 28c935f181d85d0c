"""What a process and its children cost so far, read from Linux' /proc."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """CPU seconds, user and system, of a process and its descendants, ended ones included."""
    return sum(_cpu_s(each) for each in _family(pid))


def peak_rss_mb(pid: int) -> float:
    """The sum of the peaks of resident memory, in MB of a million bytes."""
    return sum(_peak_kb(each) for each in _family(pid)) * 1024 / 1e6


def _family(pid: int) -> list[int]:
    family = [pid]
    for each in family:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            family += [int(child) for child in children.read_text().split()]
    return family


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / _TICKS_PER_S


def _peak_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)
