"""Landing files on S3, as they come."""

from __future__ import annotations

import json
from datetime import date

import pytest
from pyspark.sql import SparkSession

from glue_jobs.sources import files
from glue_jobs.sources.source import SourceError
from lakehouse.environments import Environment
from tests.glue_jobs.sources.landing_people import corrupt, line, people
from tests.glue_jobs.sources.systems import AWKWARD, Landing, rows_of, whole

JAN = date(2017, 1, 31)


def test_values_come_as_text_with_the_line_they_stood_on(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put(
        "dt=2017-01-01/a.jsonl", line() + "\n\n" + line(id=2, name=True, amount=-3, note={"deep": [1]}) + "\n"
    )
    extract = whole(people(spark, local_env, landing))
    assert extract.text
    assert {kind for name, kind in extract.rows.dtypes} == {"string"}
    key = f"{landing.prefix}/dt=2017-01-01/a.jsonl"
    # A boolean for a text column is no value of it: the raw text goes to quarantine by the rule `type`.
    assert rows_of(extract.rows, "id", "name", "_raw_name", "amount", "note", "_source_position") == [
        ("1", "Ann", None, "2.5", None, f"{key}:1"),
        ("2", None, "true", "-3", '{"deep":[1]}', f"{key}:3"),
    ]


def test_a_read_of_two_positions_is_the_same_again(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put("dt=2017-01-01/a.jsonl", line())
    source = people(spark, local_env, landing)
    first = source.plan(None, JAN)
    landing.put("dt=2017-01-01/b.jsonl", line(id=2))
    assert rows_of(source.read(None, first).rows, "id") == [("1",)]
    second = source.plan(first, JAN)
    assert rows_of(source.read(first, second).rows, "id") == [("2",)]
    assert source.plan(second, JAN) == second


def test_lines_that_are_no_json_objects_are_kept_whole_as_corrupt(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    broken = [
        '{"id": 1, "name": "Ann", "amo',
        line() + line(),
        line() + " trailing",
        '["an", "array"]',
        "plain text",
        "null",
        "{'id': 1}",
        line().replace("2.5", "NaN"),
    ]
    landing.put("dt=2017-01-01/a.jsonl", "\n".join([*broken[:4], line(id=7), *broken[4:]]))
    extract = whole(people(spark, local_env, landing))
    assert sorted(corrupt(extract)) == sorted(broken)
    assert rows_of(extract.rows, "id") == [*[(None,)] * len(broken), ("7",)]


@pytest.mark.parametrize("whole_bytes", [files.WHOLE_BYTES, 0], ids=["as-one-value", "in-splits"])
def test_a_field_of_ten_megabytes_and_awkward_text_come_unharmed(
    spark: SparkSession,
    local_env: Environment,
    landing: Landing,
    monkeypatch: pytest.MonkeyPatch,
    whole_bytes: int,
) -> None:
    monkeypatch.setattr(files, "WHOLE_BYTES", whole_bytes)
    landing.put(
        "dt=2017-01-01/a.jsonl",
        line(note="x" * 10_000_000) + "\n" + line(id=2, name=AWKWARD) + "\n" + '{"id": 3',
    )
    extract = whole(people(spark, local_env, landing))
    assert rows_of(extract.rows.selectExpr("id", "length(note)", "name"), "id", "length(note)", "name") == [
        (None, None, None),
        ("1", 10_000_000, "Ann"),
        ("2", None, AWKWARD),
    ]
    assert corrupt(extract) == ['{"id": 3']


def test_unfinished_files_are_not_read_and_an_empty_one_has_no_rows(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    for name in ("a.jsonl.tmp", "_SUCCESS", ".a.crc", "_temporary/0/a.jsonl"):
        landing.put(f"dt=2017-01-01/{name}", line(id=9))
    source = people(spark, local_env, landing)
    assert source.plan(None, JAN) is None
    landing.put("dt=2017-01-01/empty.jsonl", b"")
    extract = whole(source)
    assert extract.rows.count() == 0
    assert extract.rows.columns == [
        "id",
        "name",
        "amount",
        "note",
        "updated_at",
        "_raw_name",
        "_raw_note",
        "_source_position",
        "_corrupt",
    ]


@pytest.mark.parametrize("day", ["2017-13-45", "20170131", "2017-W05-2"])
def test_a_folder_of_no_date_is_an_error_that_names_it(
    spark: SparkSession, local_env: Environment, landing: Landing, day: str
) -> None:
    landing.put(f"dt={day}/a.jsonl", line())
    with pytest.raises(SourceError, match=rf"dt={day}/a\.jsonl is in a folder without a valid date") as fault:
        people(spark, local_env, landing).plan(None, JAN)
    assert fault.value.code == "RUN105"


def test_a_renamed_key_is_an_error_that_names_both(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put(
        "dt=2017-01-01/a.jsonl", "\n".join(line().replace('"updated_at"', '"update_at"') for _ in range(3))
    )
    message = r"RUN102 .*/a\.jsonl:1 lacks column 'updated_at' \(it has 'update_at'\)"
    with pytest.raises(SourceError, match=message):
        whole(people(spark, local_env, landing))


def test_one_row_without_a_required_key_is_a_row_and_no_changed_source(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put("dt=2017-01-01/a.jsonl", '{"id": 1}')
    landing.put("dt=2017-01-02/a.jsonl", line(id=2))
    source = people(spark, local_env, landing)
    first = source.plan(None, date(2017, 1, 1))
    assert rows_of(source.read(None, first).rows, "id", "updated_at", "_corrupt") == [("1", None, None)]


def test_a_key_that_no_sampled_line_has_is_looked_for_in_all_of_them(
    spark: SparkSession, local_env: Environment, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glue_jobs.sources.file_sampling.SAMPLE_BYTES", 40)
    landing.put("dt=2017-01-01/a.jsonl", '{"id": 1}\n{"id": 2}\n' + line(id=3))
    assert rows_of(whole(people(spark, local_env, landing)).rows, "id", "name") == [
        ("1", None),
        ("2", None),
        ("3", "Ann"),
    ]


def test_extra_and_reordered_keys_of_another_case_do_no_harm(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    row = {
        "Updated_At": "2017-01-01T00:00:00Z",
        "shoe_size": 44,
        "NOTE": "n",
        "Amount": 1,
        "Name": "Ann",
        "ID": 5,
    }
    landing.put("dt=2017-01-01/a.jsonl", json.dumps(row))
    extract = whole(people(spark, local_env, landing))
    assert extract.extra_columns == ("shoe_size",)
    assert rows_of(extract.rows, "id", "name", "note") == [("5", "Ann", "n")]


def test_csv_columns_are_found_by_the_header_of_each_file(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put(
        "dt=2017-01-01/a.csv",
        'id,name,amount,note,updated_at\r\n1,"Ann ""A""",2.5,,2017-01-01\r\n2,short\r\n',
    )
    landing.put(
        "dt=2017-01-01/b.csv",
        'updated_at,Name,ID,amount,shoe_size\n2017-01-02,Bob,3,4,44\n4,"an \\"escaped\\" quote",x,1,2\n',
    )
    extract = whole(people(spark, local_env, landing, "csv"))
    assert rows_of(extract.rows.where("_corrupt is null"), "id", "name", "amount", "note") == [
        ("1", 'Ann "A"', "2.5", None),
        ("3", "Bob", "4", None),
    ]
    assert corrupt(extract) == ["2,short", '4,"an \\"escaped\\" quote",x,1,2']
