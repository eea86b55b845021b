"""Columns by position, lines of fixed width and archives give what polars and Python read of them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import polars as pl
import pytest
from pyspark.sql import SparkSession

from glue_jobs.sources.source import SourceError
from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import Landing, rows_of, source_contract, source_of, whole

PEOPLE: dict[str, Any] = {
    "id": {"type": "string"},
    "name": {"type": ["string", "null"]},
    "amount": {"type": ["number", "null"]},
    "updated_at": {"type": "string", "format": "date-time"},
}
BODY = '1,"a, b",1.5,2017-01-01\n2,,NA,2017-01-01\n3,x,7\n4,é,-,2017-01-01\n'
NAMES = ["id", "name", "amount", "updated_at"]
FIXED = {"id": [1, 4], "name": [5, 12], "amount": [14, 20], "updated_at": [21, 30]}


def test_files_without_a_header_have_the_columns_of_their_source(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put("dt=2017-01-01/a.csv", "\ufeff" + BODY)
    landing.put("dt=2017-01-01/b.csv", '5,"two\nlines",1,2017-01-01\n')
    landing.put("dt=2017-01-01/c.csv", 'x"y,z,1,2017-01-01\n6,z,1,2017-01-01\n')
    landing.put("dt=2017-01-01/empty.csv", "\n")
    form = {"header": False, "nulls": ["NA"]}
    contract = source_contract("landing", landing.prefix, "csv", PEOPLE, csv=form)
    extract = whole(source_of(spark, local_env, contract))
    expected = pl.read_csv(
        (BODY.replace("3,x,7\n", "") + '5,"two\nlines",1,2017-01-01\n6,z,1,2017-01-01\n').encode(),
        has_header=False,
        infer_schema=False,
        null_values=["", "NA"],
    )
    assert rows_of(extract.rows.where("_corrupt IS NULL"), *NAMES) == sorted(expected.rows())
    broken = rows_of(extract.rows.where("_corrupt IS NOT NULL"), "_corrupt")
    assert broken == [("3,x,7",), ('x"y,z,1,2017-01-01',)]
    assert extract.rejected == ()


def test_stated_names_stand_in_place_of_a_header(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put("dt=2017-01-01/a.csv", "Kunde,Stand,Name\n1,2017-01-01,a\n")
    landing.put("dt=2017-01-01/short.csv", "Kunde,Stand\n2,2017-01-01\n")
    form = {"columns": ["id", "updated_at", "name"]}
    contract = source_contract("landing", landing.prefix, "csv", PEOPLE, csv=form)
    extract = whole(source_of(spark, local_env, contract))
    assert rows_of(extract.rows, *NAMES) == [("1", "a", None, "2017-01-01")]
    assert extract.missing_columns == ("amount",)
    assert [file.reason for file in extract.rejected] == ["has 2 columns in its header; its source names 3"]


def lines_of(rows: list[tuple[str, str, str, str]]) -> str:
    return "".join(f"{i:<4}{name:<8} {amount:>7}{day:<10}\n" for i, name, amount, day in rows)


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
def test_lines_of_fixed_width_are_cut_by_characters(
    spark: SparkSession, local_env: Environment, landing: Landing, encoding: str
) -> None:
    day = "2017-01-01"
    rows = [("1", "Zoë Ö", "1.50", day), ("2", "", "-3", day), ("3", "€", "NA", day)]
    bad = "4   short\n" + lines_of([("5", "x", "1", "2017-01-01")])[:-1] + "more\n"
    landing.put("dt=2017-01-01/a.txt", (lines_of(rows).replace("\n", "  \n") + bad).encode(encoding))
    form = {"fields": FIXED, "encoding": encoding, "nulls": ["NA"]}
    contract = source_contract("landing", landing.prefix, "fixed_width", PEOPLE, fixed=form)
    extract = whole(source_of(spark, local_env, contract))
    expected = [tuple(None if v in ("", "NA") else v for v in row) for row in rows]
    assert rows_of(extract.rows.where("_corrupt IS NULL"), *NAMES) == expected
    broken = [row[0] for row in rows_of(extract.rows.where("_corrupt IS NOT NULL"), "_corrupt")]
    assert broken == sorted(bad.splitlines())


def test_ragged_lines_end_early_and_a_header_is_left_out(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put("dt=2017-01-01/a.txt", "ID  NAME\n1   Ann\n2\n3   \U0001f600\U0001f600 x\n")
    form = {"fields": FIXED, "ragged": True, "header": True}
    contract = source_contract("landing", landing.prefix, "fixed_width", PEOPLE, fixed=form)
    rows = whole(source_of(spark, local_env, contract)).rows
    assert rows_of(rows, *NAMES) == [
        ("1", "Ann", None, None),
        ("2", None, None, None),
        ("3", "\U0001f600\U0001f600 x", None, None),
    ]


def test_fields_that_lack_a_required_column_stop_the_batch(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    landing.put("dt=2017-01-01/a.txt", "1\n")
    form = {"fields": {"name": [1, 4]}}
    contract = source_contract("landing", landing.prefix, "fixed_width", PEOPLE, fixed=form)
    with pytest.raises(SourceError, match="lacks column 'id'"):
        whole(source_of(spark, local_env, contract))


def archive(members: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as of:
        for name, text in members.items():
            of.writestr(name, text)
    return packed.getvalue()


def test_files_of_an_archive_are_read_and_one_that_is_none_is_quarantined(
    spark: SparkSession, local_env: Environment, landing: Landing
) -> None:
    header = ",".join(NAMES) + "\n"
    body = header + "".join(f'{n},"a\n{n}",1,2017-01-01\n' for n in range(3000))
    good = archive({"deep/": "", "deep/a.csv": body, "__MACOSX/deep/._a.csv": "\0\0", "deep/.DS_Store": "\0"})
    landing.put("dt=2017-01-01/good.zip", good)
    two = {"b.csv": f"{header}b2,x,1,2017-01-01\n\n", "a.csv": f'{header}b1,"two\nlines",1,2017-01-01\n'}
    landing.put("dt=2017-01-01/two.zip", archive(two | {"c.csv": ""}))
    landing.put("dt=2017-01-01/odd.zip", archive({"a.csv": body, "b.csv": "id,other\n1,2\n"}))
    landing.put("dt=2017-01-01/none.zip", archive({}))
    landing.put("dt=2017-01-01/cut.zip", good[:-40])
    spoiled = bytearray(good)
    spoiled[len(good) // 2] ^= 0xFF
    landing.put("dt=2017-01-01/spoiled.csv", bytes(spoiled))
    contract = source_contract("landing", landing.prefix, "csv", PEOPLE)
    extract = whole(source_of(spark, local_env, contract))
    expected = pl.read_csv(body.encode(), infer_schema=False).rows()
    expected += [
        row for text in two.values() for row in pl.read_csv(text.strip().encode(), infer_schema=False).rows()
    ]
    assert rows_of(extract.rows, *NAMES) == sorted(expected)
    reasons = {file.key.rsplit("/")[-1]: file.reason for file in extract.rejected}
    assert reasons.keys() == {"odd.zip", "none.zip", "cut.zip", "spoiled.csv"}
    assert reasons["odd.zip"] == "is a ZIP archive whose files have different headers"
    places = rows_of(extract.rows.where("id like 'b%'"), "id", "_source_position")
    assert [(id_, place.rsplit("/")[-1]) for id_, place in places] == [
        ("b1", "two.zip:2"),
        ("b2", "two.zip:5"),
    ]
    assert reasons["cut.zip"].startswith("cannot be decompressed")
    assert reasons["spoiled.csv"].startswith("cannot be decompressed")
