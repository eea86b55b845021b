"""Tables of any text, written as CSV by Python's csv module and as JSON lines, read back as written."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import Landing, rows_of, source_contract, source_of, whole

COLUMNS = {
    "id": {"type": "string"},
    "name": {"type": ["string", "null"]},
    "note": {"type": ["string", "null"]},
    "updated_at": {"type": "string"},
}
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32")
TEXT = st.text(
    st.sampled_from("\",\r\n \\\t;'é\u2028\ufeff\ufffd\0{}[]:") | st.characters(exclude_categories=("Cs",)),
    max_size=8,
)


@dataclass(frozen=True)
class Written:
    """A table, and how its file is written."""

    rows: list[tuple[str, str]]
    order: list[str]
    end: str
    encoding: str
    zipped: bool
    quoted: bool


TABLES = st.builds(
    Written,
    rows=st.lists(st.tuples(TEXT, TEXT), max_size=5),
    order=st.permutations(list(COLUMNS)),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(ENCODINGS),
    zipped=st.booleans(),
    quoted=st.booleans(),
)


def tables(number: int) -> list[Written]:
    generated: list[Written] = []

    @settings(max_examples=number, database=None, deadline=None, derandomize=True)
    @given(TABLES)
    def collect(table: Written) -> None:
        generated.append(table)

    collect()
    return generated


def csv_text(table: Written, rows: list[dict[str, str]]) -> str:
    # Python 3.11 quotes the characters of its own line end only.
    broken = any({"\r", "\n"} & set(text) for row in table.rows for text in row)
    quoting = csv.QUOTE_ALL if table.quoted or broken else csv.QUOTE_MINIMAL
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, table.order, quoting=quoting, lineterminator=table.end)
    writer.writeheader()
    writer.writerows(rows)
    assert list(csv.DictReader(io.StringIO(text.getvalue(), newline=""))) == rows
    return text.getvalue()


def json_text(table: Written, rows: list[dict[str, str]]) -> str:
    ordered = [{name: row[name] for name in table.order} for row in rows]
    return table.end.join(json.dumps(row, ensure_ascii=table.quoted) for row in ordered)


def encoded(table: Written, text: str) -> bytes:
    mark = b"\xfe\xff" if table.encoding == "utf-16-be" else b""
    body = mark + text.encode(table.encoding)
    return gzip.compress(body) if table.zipped else body


@pytest.mark.parametrize(
    "number", [pytest.param(25, id="25"), pytest.param(400, id="400", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize(("form", "write"), [("csv", csv_text), ("json_lines", json_text)])
def test_a_table_reads_back_as_it_was_written(
    spark: SparkSession, local_env: Environment, form: str, write: object, number: int
) -> None:
    landing, expected, ids = Landing(local_env), [], count()
    for name, table in enumerate(tables(max(number, 60))[:number]):
        rows = [
            {"id": f"{next(ids):06}", "name": first, "note": second, "updated_at": "2017-01-01"}
            for first, second in table.rows
        ]
        body = encoded(table, write(table, rows))  # type: ignore[operator]
        landing.put(f"dt=2017-01-01/{name}.{form}", body)
        expected += [(row["id"], row["name"], row["note"], None) for row in rows]
    source = source_of(spark, local_env, source_contract("landing", landing.prefix, form, COLUMNS))
    extract = whole(source)
    try:
        stored = rows_of(extract.rows, "id", "name", "note", "_corrupt")
    except Exception as error:
        again = extract.read_again(error)
        if again is None:
            raise
        extract, stored = again, rows_of(again.rows, "id", "name", "note", "_corrupt")
    assert extract.rejected == ()
    broken = 0
    if form == "csv":
        # An empty value of CSV is null; a record with NUL or U+FFFF is quarantined, and that one alone.
        valid = [row for row in expected if not any({"\0", "\uffff"} & set(value or "") for value in row)]
        broken = len(expected) - len(valid)
        expected = [tuple(value or None for value in row) for row in valid]
    assert [row for row in stored if row[3] is None] == expected
    assert len(stored) - len(expected) == broken
