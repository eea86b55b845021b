"""A drill of the loss of the first region, in an environment of its own, beside the one that is drilled."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cli.recovery.copies import cut
from cli.recovery.dr import Copy, look_at
from cli.recovery.drill_diff import compare
from cli.recovery.marks import watermarks_of
from cli.recovery.region import Region
from cli.tables.versions import commits
from glue_jobs.s3 import S3Uri, delete_prefix
from glue_jobs.state.watermark import Watermarks, WatermarkState
from lakehouse.contracts import Contract
from lakehouse.environments import Environment

_THREADS = 16
Objects = Mapping[str, Iterable[str]]


@dataclass(frozen=True)
class DrillResult:
    """What a drill measured.

    `rpo_seconds`: between the newest commit of a table and the one that had arrived whole, of the worst
    table. `rto_seconds`: from the look at the copies until the day has run. `differences`: table → rows that
    differ from the world that was never lost.
    """

    seed: int
    objects: int
    arrived: int
    cut: tuple[str, ...]
    rpo_seconds: float
    rto_seconds: float
    rows: int
    differences: dict[str, int]


@dataclass(frozen=True)
class Drill:
    """The world that lives, the environment that is to go on from its copies, and what was before the day.

    `before`: table → keys of the objects that were copied long ago. `state`: the backup of the watermarks,
    which is older than the copies. `run`: runs the day in an environment.
    """

    living: Environment
    drilled: Environment
    contracts: Mapping[str, Contract]
    before: Objects
    state: Sequence[WatermarkState]
    run: Callable[[Environment], None]

    def execute(self, seed: int) -> DrillResult:
        """One drill: the day's objects arrive in random order until a random moment; then all is restored."""
        second = Region.second(self.drilled)
        order = random.Random(seed)  # noqa: S311 - no secret: the same seed is the same drill
        objects, arrived = self._replicate(second, order)
        began = time.monotonic()
        self._restore_state()
        marks = watermarks_of(self.drilled)
        copies = [look_at(second.env, table, marks) for table in self.contracts]
        rpo = max((self._lost_seconds(copy) for copy in copies), default=0.0)
        for copy in copies:
            if copy.newest is not None and copy.complete is None:
                # A table of that day whose first version has not arrived is made again from the layer below.
                delete_prefix(second.s3, second.folder(copy.table))
        cut(second, [copy for copy in copies if copy.complete is not None or copy.newest is None])
        self._fill(second)
        self.run(self.drilled)
        rto = time.monotonic() - began
        rows, differences = compare(Region.first(self.living), Region.first(self.drilled), self.contracts)
        cut_back = tuple(copy.table for copy in copies if not copy.whole)
        return DrillResult(seed, objects, arrived, cut_back, rpo, rto, rows, differences)

    def _replicate(self, second: Region, rng: random.Random) -> tuple[int, int]:
        """(objects of the day, how many of them arrived)."""
        first = Region.first(self.living)
        old: list[tuple[str, str]] = []
        new: list[tuple[str, str]] = []
        for table in self.contracts:
            delete_prefix(second.s3, second.folder(table))
            existing = set(self.before.get(table, ()))
            for item in first.objects(table).values():
                key = item["Key"][len(first.folder(table).key) :]
                (old if key in existing else new).append((table, key))
        rng.shuffle(new)
        arrived = new[: rng.randrange(len(new) + 1)]
        _copy(first, second, [*old, *arrived])
        return len(new), len(arrived)

    def _restore_state(self) -> None:
        marks = Watermarks(self.drilled)
        for state in list(marks.list()):
            marks.open(state.key).restore(None, state.batch)
        for state in self.state:
            marks.open(state.key).restore(state.position, state.batch)

    def _lost_seconds(self, copy: Copy) -> float:
        times = {c.version: c.at for c in commits(Region.first(self.living).open(copy.table))}
        newest = times[max(times)]
        complete = times.get(-1 if copy.complete is None else copy.complete, times[min(times)])
        return (newest - complete).total_seconds()

    def _fill(self, second: Region) -> None:
        """The buckets of the new region are filled from the copies."""
        target = Region.first(self.drilled)
        objects: list[tuple[str, str]] = []
        for table in self.contracts:
            delete_prefix(target.s3, target.folder(table))
            length = len(second.folder(table).key)
            objects += [(table, item["Key"][length:]) for item in second.objects(table).values()]
        _copy(second, target, objects)


def objects_of(env: Environment, tables: Iterable[str]) -> dict[str, list[str]]:
    """Table → keys of its objects now, below the table's folder."""
    region = Region.first(env)
    return {
        table: [item["Key"][len(region.folder(table).key) :] for item in region.objects(table).values()]
        for table in tables
    }


def _copy(source: Region, target: Region, objects: Sequence[tuple[str, str]]) -> None:
    def copy(named: tuple[str, str]) -> None:
        table, key = named
        origin, to = source.folder(table), S3Uri(target.folder(table).bucket, target.folder(table).key + key)
        copied = {"Bucket": origin.bucket, "Key": origin.key + key}
        target.s3.copy_object(Bucket=to.bucket, Key=to.key, CopySource=copied)  # type: ignore[arg-type]

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(copy, objects))
