"""The patterns of a CSV record mean the same to Python, to Java and to Python's csv module."""

from __future__ import annotations

import csv
from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.sources.csv_shape import is_open, is_valid, open_record, valid_record

TEXTS = st.text(alphabet='",ab\\ ', max_size=10)


@given(TEXTS)
def test_a_valid_record_is_what_strict_csv_reads_without_a_quote_left_over(text: str) -> None:
    try:
        (cells,) = csv.reader([text], strict=True)
    except csv.Error:
        assert not is_valid(text)
        return
    except ValueError:  # an empty line is no record
        return
    # Python's csv lets a quote stand inside a value that has none around it; RFC 4180 does not.
    plain = [part for part in cells if '"' not in part and "," not in part]
    choices = [['"' + cell.replace('"', '""') + '"', *([cell] if cell in plain else [])] for cell in cells]
    assert is_valid(text) == (text in {",".join(chosen) for chosen in product(*choices)})


@given(TEXTS)
def test_an_open_record_is_one_whose_next_line_csv_takes_for_a_part_of_it(text: str) -> None:
    records = list(csv.reader([text + "\n", "x\n"]))
    assert is_open(text) == (len(records) == 1)


@given(TEXTS, st.sampled_from([";", "\t", "|"]))
def test_another_delimiter_has_the_place_of_the_comma(text: str, delimiter: str) -> None:
    swapped = text.translate(str.maketrans({",": delimiter, delimiter: ","}))
    assert (is_valid(swapped, delimiter), is_open(swapped, delimiter)) == (is_valid(text), is_open(text))


def test_java_and_python_agree(spark: SparkSession) -> None:
    texts = [
        "",
        "a,b",
        '"a,b",c',
        '"a',
        'a"b',
        '"a""",b',
        '"a"b',
        '"a\\"b"',
        '"a\nb"',
        'a,"b\n',
        ',"",',
        '"","',
    ] * 2
    frame = spark.createDataFrame([(text,) for text in texts], "line string")
    judged = frame.select("line", valid_record(F.col("line")), open_record(F.col("line"))).collect()
    assert [tuple(row) for row in judged] == [(text, is_valid(text), is_open(text)) for text in texts]
