"""Erases a person from every place that holds rows of theirs, and says what it cannot erase."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from cli.personal_data.database_places import database_places
from cli.personal_data.gate_results import GateResults
from cli.personal_data.lake_places import in_days, lake_places
from cli.personal_data.run_files import run_files
from cli.personal_data.scope import Left, Place, Scope
from cli.personal_data.second_region import copies
from cli.personal_data.subject import Subject
from cli.personal_data.subject_tables import SubjectTable, published_to
from cli.recovery.exports import exports_of
from lakehouse.environments import Environment
from lakehouse.pipelines import Job

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Erasure:
    """One person, the tables that may hold rows of theirs, and the jobs that read these tables.

    `nameless`: tables with personal data of the person's tables that have no column which names them.
    """

    env: Environment
    s3: S3Client
    subject: Subject
    tables: list[SubjectTable]
    jobs: list[Job]
    run_id: str
    nameless: list[str] = field(default_factory=list)
    delete_files: bool = False

    @cached_property
    def places(self) -> list[Place]:
        """Every place, those that are read from last first; copies after their originals."""
        scope = Scope(self.env, self.s3, self.subject, self.jobs, self.run_id, self.delete_files)
        return list(_places(scope, [of for of in self.tables if of.masked != "partial"]))

    def find(self, *, unit: str = "") -> dict[str, int]:
        """Place → rows (or objects) of the person, of every place that holds some; of one unit."""
        return _some((p, p.count()) for p in self.places if unit in ("", p.unit))

    def erase(self) -> dict[str, int]:
        """Deletes them, place by place, and gives what went. Started again, it goes on with what is left.

        Raises RunError: RUN020 where a run holds a table, RUN529 where a reader lags behind, and the error of
        a database that is down.
        """
        return _some((location, location.erase()) for location in self.places)

    def left(self) -> dict[str, Left]:
        """Place → why it may hold the person still. Ask `find` or `erase` first: they meet what is left."""
        left = {name: reason for location in self.places for name, reason in location.left().items()}
        for of in self.tables:
            left |= self._left_of(of)
        for table in self.nameless:
            left[f"table {table}"] = Left("it has personal data, and no column that names the person")
        left |= {
            f"export {name} of the second region": Left(
                "it stays as it was: delete the folder, or forget the person again after a restore of it"
            )
            for name in exports_of(self.env, [of.table for of in self.tables])
        }
        days = self.env.stack.recovery.backup_days
        left["backups of the Lakebase and of the state, in both regions"] = Left(
            "AWS Backup deletes none before its day", in_days(days)
        )
        return left

    def _left_of(self, of: SubjectTable) -> dict[str, Left]:
        left: dict[str, Left] = {}
        if of.masked == "partial":
            left[f"table {of.table}"] = Left(f"{of.column} holds parts of values, which name nobody")
        if not of.published:
            for warehouse in published_to(self.jobs, of.table):
                left[f"{warehouse} {of.table}"] = Left("the column that names the person is not published")
        source = of.contract.lake.source
        if source and source.kind == "kafka":
            left[f"source kafka {source.object}"] = Left("the broker keeps messages for as long as it is set")
        elif source and source.kind != "landing":
            left[f"source {source.kind} {source.object}"] = Left("it would send the person again")
        return left


def _places(scope: Scope, tables: list[SubjectTable]) -> Iterator[Place]:
    for of in tables:
        yield from lake_places(scope, of)
        yield from database_places(scope, of)
        if of.column in of.contract.primary_key:
            yield GateResults(scope, of)
    yield from run_files(scope, {of.table for of in tables})
    for of in tables:
        yield from copies(scope, of)


def _some(numbers: Iterable[tuple[Place, int]]) -> dict[str, int]:
    return {location.name: number for location, number in numbers if number}
