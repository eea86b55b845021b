"""Keeps tables in shape by OPTIMIZE, ZORDER BY the contract's `cluster_by`, and VACUUM, under the tables'
leases.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial

from glue_jobs.errors import RunError, explain, first_line
from glue_jobs.job_types.concurrency import run_concurrently
from glue_jobs.job_types.retries import try_again
from glue_jobs.run_context import RunContext
from glue_jobs.s3 import S3Uri, list_objects
from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import LeaseTakenError, lease
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables.delta_log import version
from glue_jobs.tables.maintenance import ClusteringState, TableMaintainer
from lakehouse.pipelines.job_keys import table_watermark
from lakehouse.pipelines.maintenance import maintained

# A stream holds its table for one micro-batch; a batch job that holds it longer is not waited for.
WAIT_SECONDS = 15


@dataclass(frozen=True)
class FileCounts:
    """A table's files and bytes in S3, before and after.

    `files` and `bytes` are those of its newest version, `stored_` those of all stored versions together.
    """

    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int
    stored_files_before: int
    stored_files_after: int
    stored_bytes_before: int
    stored_bytes_after: int


class Maintain:
    """Maintains every table that the job row names.

    Passes over a table that is being written or does not exist yet. A table that fails stops no other.
    """

    def execute(self, run: RunContext) -> None:
        tables = maintained(run.job, run.schemas)
        elsewhere = [t for t in tables if t not in run.schemas.on_lake]
        if elsewhere:
            raise RunError(
                f"{', '.join(elsewhere)} is no table of the lake; PostgreSQL maintains its own", code="RUN211"
            )
        failed: dict[str, BaseException] = {}

        def act(table: str) -> None:
            try:
                try_again(run, partial(self._maintain, run, table), f"table {table}")
            except Exception as error:  # the other tables go on; the run reports all failures at its end
                failed[table] = explain(error)
                message = "table %s not maintained: %s"
                run.log.error(
                    message, table, first_line(failed[table]), extra={"table": table}, exc_info=True
                )

        run_concurrently(act, tables)
        if failed:
            reasons = "; ".join(f"{table}: {first_line(error)}" for table, error in sorted(failed.items()))
            run.problems.append(
                RunError(
                    f"{len(failed)} of {len(tables)} tables were not maintained: {reasons}", code="RUN210"
                )
            )

    def _maintain(self, run: RunContext, table: str) -> None:
        if version(run.session, run.uri(table)) < 0:
            self._pass_over(run, table, "it does not exist yet")
            return
        wait_seconds = min(WAIT_SECONDS, run.env.lease_wait_seconds)
        try:
            with lease(run.env, table, run.run_id, wait_seconds=wait_seconds) as guard:
                maintainer = TableMaintainer.of(
                    run.session, run.uri(table), run.contract(table), run.env.maintenance, guard.check
                )
                files = self._optimize_and_vacuum(run, table, maintainer)
        except LeaseTakenError as taken:
            self._pass_over(run, table, str(taken))
            return
        run.files[table] = asdict(files)
        run.log.info("table %s maintained", table, extra={"table": table, **asdict(files)})
        run.count(table, Counts())

    def _optimize_and_vacuum(self, run: RunContext, table: str, maintainer: TableMaintainer) -> FileCounts:
        before, stored_before = maintainer.file_stats(), _stored_files(run, table)
        watermarks, key = Watermarks(run.env), table_watermark(run.job, table)
        position = watermarks.read(key).position
        last = (
            ClusteringState(position["table_id"], position["version"], tuple(position["columns"]))
            if position
            else None
        )
        clustering = maintainer.optimize(last)
        if clustering and clustering != last:
            watermarks.reset(key, asdict(clustering))
        maintainer.vacuum()
        after, stored_after = maintainer.file_stats(), _stored_files(run, table)
        return FileCounts(
            files_before=before.files,
            files_after=after.files,
            bytes_before=before.bytes,
            bytes_after=after.bytes,
            stored_files_before=stored_before[0],
            stored_files_after=stored_after[0],
            stored_bytes_before=stored_before[1],
            stored_bytes_after=stored_after[1],
        )

    def _pass_over(self, run: RunContext, table: str, reason: str) -> None:
        run.files[table] = {"passed_over": 1}
        run.log.warning("table %s passed over: %s", table, reason, extra={"table": table})


def _stored_files(run: RunContext, table: str) -> tuple[int, int]:
    """(files, bytes) of all versions together, without the log."""
    folder = S3Uri.parse(run.uri(table)).folder
    sizes = [item["Size"] for item in list_objects(run.aws.s3, folder) if "/_delta_log/" not in item["Key"]]
    return len(sizes), sum(sizes)
