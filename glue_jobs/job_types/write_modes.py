"""How a built table is written, by the `write` of its contract."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace as replace_fields
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from glue_jobs.contract import ValidatedRows, validate_and_quarantine
from glue_jobs.errors import RunError
from glue_jobs.job_types.reconcile import reconcile
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.tables import merge as merging
from glue_jobs.tables import read, scd2
from glue_jobs.tables.row_counts import ObservedRows, observe, write_observed
from glue_jobs.tables.target import Target, append, one_task_per_partition, replace, replace_days
from lakehouse.contracts import Contract
from lakehouse.environments import names

Write = Callable[[RunContext, Contract, Batch, DataFrame, "list[date] | None"], None]


def _on_contract(rows: DataFrame, contract: Contract) -> DataFrame:
    """Exactly the contract's columns and types, with `_reject` where the function gave one."""
    lacking = [n for n in contract.column_names if n not in rows.columns]
    if lacking:
        raise RunError(
            f"{contract.table}: its function returns no column {', '.join(lacking)}", code="RUN204"
        )
    own = [c for c in ("_reject",) if c in rows.columns]
    return rows.select(*[F.col(c.name).cast(c.type).alias(c.name) for c in contract.columns], *own)


def merge(run: RunContext, contract: Contract, batch: Batch, rows: DataFrame, _: list[date] | None) -> None:
    """Newest row per key. The first load is a plain write; later ones are staged in files, observe on the way, and merged."""
    target = run.target(contract, batch)
    first = target.first
    checked = validate_and_quarantine(
        _with_unknown(run, contract, _on_contract(rows, contract), first), contract
    )
    ranked = replace_fields(checked, rows=merging.rank_by_recency(checked.rows, contract, checked.is_invalid))
    if first:
        pass_ = observe(ranked, F.col("_rank") > 1)
        kept = one_task_per_partition(pass_.accepted.select(*contract.column_names), contract)
        counts = write_observed(target, pass_, kept, append)
    else:
        counts = _merge_staged(run, target, contract, ranked)
    reconcile(run, batch, contract, counts, checked)


def _merge_staged(run: RunContext, target: Target, contract: Contract, ranked: ValidatedRows) -> Counts:
    key = F.col(contract.primary_key[0])
    sound = F.when(~ranked.is_invalid, key)
    pass_ = observe(ranked, F.col("_rank") > 1, {"low": F.min(sound), "high": F.max(sound)})
    staged, seen = _staged(run, contract, pass_, contract.column_names)
    if not target.committed and seen["low"] is not None:
        merging.merge(target, staged, {"low": seen["low"], "high": seen["high"]})
    commit = target.commit()
    written = commit.rows("numTargetRowsInserted", "numTargetRowsUpdated")
    # What the table already had newer is as superfluous as a duplicate within the batch.
    superseded = commit.rows("numSourceRows") - written
    return Counts(seen["rows_in"], written, seen["quarantined"], seen["deduplicated"] + superseded)


def _staged(
    run: RunContext, contract: Contract, pass_: ObservedRows, columns: Sequence[str]
) -> tuple[DataFrame, dict[str, Any]]:
    """The kept rows in files, and what was counted while they were written: a MERGE reads its source twice, and counts it not at all."""
    place = f"{names.staging_uri(run.env, run.job.name, run.run_id)}/{contract.table}"
    pass_.accepted.select(*columns).write.mode("overwrite").parquet(place)
    types = ", ".join(f"`{n}` {contract.by_name[n].type}" for n in columns)
    return run.session.read.schema(types).parquet(place), pass_.metrics()


def recompute(
    run: RunContext, contract: Contract, batch: Batch, rows: DataFrame, days: list[date] | None
) -> None:
    """The days in which an input changed, computed anew and put in place of the old ones in one commit."""
    day = str(contract.lake.recompute_by)
    if days is not None and not days:
        run.count(contract.table, Counts())
        return
    target = run.target(contract, batch)
    sound = _on_contract(rows if days is None else rows.where(F.col(day).isin(days)), contract)
    checked = validate_and_quarantine(sound, contract)
    pass_ = observe(checked, F.lit(False))
    kept = one_task_per_partition(pass_.accepted.select(*contract.column_names), contract)

    def write(to: Target, frame: DataFrame) -> None:
        if days is None:
            (append if to.version < 0 else replace)(to, frame)
        else:
            replace_days(to, frame, day, days)

    reconcile(run, batch, contract, write_observed(target, pass_, kept, write), checked)


def replaced(
    run: RunContext, contract: Contract, batch: Batch, rows: DataFrame, _: list[date] | None
) -> None:
    """The whole table in one commit, for small tables made from nothing but their definition."""
    target = run.target(contract, batch)
    checked = validate_and_quarantine(
        _with_unknown(run, contract, _on_contract(rows, contract), True), contract
    )
    pass_ = observe(checked, F.lit(False))
    kept = pass_.accepted.select(*contract.column_names).coalesce(1)
    reconcile(
        run,
        batch,
        contract,
        write_observed(target, pass_, kept, append if target.version < 0 else replace),
        checked,
    )


def versioned(
    run: RunContext, contract: Contract, batch: Batch, rows: DataFrame, _: list[date] | None
) -> None:
    """SCD2. Rows in are the states that arrived; one that changes no tracked column makes no version and counts as deduplicated."""
    target = run.target(contract, batch)
    first = target.first
    natural, surrogate = contract.lake.business_key[0], contract.primary_key[0]
    state = [natural, "valid_since", *contract.lake.tracked]
    checked = validate_and_quarantine(rows.select(*state), _only(contract, state))
    incoming, seen = _staged(run, contract, observe(checked, F.lit(False)), state)
    if not target.committed:
        if first:
            wanted = scd2.with_surrogate_key(
                scd2.versions(incoming.limit(0), incoming, contract, natural), surrogate, natural
            )
            append(
                target, _with_unknown(run, contract, wanted.select(*contract.column_names), first).coalesce(1)
            )
        else:
            known = read.newest(run.session, target.uri, contract.table).join(
                incoming.select(natural).distinct(), natural, "left_semi"
            )
            lacking = scd2.differences(
                known.select(*state, "valid_from", "valid_to"), incoming, contract, natural
            )
            _bring(run, target, contract, scd2.with_surrogate_key(lacking, surrogate, natural))
    commit = target.commit()
    unknown = 1 if contract.lake.unknown_member else 0
    added = commit.rows("numOutputRows") - unknown if first else commit.rows("numTargetRowsInserted")
    same = seen["rows_in"] - seen["quarantined"] - added
    reconcile(run, batch, contract, Counts(seen["rows_in"], added, seen["quarantined"], same), checked)


def _bring(run: RunContext, target: Target, contract: Contract, lacking: DataFrame) -> None:
    """Into files first: the MERGE reads its source twice, and a day on which nothing changed needs none."""
    observation = Observation(f"lacking-{uuid.uuid4()}")
    place = f"{names.staging_uri(run.env, run.job.name, run.run_id)}/{contract.table}.lacking"
    lacking.observe(observation, F.count(F.lit(1)).alias("rows")).write.mode("overwrite").parquet(place)
    if observation.get["rows"]:
        scd2.apply(target, target.spark.read.schema(lacking.schema).parquet(place))


def _only(contract: Contract, columns: list[str]) -> Contract:
    """The part of a contract that holds for rows which have no surrogate key and no interval yet."""
    return Contract(
        contract.table,
        contract.title,
        contract.description,
        tuple(contract.by_name[n] for n in columns),
        contract.lake,
    )


def _with_unknown(run: RunContext, contract: Contract, rows: DataFrame, first: bool) -> DataFrame:
    """The row that a fact points to when its dimension row is missing; it comes with the first load and stays."""
    member = contract.lake.unknown_member
    if not member or not first:
        return rows
    text = [tuple(_text(member.get(c.name)) for c in contract.columns)]
    row = run.session.createDataFrame(text, ", ".join(f"`{n}` string" for n in contract.column_names))
    typed = row.select(*[F.col(c.name).cast(c.type).alias(c.name) for c in contract.columns])
    return rows.unionByName(typed, allowMissingColumns=True)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


BY_KIND: dict[str, Write] = {
    "merge": merge,
    "recompute": recompute,
    "replace": replaced,
    "scd2": versioned,
    "snapshot": recompute,
}
