"""A person's rows leave Parquet and Avro files; every other row, the schema and the compression stay."""

from __future__ import annotations

import io

import fastavro
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.personal_data.file_forms import without
from cli.personal_data.subject import Subject
from glue_jobs.sources.file_text import UnreadableFileError

SUBJECT, NAMES = Subject("customer_id", "7"), ("Customer_ID",)


def test_rows_of_the_person_leave_a_parquet_file() -> None:
    rows = pa.table({"customer_id": pa.array([7, 8, None, 7], pa.int32()), "note": ["a", "7", "c", None]})
    out = io.BytesIO()
    pq.write_table(rows, out, compression="zstd", row_group_size=2)
    rest, gone = without(out.getvalue(), "a.parquet", "parquet", SUBJECT, NAMES)
    assert gone == 2
    assert pl.read_parquet(io.BytesIO(rest)).rows() == [(8, "7"), (None, "c")]
    assert pq.read_schema(io.BytesIO(rest)) == rows.schema
    assert pq.ParquetFile(io.BytesIO(rest)).metadata.row_group(0).column(0).compression == "ZSTD"
    assert without(rest, "a.parquet", "parquet", SUBJECT, NAMES) == (rest, 0)


def test_rows_of_the_person_leave_an_avro_file() -> None:
    fields = [{"name": "customer_id", "type": ["null", "string"]}, {"name": "n", "type": "long"}]
    schema = fastavro.parse_schema({"type": "record", "name": "r", "fields": fields})
    records = [{"customer_id": "7", "n": 1}, {"customer_id": None, "n": 7}, {"customer_id": "77", "n": 3}]
    out = io.BytesIO()
    fastavro.writer(out, schema, records, codec="deflate")
    rest, gone = without(out.getvalue(), "a.avro", "avro", SUBJECT, NAMES)
    reader = fastavro.reader(io.BytesIO(rest))
    assert (gone, list(reader), reader.codec) == (1, records[1:], "deflate")


@pytest.mark.parametrize("form", ["parquet", "avro"])
def test_file_that_cannot_be_read_may_hold_the_person(form: str) -> None:
    with pytest.raises(UnreadableFileError, match="cannot be read as"):
        without(b"customer_id,7", f"a.{form}", form, SUBJECT, NAMES)
