"""Values inside of arrays, maps and structs keep every promise of a column, in files and streams alike."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tests.glue_jobs.contract import value_paths
from tests.glue_jobs.contract.nested_cases import (
    COLUMNS,
    ROWS,
    SOUND,
    TYPES,
    Pairs,
    as_collected,
    held,
    read,
)
from tests.glue_jobs.contract.test_differential import as_csv_cell, as_json, generated
from tests.glue_jobs.contract.value_judge import REFUSED
from tests.glue_jobs.streaming.frames import topic_contract

SAMPLE, MORE = 60, 5_000
WAYS = (value_paths.json_file, value_paths.json_stream, value_paths.json_append)
CONTRACT = topic_contract(columns=COLUMNS)
_OPTIONS = {"ignoreNullFields": "false", "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"}


def disagreements(rows: DataFrame, lines: list[str]) -> list[str]:
    """What a way stored or refused against the judge; of refusals without reasons, nothing."""
    values = [F.to_json(F.struct(name), _OPTIONS).alias(name) for name in COLUMNS]
    wrong = []
    for got in rows.select("n", "why", *values).collect():
        sent, why = read(lines[got["n"]]), got["why"] or []
        for name, kind in TYPES.items():
            expected = held(kind, sent.get(name))
            refused = any(reason.startswith((f"{name}: ", "format: ")) for reason in why)
            text = json.loads(got[name], parse_float=Decimal, object_pairs_hook=Pairs)
            stored = as_collected(kind, dict(text)[name])
            if "marked" not in why and (
                refused != (expected is REFUSED) or (not refused and stored != expected)
            ):
                wrong.append(f"{name} {lines[got['n']]}: wanted {expected!r}, got {stored!r} {why}")
    return wrong


def faults(spark: SparkSession, number: int) -> list[str]:
    """Every disagreement of every way with the judge, begun with the name of the way."""
    lines = [as_json(row) for rows in (ROWS, SOUND) for row in generated(rows, number)]
    wrong = {way.__name__: disagreements(way(spark, CONTRACT, lines), lines) for way in WAYS}
    return [f"{way}: {each}" for way, some in wrong.items() for each in some]


def test_every_way_agrees_with_the_judge_on_nested_values(spark: SparkSession) -> None:
    assert faults(spark, SAMPLE)[:20] == []


@pytest.mark.slow
def test_every_way_agrees_with_the_judge_on_many_nested_values(spark: SparkSession) -> None:
    assert faults(spark, MORE)[:20] == []


def test_sound_nested_values_take_the_quick_way_of_a_stream(spark: SparkSession) -> None:
    lines = ['{"tags": ["a", "5"], "groups": {"a": [1, 2]}, "place": {"point": {"x": 5}}}']
    [row] = value_paths.json_append(spark, CONTRACT, lines).collect()
    assert (row["why"], row["tags"], row["groups"], row["place"]["point"]["x"]) == (
        None,
        ["a", "5"],
        {"a": [1, 2]},
        5,
    )


@pytest.mark.parametrize("way", [value_paths.csv_file, value_paths.csv_stream], ids=["file", "stream"])
def test_json_in_a_cell_of_csv_is_judged_as_that_of_json(spark: SparkSession, way: value_paths.Way) -> None:
    cells = {
        '{"a": 12.30}': {"a": Decimal("12.30")},
        '{"a": 12.345}': REFUSED,
        '{"a": 1, "a": 2}': {"a": Decimal("2.00")},
        '{"a": 1} x': REFUSED,
        '{"a": true}': REFUSED,
        "[1]": REFUSED,
        "{}": {},
    }
    lines = [",".join(as_csv_cell(cell if name == "rates" else "") for name in COLUMNS) for cell in cells]
    rows = way(spark, CONTRACT, lines).collect()
    assert {list(cells)[r["n"]]: REFUSED if r["why"] else r["rates"] for r in rows} == cells
