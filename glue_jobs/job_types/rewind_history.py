"""All rows that a table ever had, where the table itself keeps the newest row of each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from glue_jobs.contract import validate_and_quarantine
from glue_jobs.contract.validate import REJECT
from glue_jobs.errors import RunError
from glue_jobs.job_types.table_write import typed
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.state.audit import Counts
from glue_jobs.tables import commits, delta_log, read
from glue_jobs.tables.merge import content_hash, greatest_first
from lakehouse.contracts.masking import masks_on_read, masks_on_write
from lakehouse.environments import names
from lakehouse.pipelines.rewind import keeps_newest
from lakehouse.pipelines.table_parameters import parameter_of

if TYPE_CHECKING:
    from glue_jobs.job_types.transform import Transform
    from glue_jobs.run_context import RunContext
    from lakehouse.contracts import Contract
    from lakehouse.pipelines.rewind import RewindRequest

# The batches in which rows came to a table of all rows, in their order.
_ARRIVAL = ("_ingest_ts", "_batch_id")


def history_uri(run: RunContext, table: str, request: RewindRequest) -> str:
    """The folder of the rows that a table ever had, for one rewind."""
    return names.rewind_uri(run.env, table, request.id)


def inputs_with_history(
    run: RunContext, transform: Transform, contract: Contract, request: RewindRequest
) -> dict[str, DataFrame]:
    """(parameter → rows) of a table's function: what drives it with all rows, the others as they are now."""
    inputs = transform.inputs(run, contract.table)
    driving = contract.lake.incremental_from or inputs
    frames: dict[str, DataFrame] = {}
    for table in inputs:
        if table == contract.table:
            rows = run.session.createDataFrame([], contract.ddl)
        elif table in driving:
            rows = _history(run, table, request)
        else:
            rows = read.newest(run.session, run.uri(table), table)
        frames[parameter_of(table)] = run.masked(rows, masks_on_read(run.contract(table)))
    return frames


def _history(run: RunContext, table: str, request: RewindRequest) -> DataFrame:
    contract, uri = run.contract(table), history_uri(run, table, request)
    if next(iter(list_keys(run.aws.s3, S3Uri.parse(uri).folder)), None) is not None:
        return run.session.read.schema(contract.ddl).parquet(uri)
    if contract.lake.write == "append" or not keeps_newest(contract):
        return read.newest(run.session, run.uri(table), table)
    return _from_feed(run, table, request)


def _from_feed(run: RunContext, table: str, request: RewindRequest) -> DataFrame:
    """What a table ever had by its change feed. Rows of the source time `start` came after that moment."""
    uri = run.uri(table)
    until = delta_log.version(run.session, uri)
    since = commits.version_before(run.session, uri, request.start) if until >= 0 else None
    if since is None and not commits.begins_with_table(run.session, uri):
        raise RunError(
            f"{table} keeps the newest row of each key, and its log begins after "
            f"{request.start.isoformat()}: "
            "the states of that time are gone; choose a later --from",
            code="RUN651",
        )
    if since is None:
        first = delta_log.pinned_rows(run.session, uri, 0)
        return first.unionByName(read.new_rows(run.session, uri, 0, until)) if until else first
    newest = read.newest(run.session, uri, table)
    return newest.unionByName(read.new_rows(run.session, uri, since, until)) if since < until else newest


def write_history(run: RunContext, transform: Transform, contract: Contract, request: RewindRequest) -> None:
    """Writes the rows that a table has had, one after the other, into the folder of the rewind.

    They are those that its function makes of its inputs' rows, if they were newer when they came: what was
    late or came twice never reached a table that follows this one. Rows that only the table holds are added.
    """
    frames = inputs_with_history(run, transform, contract, request)
    rows = transform.call(run, contract.table, run.run_date, frames)
    arrival = [name for name in _ARRIVAL if name in rows.columns and name not in contract.by_name]
    reject = [REJECT] if REJECT in rows.columns else []
    validated = validate_and_quarantine(rows.select(*typed(contract), *reject, *arrival), contract)
    columns = list(contract.column_names)
    valid = validated.rows.where(~validated.is_invalid).select(*columns, *arrival)
    masked = run.masked(valid, masks_on_write(contract))
    accepted = _accepted(masked, contract, arrival or [str(contract.lake.sequence)]).select(*columns)
    _with_current(run, contract, accepted).write.mode("overwrite").parquet(
        history_uri(run, contract.table, request)
    )
    run.count(contract.table, Counts())


def _accepted(rows: DataFrame, contract: Contract, arrival: list[str]) -> DataFrame:
    """Of each batch the newest row of a key, where it is newer than those of the batches before."""
    sequence, columns = F.col(str(contract.lake.sequence)), contract.column_names
    of_batch = Window.partitionBy(*contract.primary_key, *arrival)
    newest_first: list[Column] = [sequence.desc(), *greatest_first(columns)]
    newest = rows.withColumn("_n", F.row_number().over(of_batch.orderBy(*newest_first))).where("_n = 1")
    rank = F.struct(sequence, content_hash(columns))
    before = (
        Window.partitionBy(*contract.primary_key).orderBy(*arrival).rowsBetween(Window.unboundedPreceding, -1)
    )
    best = newest.withColumn("_rank", rank).withColumn("_best", F.max("_rank").over(before))
    return best.where(F.col("_best").isNull() | (F.col("_rank") > F.col("_best")))


def _with_current(run: RunContext, contract: Contract, history: DataFrame) -> DataFrame:
    """Adds the rows of the table whose key and time the history lacks: bronze may keep less than silver."""
    if delta_log.version(run.session, run.uri(contract.table)) < 0:
        return history
    keys = [*contract.primary_key, str(contract.lake.sequence)]
    current = read.newest(run.session, run.uri(contract.table), contract.table)
    lacking = current.join(history.select(*keys), keys, "left_anti")
    return history.unionByName(lacking.select(*history.columns))
