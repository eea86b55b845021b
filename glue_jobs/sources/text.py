"""Parses records of CSV into rows of strings under the contract's names; broken ones become `_corrupt`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import and_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.sources.columns import CORRUPT, POSITION, ColumnMapping, null_column
from glue_jobs.sources.csv_shape import valid_record
from lakehouse.contracts import Contract
from lakehouse.contracts.contract import Column as ContractColumn
from lakehouse.contracts.file_forms import FixedForm

_CSV_OPTIONS = {
    "mode": "PERMISSIVE",
    "columnNameOfCorruptRecord": CORRUPT,
    "escape": '"',
    "maxCharsPerColumn": "-1",
    # Else a CRLF inside quotes would become an LF.
    "multiLine": "true",
}


def parse_csv(
    lines: DataFrame,
    contract: Contract,
    header: Sequence[str],
    mapping: ColumnMapping,
    passthrough: Sequence[str] = (),
) -> DataFrame:
    """One RFC 4180 record per line, in columns line, position, utf8.

    `header`: source columns in the line's order.

    `passthrough`: contract columns that `lines` has already; they keep their values when the line is corrupt.
    """
    fields = [f"c{number}" for number in range(len(header))]
    schema = ", ".join(f"`{field}` string" for field in [*fields, CORRUPT])
    # To Spark's parser U+FFFF is the end of its input, and it does not read the next record either.
    readable = F.when(~F.contains(F.col("line"), F.lit("\uffff")), F.col("line"))
    parsed = lines.withColumn("parsed", F.from_csv(readable, schema, _CSV_OPTIONS))
    whole = (
        F.col("parsed").isNotNull()
        & F.col(f"parsed.{CORRUPT}").isNull()
        & F.col("utf8")
        & (F.trim("line") != "")
        & valid_record(F.col("line"))
        # Spark's parser drops some of them.
        & ~F.contains(F.col("line"), F.lit("\0"))
    )
    cells = {name: F.col(f"parsed.{field}") for name, field in zip(header, fields, strict=True)}
    whole = F.coalesce(whole, F.lit(False)) & ~_is_header(cells)
    value = parsed.withColumn("whole", whole)
    return _rows(value, contract, cells.__getitem__, mapping, passthrough)


def parse_cells(
    records: DataFrame, contract: Contract, header: Sequence[str], mapping: ColumnMapping
) -> DataFrame:
    """One record per row, in columns line, position, and cells, which is null for a broken record."""
    whole = F.coalesce(F.size("cells") == len(header), F.lit(False))
    cells = {name: F.get("cells", F.lit(number)) for number, name in enumerate(header)}

    def cell(name: str) -> Column:
        return F.when(cells[name] != "", cells[name])

    return _rows(records.withColumn("whole", whole & ~_is_header(cells)), contract, cell, mapping)


def parse_fixed(lines: DataFrame, contract: Contract, form: FixedForm, mapping: ColumnMapping) -> DataFrame:
    """One line of fixed width per row, in columns line, position, utf8; a line of another width is broken."""
    length, rest = F.length("line"), F.trim(F.substring("line", form.width + 1, 2**31 - 1))
    fits = (F.lit(True) if form.ragged else length >= form.width) & (rest == "")
    whole = F.coalesce(F.col("utf8") & fits & ~F.contains("line", F.lit("\0")), F.lit(False))

    def cell(name: str) -> Column:
        first, last = form.fields[name]
        value = F.trim(F.substring("line", first, last - first + 1))
        return F.when(value != "", value)

    return _rows(lines.withColumn("whole", whole), contract, cell, mapping)


def _is_header(cells: Mapping[str, Column]) -> Column:
    """Whether a record repeats the header, as files do that were joined: it is a row of no table.

    Of a single column the name may be a value.
    """
    if len(cells) < 2:
        return F.lit(False)
    first, *_ = cells
    marked = cells[first].isin(first, "\ufeff" + first)
    same = reduce(and_, (cell == name for name, cell in cells.items() if name != first), marked)
    return F.coalesce(same, F.lit(False))


def _rows(
    records: DataFrame,
    contract: Contract,
    cell: Callable[[str], Column],
    mapping: ColumnMapping,
    passthrough: Sequence[str] = (),
) -> DataFrame:
    nulls = contract.lake.source.text_form.nulls if contract.lake.source else ()

    def column(target: ContractColumn) -> Column:
        if target.name in passthrough:
            return F.col(target.name)
        if target.name not in mapping.source_names:
            return null_column(target, text=True)
        value = cell(mapping.source_names[target.name])
        whole = F.col("whole") & ~value.isin(*nulls) if nulls else F.col("whole")
        return F.when(whole, value).alias(target.name)

    columns = [column(target) for target in contract.columns]
    return records.select(
        *columns,
        F.col("position").alias(POSITION),
        F.when(~F.col("whole"), F.coalesce("line", F.lit(""))).alias(CORRUPT),
    )
