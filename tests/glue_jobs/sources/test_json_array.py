"""A landing file that is one JSON array gives the rows that Python's json and polars read."""

from __future__ import annotations

import io
import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from glue_jobs.sources.file_text import UnreadableFileError
from glue_jobs.sources.json_array import array_elements
from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import Landing, rows_of, source_contract, source_of, whole

PEOPLE: dict[str, Any] = {
    "id": {"type": "string"},
    "name": {"type": ["string", "null"]},
    "updated_at": {"type": ["string", "null"], "format": "date-time"},
}
_TEXTS = st.text(alphabet='ab"\\[]{},:\n\r\t é\u2028', max_size=8)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)


def elements(text: str) -> list[str]:
    return [record.text for record in array_elements(io.StringIO(text, newline=""))]


@settings(max_examples=150, deadline=None)
@given(st.lists(_VALUES, max_size=5), st.sampled_from([None, 0, 2]), st.booleans())
def test_elements_are_those_of_pythons_parser(values: list[Any], indent: int | None, ascii_: bool) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_)
    assert [json.loads(element) for element in elements(text)] == values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n", []),
        ("[]", []),
        ("\n[ ]\n", []),
        ('[{"a":1},]', ['{"a":1}', ""]),
        ('[,{"a":1}]', ["", '{"a":1}']),
        ('[{"a":1}{"b":2},{"c":3}]', ['{"a":1}{"b":2}', '{"c":3}']),
        ('[{"a":1],{"c":3}]', ['{"a":1]', '{"c":3}']),
        ('[{"a":"x\ny"},{"c":3}]', ['{"a":"x\ny"}', '{"c":3}']),
        ("[1,null]", ["1", "null"]),
    ],
)
def test_element_that_is_no_json_is_one_and_spoils_no_other(text: str, expected: list[str]) -> None:
    assert elements(text) == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a":1}', "does not begin with a JSON array"),
        ('x[{"a":1}]', "does not begin with a JSON array"),
        ("abc", "does not begin with a JSON array"),
        ('"[1]"', "does not begin with a JSON array"),
        ('[{"a":1}', "has a JSON array that nothing closes"),
        ('[{"a":"1}]', "has a JSON array that nothing closes"),
        ('[{"a":1}] x', "has text after its JSON array"),
        ('[{"a":1}][{"a":2}]', "has text after its JSON array"),
        ('[{"a":1}]]', "has text after its JSON array"),
    ],
)
def test_text_that_is_not_one_array_is_a_fault_of_the_file(text: str, fault: str) -> None:
    with pytest.raises(UnreadableFileError, match=fault):
        elements(text)


def test_rows_of_arrays_are_those_that_polars_reads_and_bad_ones_stop_themselves(
    spark: SparkSession, local_env: Environment
) -> None:
    landing = Landing(local_env)
    rows = [{"id": str(n), "name": name} for n, name in enumerate(['a"],[', None, "é\n", "\\"])]
    pretty, flat = json.dumps(rows, indent=1), json.dumps(rows[:1], ensure_ascii=False)
    landing.put("dt=2017-01-01/a.json", "\ufeff" + pretty)
    landing.put("dt=2017-01-01/b.json", f'[{flat[1:-1]},{{"id":"9",}},5]')
    landing.put("dt=2017-01-01/cut.json", pretty[:-1])
    contract = source_contract("landing", landing.prefix, "json_array", PEOPLE)
    extract = whole(source_of(spark, local_env, contract))
    expected = pl.concat([pl.read_json(pretty.encode()), pl.read_json(flat.encode())]).rows()
    sound = extract.rows.where("_corrupt IS NULL")
    assert rows_of(sound, "id", "name") == sorted(
        expected, key=lambda row: [(value is not None, str(value)) for value in row]
    )
    assert rows_of(extract.rows.where("_corrupt IS NOT NULL"), "_corrupt") == [("5",), ('{"id":"9",}',)]
    assert [(f.key.rsplit("/")[-1], f.reason) for f in extract.rejected] == [
        ("cut.json", "has a JSON array that nothing closes")
    ]
    positions = rows_of(extract.rows, "_source_position")
    assert len(set(positions)) == len(positions) == 7
