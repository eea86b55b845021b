"""A line is read where Python's json reads an object; every other one is quarantined whole."""

from __future__ import annotations

import json
import random
from typing import NoReturn

import pytest
from pyspark.sql import SparkSession

from tests.glue_jobs.contract import value_paths
from tests.glue_jobs.contract.value_cases import COLUMNS
from tests.glue_jobs.streaming.frames import topic_contract

WHOLE = [
    r'{"ratio": 1.5, "text": "a\u00e9\n", "flag": true}',
    r'{"text": "\u0041\ud83d\ude00\\u12", "more": {"text": [1, {"a": "}]"}]}}',
    r'{"text": "a", "ratio": -1e-2, "other": [[], {}, "\"", null, false]}',
    r'{"more": "\/\b\f", "text": "x\\", "count": 0}',
    ' {"text" : "a:b,c" , "ratio" : 12 } ',
]
PIECES = [
    *"{}[]\",:\\u0 1e.-+\t/'#x",
    "\\u",
    "\\u12",
    "\\ud83d",
    '"}',
    "null",
    "NaN",
    "//",
    "\u00a0",
    "\ufeff",
]
NUMBER = 1_500
UNREADABLE = ["format: the line cannot be read"]


def mutated(chance: random.Random) -> str:
    """One of the objects with up to two pieces more, instead of others, or gone."""
    line = chance.choice(WHOLE)
    for _ in range(chance.choice((1, 1, 2))):
        at = chance.randrange(len(line) + 1)
        line = line[:at] + chance.choice(("", *PIECES)) + line[at + chance.choice((0, 1, 1, 4)) :]
    return line


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def is_object(line: str) -> bool:
    try:
        value = json.loads(line, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no character
    except ValueError:
        return False
    return isinstance(value, dict)


@pytest.mark.parametrize("way", [value_paths.json_file, value_paths.json_stream], ids=["file", "stream"])
def test_a_line_is_read_where_python_reads_an_object(spark: SparkSession, way: value_paths.Way) -> None:
    chance = random.Random(2017)
    lines = [*WHOLE, *filter(str.strip, (mutated(chance) for _ in range(NUMBER)))]
    rows = way(spark, topic_contract(columns=COLUMNS), lines).select("n", "why").collect()
    differing = [lines[row.n] for row in rows if (row.why == UNREADABLE) == is_object(lines[row.n])]
    assert len(rows) == len(lines)
    assert differing == []
    assert sum(map(is_object, lines)) > NUMBER // 10
