"""Judges one table by its suite: whole, or what changed of it since it last passed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.errors import error_code, explain, first_line
from glue_jobs.job_types.gate_extremes import Remembered
from glue_jobs.job_types.gate_keys import lost_values
from glue_jobs.job_types.gate_part import changed_part
from glue_jobs.job_types.gate_rules import PartJudge
from glue_jobs.quality.compile import judge
from glue_jobs.quality.result import Result
from glue_jobs.tables.read import newest, pinned, without_deleted
from lakehouse.contracts import Expectation, Schemas
from lakehouse.environments import Environment, names

log = logging.getLogger(__name__)

Versions = Mapping[str, int]
# Files of the older version are gone. Where a change of the columns lies between the versions, Spark refuses
# the change feed, or finds no such column, by an AnalysisException.
_WHOLE_AFTER = "RUN212"


def judge_table(
    session: SparkSession,
    env: Environment,
    schemas: Schemas,
    table: str,
    run_date: date,
    *,
    versions: Versions | None = None,
    since: Versions | None = None,
    before: Remembered | None = None,
) -> list[Result]:
    """The results of a table's suite.

    Reads each table at its version in `versions`, and without one as it is now. `since` are the versions in
    which the table passed: only what changed since then is judged, where that says as much. `before`: values
    of the whole table in those versions.
    """
    judged = _Table(session, env, schemas, table, run_date, versions or {}, before or {})
    if since is None or table not in since or table not in judged.versions:
        return judged.whole()
    try:
        return judged.part(since)
    except Exception as raised:
        error = explain(raised)
        if error_code(error) != _WHOLE_AFTER and not isinstance(raised, AnalysisException):
            raise
        log.warning("judged whole: %s", first_line(error), extra={"table": table})
        return judged.whole()


@dataclass(frozen=True)
class _Table:
    session: SparkSession
    env: Environment
    schemas: Schemas
    table: str
    run_date: date
    versions: Versions
    before: Remembered

    def whole(self) -> list[Result]:
        contract, suite = self.schemas.contracts[self.table], self.schemas.suites[self.table]
        return judge(
            self._rows(self.table),
            suite,
            run_date=self.run_date,
            tables=self._known,
            key=contract.primary_key,
        )

    def part(self, since: Versions) -> list[Result]:
        contract, suite = self.schemas.contracts[self.table], self.schemas.suites[self.table]
        until = self.versions[self.table]
        part = changed_part(self.session, self._uri(self.table), contract, since[self.table], until)
        if part is None:
            return self.whole()

        def has_lost(e: Expectation) -> bool:
            other, column = str(e.kwargs["table"]), str(e.kwargs["table_column"])
            if other not in since or other not in self.versions:
                return True
            ends = since[other], self.versions[other]
            return lost_values(self.session, self._uri(other), column, self._known(other), *ends)

        return PartJudge(
            whole=self._rows(self.table),
            part=part,
            suite=suite,
            run_date=self.run_date,
            tables=self._known,
            key=contract.primary_key,
            has_lost=has_lost,
            before=self.before,
        ).results()

    def _uri(self, name: str) -> str:
        return names.table_uri(self.env, name)

    def _rows(self, name: str) -> DataFrame:
        uri, version = self._uri(name), self.versions.get(name)
        return (
            newest(self.session, uri, name) if version is None else pinned(self.session, uri, name, version)
        )

    def _known(self, name: str) -> DataFrame:
        return without_deleted(self._rows(name), self.schemas.contracts[name])
