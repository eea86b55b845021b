"""Parts of Parquet and Avro objects are read by ranges, row group by row group, and end at broken bytes."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import fastavro
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glue_jobs.aws import clients
from glue_jobs.sources.columnar.columnar_objects import ColumnarFormat, ColumnarObjects, ColumnarReport
from glue_jobs.sources.columnar.part_rows import BROKEN, PartRows
from glue_jobs.sources.landing_position import LandingFile
from lakehouse.environments import Environment
from tests.buckets import create_bucket

BUCKET = "columnar-parts"
NOON = datetime(2017, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(scope="module")
def bucket(aws_env: Environment) -> Environment:
    create_bucket(aws_env, BUCKET)
    return aws_env


def put(env: Environment, key: str, body: bytes) -> LandingFile:
    etag = clients(env).s3.put_object(Bucket=BUCKET, Key=key, Body=body)["ETag"].strip('"')
    return LandingFile(key, date.min, NOON, etag, len(body))


def objects(env: Environment, form: ColumnarFormat) -> ColumnarObjects:
    return ColumnarObjects(BUCKET, form, env.aws, env.region)


def listed(report: ColumnarReport) -> list[Any]:
    return [pa.RecordBatch.from_pylist([vars(part) for part in report.parts])]


def test_rows_of_parquet_have_their_numbers_and_values(bucket: Environment) -> None:
    out = io.BytesIO()
    rows = pa.table({"a.b": range(25_000), "Name": [f"n{n}" for n in range(25_000)], "more": [b"x"] * 25_000})
    pq.write_table(rows, out, row_group_size=10_001)
    reader = objects(bucket, "parquet")
    report = reader.report(put(bucket, "dt=2017-01-01/a b.parquet", out.getvalue()))
    assert report.schema.names == ["a.b", "Name", "more"]
    part_rows = PartRows(
        reader,
        {"id": ("a.b", "bigint", "same"), "name": ("Name", "string", "same"), "none": (None, "int", "text")},
    )
    assert part_rows.ddl == (
        "`_source_position` string, `id` bigint, `name` string, `_raw_name` string, `none` string"
    )
    batches = list(part_rows.batches(listed(report)))
    read = pa.Table.from_batches(batches)
    expected = pl.read_parquet(io.BytesIO(out.getvalue()))
    assert read.column("id").to_pylist() == expected["a.b"].to_list()
    assert read.column("name").to_pylist() == expected["Name"].to_list()
    assert read.column("none").null_count == 25_000
    positions = read.column("_source_position").to_pylist()
    assert positions == [f"dt=2017-01-01/a b.parquet:{n}" for n in range(1, 25_001)]


def test_bytes_behind_a_sound_footer_that_are_no_rows_end_the_pass(bucket: Environment) -> None:
    out = io.BytesIO()
    rows = pa.table({"name": ["x" * 500, "y" * 500]})
    plain = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    pq.write_table(rows, out, write_page_checksum=True, **plain)
    body = bytearray(out.getvalue())
    body[body.index(b"yyyyyyyy")] ^= 0xFF
    reader = objects(bucket, "parquet")
    report = reader.report(put(bucket, "broken.parquet", bytes(body)))
    assert report.fault is None
    part_rows = PartRows(reader, {"name": ("name", "string", "same")})
    with pytest.raises(RuntimeError, match=f"{BROKEN}broken.parquet cannot be read as Parquet"):
        list(part_rows.batches(listed(report)))
    (faults,) = part_rows.faults(listed(report))
    assert faults.to_pylist()[0]["key"] == "broken.parquet"


def test_file_without_a_sound_beginning_or_end_is_told_by_its_report(bucket: Environment) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"name": ["x"]}), out)
    forms: list[tuple[ColumnarFormat, bytes]] = [
        ("parquet", out.getvalue()[:-8]),
        ("parquet", b"id\n1\n"),
        ("avro", out.getvalue()),
        ("avro", b"Obj\x01"),
    ]
    for form, body in forms:
        report = objects(bucket, form).report(put(bucket, "bad", body))
        assert str(report.fault).startswith(f"cannot be read as {form.title()}")


def test_rows_of_avro_have_the_types_of_their_schema(bucket: Environment) -> None:
    money = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
    place = {"type": "record", "name": "place", "fields": [{"name": "city", "type": "string"}]}
    fields = [
        {"name": "id", "type": "long"},
        {"name": "amount", "type": ["null", money]},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "kind", "type": {"type": "enum", "name": "kind", "symbols": ["A", "B"]}},
        {"name": "home", "type": place},
        {"name": "work", "type": ["null", "place"]},
    ]
    records = [
        {
            "id": n,
            "amount": Decimal(n).scaleb(-2),
            "day": date(2017, 1, n),
            "at": NOON,
            "kind": "A",
            "home": {"city": "é"},
            "work": None,
        }
        for n in range(1, 30)
    ]
    out = io.BytesIO()
    schema = fastavro.parse_schema({"type": "record", "name": "row", "fields": fields})
    fastavro.writer(out, schema, records, codec="deflate", sync_interval=100)
    reader = objects(bucket, "avro")
    types = {"id": "bigint", "amount": "decimal(9,2)", "day": "date", "at": "timestamp", "kind": "string"}
    columns = {name: (name, kind, "same") for name, kind in types.items()}
    part_rows = PartRows(reader, {**columns, "home": ("home", "struct<city:string>", "text")})
    report = reader.report(put(bucket, "a.avro", out.getvalue()))
    (batch,) = part_rows.batches(listed(report))
    read = [{name: row[name] for name in types} for row in batch.to_pylist()]
    assert read == [{name: record[name] for name in types} for record in records]
    assert batch.column("home").to_pylist() == ['{"city": "é"}'] * 29
    cut = reader.report(put(bucket, "cut.avro", out.getvalue()[:-30]))
    with pytest.raises(RuntimeError, match=f"{BROKEN}cut.avro"):
        list(part_rows.batches(listed(cut)))
