"""Judges tables by their suites; a broken critical rule stops the pipeline, a broken warning alerts."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from glue_jobs.job_types.concurrency import side_by_side
from glue_jobs.observability.alerts import alert
from glue_jobs.quality.compile import judge
from glue_jobs.quality.gate import GateFailedError, described, verdict
from glue_jobs.quality.result import Result
from glue_jobs.quality.results import RESULTS_DDL, results_key, to_document, to_rows
from glue_jobs.run_context import RunContext
from glue_jobs.s3 import S3Uri
from glue_jobs.state.audit import Counts
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables import delta_log
from glue_jobs.tables.read import newest, pinned, without_deleted
from lakehouse.contracts import Schemas
from lakehouse.environments import Environment, names


def judge_table(
    session: SparkSession,
    env: Environment,
    schemas: Schemas,
    table: str,
    run_date: date,
    *,
    at: int | None = None,
) -> list[Result]:
    """One table by its suite, at version `at` or as it is now; what it refers to as it is now."""

    def other(name: str) -> DataFrame:
        return without_deleted(newest(session, names.table_uri(env, name), name), schemas.contracts[name])

    uri = names.table_uri(env, table)
    rows = newest(session, uri, table) if at is None else pinned(session, uri, table, at)
    return judge(
        rows, schemas.suites[table], run_date=run_date, tables=other, key=schemas.contracts[table].primary_key
    )


class Gate:
    """Judges every table that the job row reads, and was not judged sound as it is now: a day without news costs nothing."""

    def execute(self, run: RunContext) -> None:
        found: dict[str, list[Result]] = {}

        def act(table: str) -> None:
            found[table] = self._judge(run, table)

        side_by_side(act, [t for t in run.job.reads if t in run.schemas.suites])
        results = [r for table in run.job.reads for r in found.get(table, [])]
        self._store(run, found)
        outcome = verdict(results)
        run.critical_failures = len(outcome.critical)
        if outcome.warnings:
            body = {
                "job": run.job.name,
                "run_id": run.run_id,
                "warnings": [described(r) for r in outcome.warnings],
            }
            run.log.warning(
                "gate has %d warnings", len(outcome.warnings), extra={"warnings": body["warnings"]}
            )
            alert(run.env, f"{run.job.name}: {len(outcome.warnings)} warnings", body)
        if outcome.critical:
            raise GateFailedError(
                run.job.name,
                outcome,
                run_date=run.run_date,
                run_id=run.run_id,
                results_in=names.dq_results_root(run.env),
            )

    def _judge(self, run: RunContext, table: str) -> list[Result]:
        """The results of one table; none when it passed already as it is now, for this very date."""
        watermarks, key = Watermarks(run.env), f"{run.job.name}.{table}"
        seen = self._seen(run, table)
        if watermarks.read(key).position == seen:
            run.count(table, Counts())
            return []

        results = judge_table(
            run.session, run.env, run.schemas, table, run.run_date, at=seen["versions"][table]
        )
        checked = max((r.element_count for r in results), default=0)
        run.count(table, Counts(rows_in=checked, written=checked))
        if not verdict(results).critical:
            watermarks.reset(key, seen)
        return results

    def _seen(self, run: RunContext, table: str) -> dict[str, Any]:
        """All that the results of a table follow from: its version, those of the tables it refers to, the rules and the date."""
        suite = run.schemas.suites[table]
        others = {str(e.kwargs["table"]) for e in suite.expectations if "table" in e.kwargs}
        versions = {t: delta_log.version(run.session, run.uri(t)) for t in sorted({table, *others})}
        rules = hashlib.sha256(suite.model_dump_json().encode()).hexdigest()
        return {"versions": versions, "rules": rules, "run_date": run.run_date.isoformat()}

    def _store(self, run: RunContext, found: dict[str, list[Result]]) -> None:
        """As a Delta table, and one JSON document per table in the shape of Great Expectations' own results."""
        root = S3Uri.parse(names.dq_results_root(run.env))
        found = {table: results for table, results in found.items() if results}
        for table, results in found.items():
            key = run.contract(table).primary_key
            text = to_document(
                table, results, run_id=run.run_id, run_date=run.run_date, job=run.job.name, key=key
            )
            run.aws.s3.put_object(
                Bucket=root.bucket,
                Key=root.child(results_key(table, run.run_date, run.run_id)).key,
                Body=text.encode(),
            )
        for layer in sorted({t.split(".")[0] for t in found}):
            of_layer = [r for t, rs in found.items() if t.startswith(f"{layer}.") for r in rs]
            rows = run.session.createDataFrame(
                to_rows(of_layer, run.run_id, run.run_date, run.job.name), RESULTS_DDL
            ).coalesce(1)
            rows.write.format("delta").mode("append").save(
                f"{names.dq_results_root(run.env)}/{layer}/results"
            )
