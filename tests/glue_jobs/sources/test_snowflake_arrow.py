"""Arrow batches of any width become one Parquet file with the types of the select."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glue_jobs.connections.staging import s3_files
from glue_jobs.s3 import S3Uri, delete_prefix
from glue_jobs.sources import snowflake_arrow
from glue_jobs.sources.snowflake_arrow import ArrowStaging, TooWideError
from glue_jobs.sources.snowflake_fields import DATE, FIXED, NTZ, TEXT, Field
from lakehouse.environments import Environment
from tests.buckets import create_bucket

BUCKET = "snowflake-arrow"
ID = Field("id", FIXED, 38, 0, "bigint")
FIELDS = [
    ID,
    Field("amount", FIXED, 18, 2, "decimal(18,2)"),
    Field("at", NTZ, 0, 9, "timestamp"),
    Field("day", DATE, 0, 0, "date"),
    Field("name", TEXT, 0, 0, "string"),
]


@pytest.fixture
def env(aws_env: Environment) -> Iterator[Environment]:
    s3 = create_bucket(aws_env, BUCKET)
    yield aws_env
    delete_prefix(s3, S3Uri(BUCKET))
    s3.delete_bucket(Bucket=BUCKET)


def read(env: Environment) -> Any:
    return pq.read_table(f"{BUCKET}/r/part-00000.parquet", filesystem=s3_files(env))


def test_narrow_and_wide_batches_have_one_schema(env: Environment) -> None:
    names = [field.name for field in FIELDS]
    narrow = pa.table(
        [
            pa.array([1], pa.int8()),
            pa.array([Decimal("1.50")]),
            pa.array([0], pa.int64()),
            pa.array([date(2017, 1, 1)]),
            ["a"],
        ],
        names,
    )
    wide = pa.table(
        [
            pa.array([2**40], pa.int64()),
            pa.array([None], pa.int16()),
            pa.array([None], pa.int64()),
            pa.array([None], pa.date32()),
            [None],
        ],
        names,
    )
    ArrowStaging(env, f"s3://{BUCKET}/r", FIELDS, frozenset()).write(iter([narrow, wide]))
    table = read(env)
    assert [str(field.type) for field in table.schema] == [
        "int64",
        "decimal128(18, 2)",
        "int64",
        "date32[day]",
        "string",
    ]
    assert table.column("id").to_pylist() == [1, 2**40]
    assert table.column("amount").to_pylist() == [Decimal("1.50"), None]


def test_batches_are_written_in_groups_of_rows(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snowflake_arrow, "ROW_GROUP", 2)
    batches = (pa.table([pa.array([number])], ["id"]) for number in range(5))
    ArrowStaging(env, f"s3://{BUCKET}/r", [ID], frozenset()).write(batches)
    file = pq.ParquetFile(f"{BUCKET}/r/part-00000.parquet", filesystem=s3_files(env))
    assert [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)] == [2, 2, 1]


def test_a_number_beyond_64_bits_names_its_column_and_fits_when_it_is_wide(env: Environment) -> None:
    batch = pa.table([pa.array([Decimal(2**64)], pa.decimal128(38, 0))], ["id"])
    with pytest.raises(TooWideError) as fault:
        ArrowStaging(env, f"s3://{BUCKET}/r", [ID], frozenset()).write(iter([batch]))
    assert fault.value.column == "id"
    ArrowStaging(env, f"s3://{BUCKET}/r", [ID], frozenset({"id"})).write(iter([batch]))
    assert read(env).column("id").to_pylist() == [Decimal(2**64)]


def test_no_batches_are_a_file_without_rows(env: Environment) -> None:
    ArrowStaging(env, f"s3://{BUCKET}/r", [ID], frozenset()).write(iter([]))
    assert read(env).num_rows == 0
