"""Lines before a header, and comments, are no rows, as in polars; lines are counted as the file has them."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession

from glue_jobs.sources.file_records import csv_records, text_lines
from glue_jobs.sources.source import Extract
from lakehouse.contracts.file_forms import CsvForm, FixedForm
from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import Landing, rows_of, source_contract, source_of, whole

COLUMNS = {"id": {"type": "string"}, "name": {"type": ["string", "null"]}}
TITLE = 'Customers, "all\n\nexported: 2026-11-27\n'
ROWS = 'id,name\n1,"two\n# lines"\n2,x,y\n\n3,#\nTotal,\n'


def read(spark: SparkSession, env: Environment, landing: Landing, form: str = "csv", **facts: Any) -> Extract:
    return whole(source_of(spark, env, source_contract("landing", landing.prefix, form, COLUMNS, **facts)))


def archive(**texts: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as packed:
        for name, text in texts.items():
            packed.writestr(name, text)
    return body.getvalue()


def test_title_lines_are_skipped_in_every_file_of_a_batch(
    spark: SparkSession, local_env: Environment
) -> None:
    landing = Landing(local_env)
    landing.put("dt=2017-01-01/a.csv", TITLE + ROWS)
    landing.put("dt=2017-01-01/b.csv.gz", gzip.compress((TITLE + ROWS.replace("1", "4")).encode()))
    landing.put("dt=2017-01-01/c.zip", archive(a=TITLE + "id,name\n5,e\n", b=TITLE + "id,name\n6,f\n7\n"))
    landing.put("dt=2017-01-01/short.csv", "Customers\n")
    extract = read(spark, local_env, landing, csv={"skip": 3})
    judged = pl.read_csv(io.StringIO(TITLE + ROWS.replace("2,x,y\n\n", "")), skip_lines=3, infer_schema=False)
    others = [("4", "two\n# lines"), *judged.rows()[1:], ("5", "e"), ("6", "f")]
    sound = extract.rows.where("_corrupt is null").select("id", "name").collect()
    assert sorted(repr(tuple(row)) for row in sound) == sorted(map(repr, [*judged.rows(), *others]))
    broken = rows_of(extract.rows.where("_corrupt is not null"), "_source_position", "_corrupt")
    lines = {(position.rsplit("/")[-1], text) for position, text in broken}
    # Line 7 of the file: three before the header, and a row of two lines. Of the archive: its eleventh line.
    assert lines == {("a.csv:7", "2,x,y"), ("b.csv.gz:7", "2,x,y"), ("c.zip:11", "7")}
    assert extract.rejected == ()


def test_comments_are_left_out_wherever_they_stand(spark: SparkSession, local_env: Environment) -> None:
    landing = Landing(local_env)
    text = '# exported "today\n#\nid,name\n1,"two\n# lines"\n# 2,x\n3,#\n4\n'
    landing.put("dt=2017-01-01/a.csv", text)
    landing.put("dt=2017-01-01/b.csv", "id,name\n5,e\n")
    extract = read(spark, local_env, landing, csv={"comment": "#"})
    judged = pl.read_csv(
        io.StringIO("id,name\n1,x\n# 2,x\n3,#\n"), comment_prefix="#", infer_schema=False
    ).get_column("id")
    sound = rows_of(extract.rows.where("_corrupt is null"), "id", "name")
    assert sound == [("1", "two\n# lines"), ("3", "#"), ("5", "e")]
    assert [row[0] for row in sound[:2]] == judged.to_list()
    ((position, _),) = rows_of(extract.rows.where("_corrupt is not null"), "_source_position", "_corrupt")
    assert position.endswith("a.csv:8")


def test_lines_of_fixed_width_have_lines_before_them_too(spark: SparkSession, local_env: Environment) -> None:
    landing = Landing(local_env)
    landing.put(
        "dt=2017-01-01/a.txt", "Customers of 2026, all of them\nid name\n1  Ann \n* no row\n2  Bobby\n"
    )
    fixed = {"fields": {"id": [1, 3], "name": [4, 7]}, "header": True, "skip": 1, "comment": "*"}
    extract = read(spark, local_env, landing, "fixed_width", fixed=fixed)
    assert rows_of(extract.rows.where("_corrupt is null"), "id", "name") == [("1", "Ann")]
    ((position, text),) = rows_of(extract.rows.where("_corrupt is not null"), "_source_position", "_corrupt")
    assert (position.rsplit("/")[-1], text) == ("a.txt:5", "2  Bobby")


def test_a_record_with_other_quotes_keeps_its_line() -> None:
    lines = io.StringIO("title\n# it's\nid\n'a\n# b'\n'c'\n", newline="")
    records = list(csv_records(lines, CsvForm(skip=1, comment="#", quote="'")))
    assert [(r.number, r.cells) for r in records] == [(3, ["id"]), (4, ["a\n# b"]), (6, ["c"])]


def test_all_lines_may_be_skipped() -> None:
    form = FixedForm(fields={"id": [1, 1]}, skip=3)
    assert list(text_lines(["a\n", "b\n"], form)) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"skip": -1},
        {"skip": "3"},
        {"skip": True},
        {"comment": ""},
        {"comment": "a"},
        {"comment": ";", "delimiter": ";"},
    ],
)
def test_what_is_no_number_of_lines_and_no_sign_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CsvForm.model_validate(facts)
