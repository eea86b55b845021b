"""The quarantine: rejected rows as JSON with the reasons, so that they can be repaired and replayed."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.contract.align import RAW
from glue_jobs.contract.forgotten import FORGOTTEN
from glue_jobs.contract.validate import CORRUPT, INVALID, POSITION, REJECT, ValidatedRows
from glue_jobs.tables.row_counts import filters_stay_above
from lakehouse.contracts import Contract

HASH, AGAIN = "row_hash", "_again"
# Spark writes milliseconds, and two rows may differ by less.
_EXACT = {"timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"}
_INTERNAL = (INVALID, CORRUPT, POSITION, REJECT, FORGOTTEN, "_rank", "_known", "_rederived")


def quarantined_rows(checked: ValidatedRows, contract: Contract) -> DataFrame:
    """The invalid rows: reasons, table, contract_version, source_position, raw (an unreadable line), row,
    row_hash (of position, raw and row: the same each time that the source gives the row).

    `row` holds the values as the source sent them, columns that the contract does not know among them.
    """
    columns = checked.rows.columns
    sent = [
        F.coalesce(F.col(f"`{RAW}{n}`").cast("string"), F.col(f"`{n}`").cast("string")).alias(n)
        if RAW + n in columns
        else F.col(f"`{n}`")
        for n in contract.column_names
        if n in columns
    ]
    extra = [
        F.col(c)
        for c in columns
        if c not in contract.by_name and not c.startswith(RAW) and c not in _INTERNAL
    ]
    absent = F.lit(None).cast("string")
    rejected = (
        filters_stay_above(checked.rows)
        .where(checked.is_invalid)
        .select(
            checked.reasons.alias("reasons"),
            F.lit(contract.table).alias("table"),
            F.lit(contract.lake.version).alias("contract_version"),
            (F.col(POSITION) if POSITION in columns else absent).alias("source_position"),
            (F.col(CORRUPT) if CORRUPT in columns else absent).alias("raw"),
            F.struct(*sent, *extra).alias("row"),
        )
    )
    content = F.to_json(F.struct("source_position", "raw", "row"), {"ignoreNullFields": "false", **_EXACT})
    return rejected.withColumn(HASH, F.sha2(content, 256))


def flag_quarantined(rows: DataFrame, files: list[str]) -> DataFrame:
    """Adds `_again`: whether one of the quarantine's `files` holds the row. `files`: URIs of JSON lines."""
    if not files:
        return rows.withColumn(AGAIN, F.lit(False))
    existing = rows.sparkSession.read.schema(f"{HASH} string").json(files).distinct()
    existing = existing.where(F.col(HASH).isNotNull()).withColumn(AGAIN, F.lit(True))
    return rows.join(existing, HASH, "left").select(
        *rows.columns, F.coalesce(AGAIN, F.lit(False)).alias(AGAIN)
    )


def write_quarantine(rows: DataFrame, uri: str, batch_id: str) -> None:
    """Writes JSON lines to `uri`, the folder of one run. A repeated run overwrites its folder."""
    lines = rows.withColumn("batch_id", F.lit(batch_id))
    lines.write.mode("overwrite").options(ignoreNullFields="false", **_EXACT).json(uri)
