"""Identifies this process, and says whether another process of this machine has ended."""

from __future__ import annotations

import os
import time
from pathlib import Path

_PROC = Path("/proc")


def now() -> float:
    """Seconds on a monotonic clock that also counts while the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def this_process() -> str:
    """A unique identity of this process: boot, process namespace, id and start time. Empty without /proc."""
    try:
        return f"{_namespace()}:{os.getpid()}:{_start_time(os.getpid())}"
    except (OSError, IndexError):
        return ""


def process_ended(identity: str) -> bool | None:
    """Whether the process with this identity has ended; None when it runs on another machine or boot."""
    try:
        namespace, pid, started = identity.rsplit(":", 2)
        if namespace != _namespace():
            return None
        return _start_time(int(pid)) != started
    except FileNotFoundError:
        return True
    except (OSError, ValueError, IndexError):
        return None


def _namespace() -> str:
    boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}:{os.readlink(_PROC / 'self/ns/pid')}"


def _start_time(pid: int) -> str:
    # The program's name may hold blanks and brackets, so fields are counted from the last bracket:
    # the state comes first, and the start time is field 22 of the whole line.
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return "ended" if fields[0] in "ZX" else fields[19]
