"""Measures both sides of a step in turn, in one session, so that other load meets both."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import psutil

from benchmarks.bench_tables import BenchTables
from benchmarks.steps import Step

SIDES = ("engine", "bare")
# Java compiles the longer side's code later.
WARM = 2


@dataclass
class Timing:
    """Seconds and processor seconds of each round after the warm-up, and the two tables' checksums."""

    step: str
    seconds: dict[str, list[float]] = field(default_factory=lambda: {s: [] for s in SIDES})
    cpu: dict[str, list[float]] = field(default_factory=lambda: {s: [] for s in SIDES})
    tables: dict[str, Any] = field(default_factory=dict)

    def median(self, side: str) -> float:
        return median(self.seconds[side])

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: the two sides of one round meet the same load."""
        return median(e / b for e, b in zip(self.seconds["engine"], self.seconds["bare"], strict=True))

    @property
    def cpu_ratio(self) -> float:
        """The ratio of processor seconds, which other work on the machine disturbs least."""
        return median(self.cpu["engine"]) / median(self.cpu["bare"])

    @property
    def equal(self) -> bool:
        return self.tables.get("engine") == self.tables.get("bare")


def compare(bench: BenchTables, step: Step, rounds: int) -> Timing:
    """Run rounds to warm up and `rounds` that count; the sides take turns to begin."""
    timing = Timing(step.name)
    warm = WARM if rounds else 1
    for n in range(1 - warm, rounds + 1):
        for side in SIDES if n % 2 else SIDES[::-1]:
            seconds, cpu = timed(bench, step, side)
            if n > 0:
                timing.seconds[side].append(seconds)
                timing.cpu[side].append(cpu)
    if step.table:
        timing.tables = {side: bench.checksum(bench.uri(step.table, side), step.table) for side in SIDES}
    step.after()
    return timing


def timed(bench: BenchTables, step: Step, side: str) -> tuple[float, float]:
    """(seconds, processor seconds) of one side, after its tables are restored."""
    step.ready(side)
    act = step.engine if side == "engine" else step.bare
    busy, began = _cpu(), time.perf_counter()
    act()
    return time.perf_counter() - began, _cpu() - busy


def _cpu() -> float:
    return float(sum(p.cpu_times().user + p.cpu_times().system for p in _ours()))


def _ours() -> list[Any]:
    """This process and its Spark driver; the local platform, also a child, is left out."""
    me: Any = psutil.Process(os.getpid())  # type: ignore[no-untyped-call]
    return [me, *[p for p in me.children() if _is_driver(p)]]


def _is_driver(process: Any) -> bool:
    try:
        return "org.apache.spark.deploy.SparkSubmit" in process.cmdline()
    except psutil.Error:
        return False


class Resident:
    """The peak resident memory of this process and its Spark driver while the block runs, in MiB."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Resident:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            self.peak = max(self.peak, sum(map(_resident, _ours())) / 2**20)


def _resident(process: Any) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def once(bench: BenchTables, steps: list[Step], side: str) -> dict[str, float]:
    """Run every step once on one side. Returns the peak resident memory in MiB by step."""
    peaks: dict[str, float] = {}
    for step in steps:
        step.ready(side)
        with Resident() as memory:
            (step.engine if side == "engine" else step.bare)()
        peaks[step.name] = memory.peak
        if side == "bare" and step.table and step.table != "gold.dim_customer":
            bench.copy(bench.uri(step.table, "bare"), bench.uri(step.table))
        step.after()
    return peaks
