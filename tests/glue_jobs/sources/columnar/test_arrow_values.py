"""Values of Arrow become a column's own, or the exact texts of what the column cannot hold."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from glue_jobs.sources.columnar.arrow_types import fit_of
from glue_jobs.sources.columnar.arrow_values import texts_of, values_of

AFTER = str(np.datetime64(3_000_000, "D"))
DAY, NOON = date(2017, 1, 31), datetime(2017, 1, 31, 12)


@pytest.mark.parametrize(
    ("kind", "column", "fit"),
    [
        (pa.int32(), "bigint", "same"),
        (pa.uint32(), "bigint", "same"),
        (pa.uint64(), "bigint", "text"),
        (pa.int64(), "int", "text"),
        (pa.uint8(), "tinyint", "text"),
        (pa.int64(), "decimal(18,2)", "text"),
        (pa.decimal128(10, 2), "decimal(18,4)", "same"),
        (pa.decimal128(10, 4), "decimal(18,2)", "text"),
        (pa.decimal128(18, 2), "decimal(10,2)", "text"),
        (pa.float32(), "double", "same"),
        (pa.float64(), "float", "text"),
        (pa.float64(), "decimal(18,2)", "text"),
        (pa.int64(), "double", "text"),
        (pa.int64(), "string", None),
        (pa.int64(), "timestamp", None),
        (pa.int64(), "boolean", None),
        (pa.bool_(), "int", None),
        (pa.string(), "int", "text"),
        (pa.dictionary(pa.int8(), pa.string()), "string", "same"),
        (pa.large_string(), "string", "same"),
        (pa.binary(), "string", "same"),
        (pa.binary(), "int", None),
        (pa.string(), "binary", "text"),
        (pa.timestamp("ns"), "timestamp", "same"),
        (pa.timestamp("us"), "date", "text"),
        (pa.date32(), "timestamp", "text"),
        (pa.time64("us"), "string", "same"),
        (pa.list_(pa.int32()), "array<int>", "text"),
        (pa.list_(pa.int32()), "string", None),
        (pa.null(), "decimal(18,2)", "same"),
    ],
    ids=str,
)
def test_kind_of_values_fits_the_column_or_never(kind: Any, column: str, fit: str | None) -> None:
    assert fit_of(kind, column, zoned=False) == fit


def test_clock_without_a_zone_is_a_text_where_the_source_states_its_zone() -> None:
    assert fit_of(pa.timestamp("us"), "timestamp", zoned=True) == "text"
    assert fit_of(pa.timestamp("us", tz="Asia/Tokyo"), "timestamp", zoned=True) == "same"


@pytest.mark.parametrize(
    ("array", "column", "values", "texts"),
    [
        (pa.array([1, None], pa.int8()), "bigint", [1, None], [None, None]),
        (pa.array([Decimal("1.50")], pa.decimal128(10, 2)), "decimal(18,4)", [Decimal("1.5000")], [None]),
        (
            pa.array([NOON, None], pa.timestamp("ms")),
            "timestamp",
            [NOON.replace(tzinfo=UTC), None],
            [None, None],
        ),
        (
            pa.array([-1, 1000, 1001, None], pa.timestamp("ns", tz="Asia/Tokyo")),
            "timestamp",
            [None, datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC), None, None],
            ["1970-01-01 08:59:59.999999999+0900", None, "1970-01-01 09:00:00.000001001+0900", None],
        ),
        (
            pa.array([10**15, 0], pa.timestamp("s")),
            "timestamp",
            [None, datetime(1970, 1, 1, tzinfo=UTC)],
            ["<long after>", None],
        ),
        (pa.array([DAY, None], pa.date64()), "date", [DAY, None], [None, None]),
        (
            pa.array([3_000_000], pa.int32()).view(pa.date32()),
            "date",
            [None],
            [AFTER],
        ),
        (pa.array([b"\xc3\xa9", b"\xff", None]), "string", ["é", None, None], [None, "\ufffd", None]),
        (pa.array(["a", None, "a"]).dictionary_encode(), "string", ["a", None, "a"], [None, None, None]),
        (pa.nulls(1), "string", [None], [None]),
    ],
)
def test_values_are_those_of_the_file(
    array: Any, column: str, values: list[Any], texts: list[str | None]
) -> None:
    converted, raw = values_of(array, column)
    assert converted.to_pylist() == values
    if "<long after>" not in texts:
        assert raw.to_pylist() == texts
    assert [text is None for text in raw.to_pylist()] == [text is None for text in texts]


@pytest.mark.parametrize(
    ("array", "column", "texts"),
    [
        (pa.array([2**64 - 1], pa.uint64()), "bigint", ["18446744073709551615"]),
        (pa.array([0.1, 1e20, None]), "decimal(18,2)", ["0.1", "1e+20", None]),
        (pa.array([0.1], pa.float32()), "decimal(18,2)", ["0.1"]),
        (pa.array([Decimal("-0.010")], pa.decimal128(10, 3)), "decimal(18,2)", ["-0.010"]),
        (pa.array([datetime(2017, 1, 31), NOON], pa.timestamp("s")), "date", ["2017-01-31", f"{NOON}"]),
        (pa.array([DAY]), "timestamp", ["2017-01-31 00:00:00"]),
        (pa.array([time(1, 2, 3)]), "string", ["01:02:03"]),
        (pa.array([uuid.UUID(int=1).bytes], pa.uuid()), "string", ["00000000-0000-0000-0000-000000000001"]),
        (pa.array([[1, None], None]), "array<int>", ["[1, null]", None]),
        (pa.array([{"a": Decimal("1.10"), "b": DAY}]), "struct<a:…>", ['{"a": "1.10", "b": "2017-01-31"}']),
        (pa.array([[("k", "é")]], pa.map_(pa.string(), pa.string())), "map<string,string>", ['{"k": "é"}']),
    ],
)
def test_texts_have_every_digit(array: Any, column: str, texts: list[str | None]) -> None:
    assert texts_of(array, column).to_pylist() == texts
