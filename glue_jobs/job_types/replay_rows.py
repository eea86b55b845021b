"""The rows of a replay under their contract: as they were edited, or derived again from the inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, StringType, StructField, StructType

from glue_jobs.contract import ValidatedRows, align_to_schema
from glue_jobs.contract.align import RAW
from glue_jobs.contract.validate import INVALID, POSITION, REJECT
from glue_jobs.job_types.table_write import on_contract
from glue_jobs.job_types.transform import Transform
from glue_jobs.run_context import RunContext
from glue_jobs.s3 import S3Uri
from glue_jobs.sources import json_text, json_tokens
from glue_jobs.sources.columns import CORRUPT, ColumnMapping
from glue_jobs.streaming.message_metadata import kafka_columns
from glue_jobs.streaming.row_validation import validate
from glue_jobs.tables import quarantine_ledger as ledger
from glue_jobs.tables import read
from lakehouse.contracts import Contract
from lakehouse.contracts.masking import masks_on_read
from lakehouse.pipelines.table_parameters import parameter_of

_ABSENT = "derived: its inputs give no such row any more"


@dataclass(frozen=True)
class ReplayedRows:
    """The rows of `folder` but for the ids `decided`. `versions` of the inputs are those of the plan."""

    run: RunContext
    contract: Contract
    folder: S3Uri
    decided: Sequence[str]
    transform: Transform | None
    versions: Mapping[str, int]
    run_date: date

    def validated(self) -> ValidatedRows:
        """One row for each id, which stands in its position."""
        tried = self._tried()
        if self.transform is None:
            return validate(self._aligned(tried), self.contract)
        edited = self._aligned(tried.where("edited"))
        derived = self._derived(self.transform, self._aligned(tried.where("NOT edited")))
        rows = edited.unionByName(derived, allowMissingColumns=True)
        validated = validate(rows, self.contract)
        # Inputs may give a row twice: a valid one of them is enough.
        best = Window.partitionBy(POSITION).orderBy(F.col(INVALID))
        ranked = validated.rows.withColumn("_best", F.row_number().over(best)).where("_best = 1")
        return ValidatedRows(ranked.drop("_best"), validated.is_invalid, validated.explain)

    def _tried(self) -> DataFrame:
        texts = [StructField(name, StringType()) for name in self.contract.column_names]
        schema = StructType(
            [
                StructField("id", StringType()),
                StructField("raw", StringType()),
                StructField("edited", BooleanType()),
                StructField("row", StructType(texts)),
                StructField("scalars", StructType(texts)),
            ]
        )
        file = str(self.folder.child(ledger.ROWS))
        rows = self.run.session.read.schema(schema).options(**json_text.OPTIONS).json(file)
        return rows.where(~F.col("id").isin(list(self.decided))) if self.decided else rows

    def _aligned(self, tried: DataFrame) -> DataFrame:
        """The texts in the contract's types; `_corrupt` is a line that can still not be parsed."""
        contract, source = self.contract, self.contract.lake.source
        cells = tried.select(
            *[F.col(f"row.`{name}`").alias(name) for name in contract.column_names],
            *[
                F.col(f"scalars.`{c.name}`").alias(RAW + c.name)
                for c in contract.columns
                if json_tokens.is_text(c)
            ],
            F.col("id").alias(POSITION),
            F.col("raw").alias(CORRUPT),
        )
        if source is not None and source.format in ("json_lines", "json_array"):
            lines = tried.where("raw IS NOT NULL").select(
                F.col("raw").alias("line"), F.col("id").alias("position"), F.lit(True).alias("utf8")
            )
            parsed = json_text.parse_json(lines, contract, ColumnMapping({}, (), ()))
            cells = cells.where(F.col(CORRUPT).isNull()).unionByName(self._with_place(parsed, tried))
        return align_to_schema(cells, contract, text=True)

    def _with_place(self, parsed: DataFrame, tried: DataFrame) -> DataFrame:
        """Adds what no message says of itself: its topic, partition, offset and time."""
        names = set(kafka_columns(self.contract))
        if not names:
            return parsed
        stored = [F.col(f"row.`{n}`").alias(f"_p_{n}") for n in names]
        joined = parsed.join(tried.select(F.col("id").alias(POSITION), *stored), POSITION)
        return joined.select(
            *[F.col(f"_p_{c}").alias(c) if c in names else F.col(f"`{c}`") for c in parsed.columns]
        )

    def _derived(self, transform: Transform, tried: DataFrame) -> DataFrame:
        """What the table's function makes now of the inputs, for the key and the sequence of each row."""
        contract, run = self.contract, self.run
        frames = {parameter_of(table): self._input(table) for table in self.versions}
        rows = on_contract(transform.call(run, contract.table, self.run_date, frames), contract)
        keys = [*contract.primary_key, str(contract.lake.sequence)]
        ids = tried.select(POSITION, *[F.col(f"`{k}`").alias(f"_k_{k}") for k in keys])
        same = reduce(and_, [F.col(f"_k_{k}").eqNullSafe(F.col(f"`{k}`")) for k in keys])
        matched = ids.join(rows.withColumn("_derived", F.lit(True)), same, "left")
        reject = F.col(REJECT) if REJECT in rows.columns else F.lit(None).cast("string")
        absent = F.when(F.col("_derived").isNull(), F.lit(_ABSENT)).otherwise(reject)
        return matched.select(*contract.column_names, POSITION, absent.alias(REJECT))

    def _input(self, table: str) -> DataFrame:
        run, contract = self.run, self.run.contract(table)
        rows = read.pinned(run.session, run.uri(table), table, self.versions[table])
        if table == self.contract.table:
            return rows
        rows = run.masked(rows, masks_on_read(contract))
        driving = table in (self.contract.lake.incremental_from or self.versions)
        follows = driving or not table.startswith("silver.")
        return rows if follows else read.without_deleted(rows, contract)
