"""Tables without rows, as a job reads them: made from contracts, so that no storage is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame, SparkSession

from glue_jobs.contract import masked
from lakehouse.contracts import Contract
from lakehouse.contracts.masking import masks_on_read
from lakehouse.pipelines.table_parameters import parameter_of

# The type of a masked column does not depend on the key.
_KEY = "00" * 32


def empty_rows(spark: SparkSession, columns: Sequence[tuple[str, str]], *, stream: bool = False) -> DataFrame:
    """A frame with these columns (name, Spark type) and no rows; `stream`: a stream of them."""
    rows = spark.readStream.format("rate").load() if stream else spark.range(0)
    return rows.selectExpr(*[f"CAST(NULL AS {kind}) AS `{name}`" for name, kind in columns])


def empty_tables(
    spark: SparkSession, tables: Sequence[str], contracts: Mapping[str, Contract], streams: Sequence[str] = ()
) -> dict[str, DataFrame]:
    """Parameter name → the table as a job reads it: without what is masked, and as a stream where it is one.

    Raises KeyError for a table that has no sound contract.
    """
    frames = {}
    for table in tables:
        contract = contracts[table]
        stored = [(c.name, c.type) for c in contract.columns] if table in streams else contract.stored
        rows = empty_rows(spark, stored, stream=table in streams)
        frames[parameter_of(table)] = masked(rows, masks_on_read(contract), _KEY)
    return frames
