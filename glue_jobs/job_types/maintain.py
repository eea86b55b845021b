"""Keeps tables in shape: OPTIMIZE, ZORDER BY the contract's `cluster_by`, VACUUM; each under the table's lease, none in another's way."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from glue_jobs.errors import RunError, first_line, plain
from glue_jobs.job_types.concurrency import side_by_side
from glue_jobs.run_context import RunContext
from glue_jobs.s3 import S3Uri, list_objects
from glue_jobs.state.audit import Counts
from glue_jobs.state.lease import LeaseTakenError, lease
from glue_jobs.state.watermark import Watermarks
from glue_jobs.tables.delta_log import version
from glue_jobs.tables.maintenance import ClusteringState, TableMaintainer
from lakehouse.pipelines.maintenance import maintained

# A stream holds its table for one micro-batch; a batch job that holds it longer is not waited for.
WAIT_SECONDS = 15


@dataclass(frozen=True)
class Files:
    """What became of a table's files: those of its newest version, and all that are stored, older versions among them. Bytes of S3."""

    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int
    stored_files_before: int
    stored_files_after: int
    stored_bytes_before: int
    stored_bytes_after: int


class Maintain:
    """Every table that the job row maintains. One that is being written or does not exist yet is passed over; one that fails keeps no other."""

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
                self._maintain(run, table)
            except Exception as error:  # the others have done nothing wrong; the run says all at its end
                run.log.error(
                    "table %s not maintained: %s",
                    table,
                    first_line(plain(error)),
                    extra={"table": table},
                    exc_info=True,
                )
                failed[table] = plain(error)

        side_by_side(act, tables)
        if failed:
            told = "; ".join(f"{table}: {first_line(error)}" for table, error in sorted(failed.items()))
            run.problems.append(
                RunError(f"{len(failed)} of {len(tables)} tables were not maintained: {told}", code="RUN210")
            )

    def _maintain(self, run: RunContext, table: str) -> None:
        if version(run.session, run.uri(table)) < 0:
            self._passed_over(run, table, "it does not exist yet")
            return
        try:
            with lease(
                run.env, table, run.run_id, wait_seconds=min(WAIT_SECONDS, run.env.lease_wait_seconds)
            ) as held:
                kept = TableMaintainer.of(
                    run.session, run.uri(table), run.contract(table), run.env.maintenance, held.check
                )
                files = self._kept(run, table, kept)
        except LeaseTakenError as taken:
            self._passed_over(run, table, str(taken))
            return
        run.files[table] = asdict(files)
        run.log.info("table %s maintained", table, extra={"table": table, **asdict(files)})
        run.count(table, Counts())

    def _kept(self, run: RunContext, table: str, kept: TableMaintainer) -> Files:
        before, stored_before = kept.file_stats(), _stored(run, table)
        marks, key = Watermarks(run.env), f"{run.job.name}.{table}"
        seen = marks.read(key).position
        last = ClusteringState(seen["table_id"], seen["version"], tuple(seen["columns"])) if seen else None
        ordered = kept.optimize(last)
        if ordered and ordered != last:
            marks.reset(key, asdict(ordered))
        kept.vacuum()
        after, stored_after = kept.file_stats(), _stored(run, table)
        return Files(
            before.files,
            after.files,
            before.bytes,
            after.bytes,
            stored_before[0],
            stored_after[0],
            stored_before[1],
            stored_after[1],
        )

    def _passed_over(self, run: RunContext, table: str, why: str) -> None:
        run.files[table] = {"passed_over": 1}
        run.log.warning("table %s passed over: %s", table, why, extra={"table": table})


def _stored(run: RunContext, table: str) -> tuple[int, int]:
    """(files, bytes) of all versions together, without the log."""
    objects = list_objects(run.aws.s3, S3Uri.parse(run.uri(table)).folder)
    sizes = [item["Size"] for item in objects if "/_delta_log/" not in item["Key"]]
    return len(sizes), sum(sizes)
