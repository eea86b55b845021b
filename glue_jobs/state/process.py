"""Tells whether the process that wrote something is gone, where that can be known for certain."""

from __future__ import annotations

import os
import time
from pathlib import Path

_PROC = Path("/proc")


def now() -> float:
    """Seconds on a clock that nobody sets, and that goes on while the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def this_process() -> str:
    """A mark that no other process ever has: boot, process namespace, id and start. Empty where /proc is not there."""
    try:
        return f"{_place()}:{os.getpid()}:{_started(os.getpid())}"
    except (OSError, IndexError):
        return ""


def is_gone(mark: str) -> bool | None:
    """True or False for a process of this machine; None for any other, of which nothing can be known from here."""
    try:
        place, pid, started = mark.rsplit(":", 2)
        if place != _place():
            return None
        return _started(int(pid)) != started
    except FileNotFoundError:
        return True
    except (OSError, ValueError, IndexError):
        return None


def _place() -> str:
    boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}:{os.readlink(_PROC / 'self/ns/pid')}"


def _started(pid: int) -> str:
    # The name may hold blanks and brackets, so count from the last bracket: state, then the 22nd field is the start.
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return "ended" if fields[0] in "ZX" else fields[19]
