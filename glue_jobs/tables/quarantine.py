"""The error lane: rejected rows as JSON, with what broke, so that they can be mended and replayed."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract.align import RAW
from glue_jobs.contract.validate import CORRUPT, INVALID, POSITION, REJECT, ValidatedRows
from lakehouse.contracts import Contract

_OWN = (INVALID, CORRUPT, POSITION, REJECT, "_rank", "_known")


def rejected(checked: ValidatedRows, contract: Contract) -> DataFrame:
    """reasons, table, contract_version, source_position, raw (a line that could not be read), row (as the source sent it)."""
    columns = checked.rows.columns
    sent = [
        F.coalesce(F.col(f"`{RAW}{n}`").cast("string"), F.col(f"`{n}`").cast("string")).alias(n)
        if RAW + n in columns
        else F.col(f"`{n}`")
        for n in contract.column_names
        if n in columns
    ]
    extra = [
        F.col(c) for c in columns if c not in contract.by_name and not c.startswith(RAW) and c not in _OWN
    ]
    absent = F.lit(None).cast("string")
    return checked.rows.where(checked.is_invalid).select(
        checked.reasons.alias("reasons"),
        F.lit(contract.table).alias("table"),
        F.lit(contract.lake.version).alias("contract_version"),
        (F.col(POSITION) if POSITION in columns else absent).alias("source_position"),
        (F.col(CORRUPT) if CORRUPT in columns else absent).alias("raw"),
        F.struct(*sent, *extra).alias("row"),
    )


def write_quarantine(rejects: DataFrame, lane: str, batch_id: str) -> None:
    """One folder for each run; a run that is done again writes the same folder again."""
    lines = rejects.withColumn("batch_id", F.lit(batch_id))
    lines.write.mode("overwrite").option("ignoreNullFields", "false").json(lane)
