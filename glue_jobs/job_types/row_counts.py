"""One pass that writes and counts at once, and the check that no row went missing between the two."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F

from glue_jobs.contract.validate import Checked
from glue_jobs.errors import RunError
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.tables.quarantine import rejected, write_lane
from glue_jobs.tables.target import Target
from lakehouse.contracts import Contract


@dataclass
class Counted:
    """Rows that count themselves when they are written: `kept` is what remains of `rows`."""

    observation: Observation
    kept: DataFrame

    def seen(self) -> dict[str, Any]:
        return self.observation.get


def counted(checked: Checked, duplicate: Column, more: dict[str, Column] | None = None) -> Counted:
    """Sound rows that are not duplicates, with rows_in, quarantined and deduplicated observed on the way."""
    observation = Observation(f"pass-{uuid.uuid4()}")
    doubled = ~checked.bad & duplicate
    rows = checked.rows.observe(
        observation,
        F.count(F.lit(1)).alias("rows_in"),
        F.count_if(checked.bad).alias("quarantined"),
        F.count_if(doubled).alias("deduplicated"),
        *[aggregate.alias(name) for name, aggregate in (more or {}).items()],
    )
    return Counted(observation, rows.where(~checked.bad & ~duplicate))


def write_counted(
    target: Target, pass_: Counted, kept: DataFrame, write: Callable[[Target, DataFrame], None]
) -> Counts:
    """Write `kept`, which stems from `pass_`, once; a transaction that stands already is only counted again."""
    if target.committed:
        kept.write.format("noop").mode("overwrite").save()
    else:
        write(target, kept)
    seen = pass_.seen()
    return Counts(
        seen["rows_in"], target.commit().rows("numOutputRows"), seen["quarantined"], seen["deduplicated"]
    )


def settle(run: RunContext, batch: Batch, contract: Contract, counts: Counts, checked: Checked) -> None:
    """Write the error lane, hold the books against each other, and note a source that is mostly broken."""
    if counts.quarantined:
        lane = run.lane(contract, batch)
        rejects, observation = rejected(checked, contract), Observation(f"lane-{uuid.uuid4()}")
        write_lane(rejects.observe(observation, F.count(F.lit(1)).alias("rows")), lane, batch.batch_id)
        if observation.get["rows"] != counts.quarantined:
            what = f"{contract.table}: {counts.quarantined} rows were rejected and {observation.get['rows']} reached {lane}"
            raise RunError(
                f"{what}: the source changed between two readings; start this run again", code="RUN203"
            )
        run.log.warning(
            "rows quarantined",
            extra={"table": contract.table, "quarantined": counts.quarantined, "lane": lane},
        )
        if counts.quarantined > run.env.quarantine.fail_above_ratio * counts.rows_in:
            what = f"{contract.table}: {counts.quarantined} of {counts.rows_in} rows break the contract, see {lane}"
            run.problems.append(RunError(what, code="RUN112"))
    if not counts.balanced:
        books = f"{counts.rows_in} in, {counts.written} written, {counts.quarantined} quarantined, {counts.deduplicated} deduplicated"
        raise RunError(f"{contract.table}: rows went missing: {books}", code="RUN202")
    run.count(contract.table, counts)
