"""Odd landing files beside good ones: each is read rightly, or rejected as a file, and stops no other."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.sources import files
from glue_jobs.sources.source import Extract, Source, SourceError
from lakehouse.environments import Environment
from tests.glue_jobs.sources.landing_files import ENCODED, GOOD, HEADER, PEOPLE, REJECTED, STORED, written
from tests.glue_jobs.sources.systems import Landing, rows_of, source_contract, source_of, whole


def people(spark: SparkSession, env: Environment, landing: Landing, form: str) -> Source:
    return source_of(spark, env, source_contract("landing", landing.prefix, form, PEOPLE))


def read(extract: Extract) -> tuple[DataFrame, list[tuple[Any, ...]]]:
    """The rows as a run has them: a file that needs it is read again, as a stream."""
    try:
        return extract.rows, rows_of(extract.rows, "id", "name", "note", "_corrupt")
    except Exception as error:
        again = extract.read_again(error)
        if again is None:
            raise
        return again.rows, rows_of(again.rows, "id", "name", "note", "_corrupt")


def test_every_way_of_writing_a_table_reads_as_the_same_rows(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    for name, body in ENCODED.items():
        landing.put(f"dt=2017-01-01/{name}", body)
    extract = whole(people(spark, local_env, landing, "csv"))
    rows, stored = read(extract)
    filler = ("x", "y", "z", None)
    assert [row for row in stored if row != filler] == sorted(STORED * len(ENCODED), key=lambda row: row[0])
    assert stored.count(filler) == 5_000
    assert extract.rejected == ()
    positions = rows_of(rows.where("id = '3' AND _source_position LIKE '%/lf.csv:%'"), "_source_position")
    assert positions == [(f"{landing.prefix}/dt=2017-01-01/lf.csv:6",)]


def test_a_file_that_cannot_be_read_is_rejected_alone_with_its_reason(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put("dt=2017-01-01/good.csv", GOOD)
    for name, (body, _) in REJECTED.items():
        landing.put(f"dt=2017-01-01/{name}", body)
    extract = whole(people(spark, local_env, landing, "csv"))
    assert read(extract)[1] == [("good", "Ann", "n", None)]
    reasons = {rejected.key.rsplit("/", 1)[1]: rejected.reason for rejected in extract.rejected}
    assert reasons.keys() == REJECTED.keys()
    assert {name for name, (_, reason) in REJECTED.items() if reason not in reasons[name]} == set()
    assert extract.files == len(REJECTED) + 1


def test_names_that_spark_hides_or_changes_are_read(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    names = ["/double.csv", "a b%20+#&=é.csv", "10:30.csv", "x{y}[z]*?.csv", "slash/"]
    for number, name in enumerate(names):
        landing.put(f"dt=2017-01-01/{name}", written([f"{number}", "a", "b", "2017-01-01"]))
    for skipped in ("_hidden.csv", ".hidden.csv", "a.csv.tmp", "a.csv._COPYING_"):
        landing.put(f"dt=2017-01-01/{skipped}", GOOD)
    landing.put("dt=2017-01-01/", b"")
    rows = read(whole(people(spark, local_env, landing, "csv")))[1]
    assert [row[0] for row in rows] == ["0", "1", "2", "3", "4"]


def test_empty_files_have_no_rows_and_blanks_around_names_are_none(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    for name, body in {
        "zero.csv": b"",
        "header.csv": b"id,name,note,updated_at",
        "blank.csv": b"\r\n \r\n\n",
        "zero.csv.gz": gzip.compress(b""),
        "late-header.csv": b"\n\n" + GOOD,
        "blanks.csv": b" updated_at ,\tname, ID,note ,\n2017-01-01,Bob,2,m,\n",
        "good.csv": GOOD,
    }.items():
        landing.put(f"dt=2017-01-01/{name}", body)
    extract = whole(people(spark, local_env, landing, "csv"))
    good = ("good", "Ann", "n", None)
    assert read(extract)[1] == [("2", "Bob", "m", None), good, good]
    assert (extract.rejected, extract.extra_columns) == ((), ("(column 5)",))


def test_large_files_in_one_partition_each_lose_their_own_header(
    spark: SparkSession, local_env: Environment, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE_BYTES", 0)
    for number in range(4):
        header = HEADER if number % 2 else HEADER[::-1]
        row = [str(number), "a", "b", "2017-01-01"]
        landing.put(
            f"dt=2017-01-01/{number}.csv", written(row if number % 2 else row[::-1], header=header, end="\r")
        )
    landing.put("dt=2017-01-01/9.csv", written(["9", "two\nlines", "b", "2017-01-01"]))
    rows = read(whole(people(spark, local_env, landing, "csv")))[1]
    assert rows == [*[(str(n), "a", "b", None) for n in range(4)], ("9", "two\nlines", "b", None)]


def test_a_csv_file_that_lacks_a_required_column_is_named(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put("dt=2017-01-01/good.csv", GOOD)
    landing.put("dt=2017-01-01/renamed.csv", b"id,name,note,update_at\n1,a,b,2017-01-01\n")
    with pytest.raises(SourceError, match=r"RUN102 .*renamed\.csv:1 lacks column 'updated_at'"):
        whole(people(spark, local_env, landing, "csv"))


def line(key: str, name: str = "name") -> str:
    return f'{{"id": "{key}", "{name}": "n", "note": "x", "updated_at": "2017-01-01"}}'


def test_json_files_are_read_in_every_encoding_and_rejected_alone(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    sound = "\r".join([line("1"), line("2", "Name"), line("3", "NAME")])
    for number in range(12):
        # More files than are sampled: what an odd one is comes out while it is read.
        landing.put(f"dt=2017-01-01/{number:02}.jsonl", line("4"))
    landing.put("dt=2017-01-01/05b.jsonl", sound.encode("utf-16"))
    landing.put("dt=2017-01-01/05c.jsonl", gzip.compress(sound.encode()))
    landing.put("dt=2017-01-01/05d.jsonl.gz", gzip.compress(sound.encode()))
    landing.put("dt=2017-01-01/05e.jsonl", sound.encode("utf-8-sig"))
    landing.put("dt=2017-01-01/05f.jsonl", b"\0\xff\xfe\n" * 9)
    landing.put("dt=2017-01-01/05g.jsonl.gz", gzip.compress(sound.encode() * 100)[:-30])
    extract = whole(people(spark, local_env, landing, "json_lines"))
    with pytest.raises(Exception, match="read again as a stream") as raised:
        extract.rows.collect()
    again = extract.read_again(raised.value)
    assert again is not None
    expected = [(key, "n", "x", None) for key in "123" for _ in range(4)] + [("4", "n", "x", None)] * 12
    assert rows_of(again.rows, "id", "name", "note", "_corrupt") == expected
    assert [r.key[-9:] for r in again.rejected] == ["05f.jsonl", ".jsonl.gz"]
    assert extract.read_again(ValueError("another")) is None
