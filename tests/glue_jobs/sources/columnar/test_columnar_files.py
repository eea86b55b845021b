"""Parquet and Avro files give the rows that polars and fastavro read; a bad file or row stops itself."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import fastavro
import polars as pl
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.contract import align_to_schema
from glue_jobs.sources.source import SourceError
from lakehouse.environments import Environment
from tests.glue_jobs.sources.columnar.orders import NAMES, NOON, ORDERS, parquet, read, reasons, table
from tests.glue_jobs.sources.systems import Landing, rows_of, source_contract, source_of, whole


def test_rows_of_parquet_are_those_that_polars_reads(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    first = parquet(table(), row_group_size=1)
    landing.put("dt=2017-01-01/a.parquet", first)
    other = table(
        id=pa.array([3, 4], pa.int16()),
        name=pa.array(["x", "y"]).dictionary_encode(),
        amount=pa.array([Decimal("2.5"), Decimal("3")], pa.decimal128(9, 1)),
        ordered_on=None,
        more=pa.array([1, 2]),
    )
    landing.put("dt=2017-01-01/b.parquet", parquet(other))
    contract = source_contract("landing", landing.prefix, "parquet", ORDERS)
    extract, rows = read(spark, local_env, contract)
    both = [pl.read_parquet(io.BytesIO(body)) for body in (first, parquet(other))]
    expected = pl.concat(both, how="diagonal_relaxed").select(NAMES)
    assert rows_of(rows.selectExpr(*NAMES[:-1], "unix_micros(updated_at)"), *NAMES[:-1]) == [
        (*row[:4], row[4]) for row in expected.rows()
    ]
    assert {row[0] for row in rows_of(rows.selectExpr("unix_micros(updated_at) AS t"), "t")} == {
        (NOON - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
    }
    assert (extract.extra_columns, extract.missing_columns) == (("more",), ("ordered_on",))
    assert extract.rejected == ()
    positions = [row[0].rsplit("/")[-1] for row in rows_of(extract.rows, "_source_position")]
    assert positions == ["a.parquet:1", "a.parquet:2", "b.parquet:1", "b.parquet:2"]


def test_value_that_the_column_cannot_hold_rejects_its_row_alone(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    odd = table(
        id=pa.array([1, 2**64 - 1], pa.uint64()),
        amount=pa.array([1.25, 1.255]),
        ordered_on=pa.array([datetime(2017, 1, 31), datetime(2017, 1, 31, 12)], pa.timestamp("ns")),
        updated_at=pa.array([1000, 1001], pa.timestamp("ns")),
    )
    landing.put("dt=2017-01-01/a.parquet", parquet(odd))
    int96 = table(id=pa.array(["7", "x"]), updated_at=pa.array([NOON, NOON], pa.timestamp("ns")))
    landing.put("dt=2017-01-01/b.parquet", parquet(int96, use_deprecated_int96_timestamps=True))
    contract = source_contract("landing", landing.prefix, "parquet", ORDERS)
    _, rows = read(spark, local_env, contract)
    sound = rows.where("id IN (1, 7)").withColumn("t", F.unix_micros("updated_at"))
    instant = (NOON - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
    assert rows_of(sound, "id", "amount", "ordered_on", "t") == [
        (1, Decimal("1.25"), date(2017, 1, 31), 1),
        (7, Decimal("1.50"), date(2017, 1, 31), instant),
    ]
    kinds = {"id": "bigint", "amount": "decimal(18,2)", "ordered_on": "date", "updated_at": "timestamp"}
    types = [f"{name}: type {kind}" for name, kind in kinds.items()]
    assert reasons(rows, contract) == [(str(2**64 - 1), types), ("x", ["id: type bigint"])]


def test_file_that_cannot_be_read_is_quarantined_whole(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    sound = parquet(table())
    plain = {"compression": "none", "use_dictionary": False, "write_statistics": False}
    broken = bytearray(
        parquet(table(name=pa.array(["x" * 500, "y" * 500])), write_page_checksum=True, **plain)
    )
    broken[broken.index(b"yyyyyyyy")] ^= 0xFF
    for name, body in {
        "sound": sound,
        "cut": sound[:-20],
        "broken": bytes(broken),
        "text": b"id,name\n1,a\n",
        "strange": parquet(pa.table({"other": [1]})),
        "retyped": parquet(table(name=pa.array([1, 2]))),
        "twice": parquet(table(ID=pa.array([1, 2]))),
    }.items():
        landing.put(f"dt=2017-01-01/{name}.parquet", body)
    contract = source_contract("landing", landing.prefix, "parquet", ORDERS)
    extract, rows = read(spark, local_env, contract)
    with pytest.raises(Exception, match="put aside") as error:
        rows.collect()
    again = extract.read_again(error.value)
    assert again is not None
    assert rows_of(again.rows, "id") == [(1,), (2,)]
    faults = {file.key.rsplit("/")[-1].split(".")[0]: file.reason for file in again.rejected}
    assert faults.pop("broken").startswith("cannot be read as Parquet")
    assert faults == {
        "cut": "cannot be read as Parquet (ArrowInvalid)",
        "text": "cannot be read as Parquet (ArrowInvalid)",
        "strange": "has no column of the contract",
        "retyped": "has column 'name' as int64, and the contract takes string",
        "twice": "has column 'ID' twice among its columns, as columns 1 and 7",
    }


def test_file_without_a_required_column_stops_the_batch(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put("dt=2017-01-01/a.parquet", parquet(table(id=None)))
    contract = source_contract("landing", landing.prefix, "parquet", ORDERS)
    with pytest.raises(SourceError, match=r"a\.parquet.* lacks column 'id'"):
        whole(source_of(spark, local_env, contract))


AVRO = {
    "type": "record",
    "name": "order",
    "fields": [
        {"name": "ID", "type": "int"},
        {"name": "name", "type": ["null", "string"]},
        {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "ordered_on", "type": ["null", {"type": "int", "logicalType": "date"}]},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "updated_at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    ],
}


def test_rows_of_avro_are_those_that_fastavro_reads(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    values = [("a", date(1, 1, 1)), (None, None), ("", date(2017, 1, 31))]
    usual = {"tags": ["é"], "updated_at": NOON}
    records = [
        {"ID": n, "name": name, "amount": Decimal(n).scaleb(-2), "ordered_on": day, **usual}
        for n, (name, day) in enumerate(values, 1)
    ]
    out = io.BytesIO()
    fastavro.writer(out, fastavro.parse_schema(AVRO), records, codec="deflate")
    landing.put("dt=2017-01-01/a.avro", out.getvalue())
    landing.put("dt=2017-01-01/cut.avro", out.getvalue()[:-30])
    landing.put("dt=2017-01-01/text.avro", b"id\n1\n")
    contract = source_contract("landing", landing.prefix, "avro", ORDERS)
    extract, rows = read(spark, local_env, contract)
    with pytest.raises(Exception, match="put aside") as error:
        rows.collect()
    again = extract.read_again(error.value)
    assert again is not None
    rows = align_to_schema(again.rows, contract, text=True)
    assert rows_of(rows, *NAMES[:-1]) == [
        (r["ID"], r["name"], r["amount"], r["ordered_on"], r["tags"])
        for r in fastavro.reader(io.BytesIO(out.getvalue()))
    ]
    assert sorted(file.key.rsplit("/")[-1] for file in again.rejected) == ["cut.avro", "text.avro"]
