"""What a Glue worker has, and the cores that this machine gives to the runs of the embedded Glue."""

from __future__ import annotations

import os
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

import psutil as _psutil

psutil: Any = _psutil  # it ships no types

# Worker type → (vCPUs, memory in GiB, DPUs).
# https://docs.aws.amazon.com/glue/latest/dg/worker-types.html
WORKERS = {
    "Standard": (4, 16, 1.0),
    "G.025X": (2, 4, 0.25),
    "G.1X": (4, 16, 1.0),
    "G.2X": (8, 32, 2.0),
    "G.4X": (16, 64, 4.0),
    "G.8X": (32, 128, 8.0),
    "G.12X": (48, 192, 12.0),
    "G.16X": (64, 256, 16.0),
    "R.1X": (4, 32, 1.0),
    "R.2X": (8, 64, 2.0),
    "R.4X": (16, 128, 4.0),
    "R.8X": (32, 256, 8.0),
}
DEFAULT_WORKER, DEFAULT_WORKERS = "G.1X", 10
# Of a worker's memory Glue leaves so much to Spark's heap.
_HEAP_SHARE = 0.6
# All runs together get at most so much of this machine's memory.
_MACHINE_SHARE = 0.5
_LEAST_MB = 1024


@dataclass(frozen=True)
class Machine:
    """The cores and the memory that runs of the embedded Glue share."""

    cores: int
    memory_mb: int

    @classmethod
    def this_one(cls) -> Machine:
        return cls(os.cpu_count() or 1, int(psutil.virtual_memory().total / 2**20))


@dataclass(frozen=True)
class Share:
    """The local Spark of one run: its cores, its heap in MiB, and the DPUs that Glue would bill."""

    cores: int
    memory_mb: int
    dpu: float


def share_of(machine: Machine, worker_type: str, workers: int) -> Share:
    """The part of the machine that a run of so many workers gets.

    One worker is the driver; the cores and the heap of the others are those of the local Spark, as far as
    the machine has them.
    """
    vcpus, gib, dpu = WORKERS.get(worker_type, WORKERS[DEFAULT_WORKER])
    executors = max(1, workers - 1)
    cores = min(vcpus * executors, machine.cores)
    heap = int(gib * 1024 * _HEAP_SHARE) * executors
    limit = int(machine.memory_mb * _MACHINE_SHARE * cores / machine.cores)
    return Share(cores, max(_LEAST_MB, min(heap, limit)), dpu * workers)


class Cores:
    """The free cores of the machine; runs wait for theirs in the order in which they came."""

    def __init__(self, total: int) -> None:
        self._free = total
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    def try_take(self, cores: int) -> bool:
        """Take the cores if they are free and nobody waits for any."""
        with self._changed:
            if self._queue or cores > self._free:
                return False
            self._free -= cores
            return True

    def take(self, cores: int, cancelled: threading.Event) -> bool:
        """Wait for the cores. Returns False, with none taken, when `cancelled` is set before."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                while not cancelled.is_set():
                    if self._queue[0] is ticket and cores <= self._free:
                        self._free -= cores
                        return True
                    self._changed.wait(0.2)
                return False
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def give_back(self, cores: int) -> None:
        with self._changed:
            self._free += cores
            self._changed.notify_all()
