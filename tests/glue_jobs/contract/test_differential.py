"""What `jsonschema`, decimal and datetime accept is stored as it was sent; all else is in quarantine."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from lakehouse.contracts import SourcedContract
from tests.glue_jobs.contract import value_paths
from tests.glue_jobs.contract.value_cases import BROKEN, CELLS, COLUMNS, JUDGED, NUMBERS, ROWS, TEXTS
from tests.glue_jobs.contract.value_judge import REFUSED, exact, stored
from tests.glue_jobs.streaming.frames import topic_contract

Row = dict[str, str]
# Rows of 18 values: 10,000 in `make test`; in `make test-all` a million, most of them with other letters.
SAMPLE, DRAWN, ROUNDS = 560, 2_800, 20
LETTERS = "0123456789.eE+-TZ: aDE\n\u0663\u00e9"
TYPES = {c.name: c.type for c in topic_contract(columns=COLUMNS).columns}


def generated(rows: st.SearchStrategy[Row], number: int) -> list[Row]:
    """The same rows each time."""
    drawn: list[Row] = []

    def draw(row: Row) -> None:
        drawn.append(row)

    check = settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    check(given(rows)(draw))()
    return drawn


def bent(chance: random.Random, text: str) -> str:
    """One letter is another, too many, or gone; a text is never empty."""
    at = chance.randrange(len(text) or 1)
    return text[:at] + chance.choice(("", *LETTERS)) + text[at + chance.choice((0, 1)) :] or "0"


def bent_token(chance: random.Random, token: str) -> str:
    """A JSON value with another letter; in quotes, where it is no JSON any more.

    Without the escapes that it had: each round would double them.
    """
    other = bent(chance, token)
    quoted = json.dumps(other.replace("\\", "").strip('"'))
    try:
        # Python takes NaN for a number, and half of a character for a text, which JSON and UTF-8 do not.
        str(json.loads(other, parse_float=str)).encode()
    except ValueError:
        return quoted
    is_value = other.strip() == other and other[0] not in "[{" and other.strip("-")[0] not in "NI"
    return other if is_value else quoted


def as_json(row: Row) -> str:
    return "{" + ", ".join(f"{json.dumps(name)}: {token}" for name, token in row.items()) + "}"


def as_csv(row: Row) -> str:
    return ",".join(as_csv_cell(row[name]) for name in COLUMNS)


def as_csv_cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def of_json(token: str) -> Any:
    return json.loads(token, parse_float=exact)


def disagreements(
    rows: DataFrame, sent: list[Row], read: Callable[[str], Any], *, marked: bool = False
) -> list[str]:
    """What a way stored or refused against the judge. With `marked`, refusals are not judged."""
    wrong = []
    for got in rows.collect():
        why, row = got["why"] or [], sent[got["n"]]
        if marked and why:
            continue
        for name, token in row.items():
            expected = stored(JUDGED[name], TYPES[name], read(token))
            reasons = [reason for reason in why if reason.startswith(f"{name}: ")]
            refused = bool(reasons) or (
                bool(why) and not any(": " in r and r.split(":")[0] in row for r in why)
            )
            if refused != (expected is REFUSED) or (not refused and got[name] != expected):
                wrong.append(f"{name} {token!r}: wanted {expected!r}, got {got[name]!r} {reasons}")
    return wrong


def sound_of(sent: list[Row], read: Callable[[str], Any], absent: str) -> list[Row]:
    """The rows, with what the judge refuses taken out."""

    def kept(name: str, token: str) -> str:
        return absent if stored(JUDGED[name], TYPES[name], read(token)) is REFUSED else token

    return [{name: kept(name, token) for name, token in row.items()} for row in sent]


def compare(spark: SparkSession, contract: SourcedContract, sent: list[Row], cells: list[Row]) -> list[str]:
    """Every disagreement of every way with the judge, begun with the name of the way."""
    sound = sound_of(sent, of_json, "null")
    objects, sound_objects = [[as_json(row) for row in rows] for rows in (sent, sound)]
    records = [as_csv(row) for row in cells]
    wrong: list[str] = []

    def judge(way: value_paths.Way, lines: list[str], rows: list[Row], read: Callable[[str], Any]) -> None:
        frame = way(spark, contract, lines)
        differing = disagreements(frame, rows, read, marked=way is value_paths.json_append)
        wrong.extend(f"{way.__name__}: {each}" for each in differing)

    for way in (value_paths.json_file, value_paths.json_stream, value_paths.json_append):
        judge(way, objects, sent, of_json)
        judge(way, sound_objects, sound, of_json)
    for way in (value_paths.csv_file, value_paths.csv_stream):
        judge(way, records, cells, str)
    return wrong


def test_every_way_agrees_with_the_judge_on_10_000_values(spark: SparkSession) -> None:
    rows, cells = generated(ROWS, SAMPLE), generated(CELLS, SAMPLE)
    assert len(rows) * len(COLUMNS) >= 10_000
    wrong = compare(spark, topic_contract(columns=COLUMNS), rows, cells)
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(sorted(set(wrong))[:1500])


def test_every_way_agrees_with_the_judge_on_each_known_case_in_every_column(spark: SparkSession) -> None:
    tokens = [*NUMBERS, *map(json.dumps, [*TEXTS, *NUMBERS])]
    cells = [text for text in [*TEXTS, *NUMBERS] if "\0" not in text]
    rows, records = ([dict.fromkeys(COLUMNS, value) for value in values] for values in (tokens, cells))
    wrong = compare(spark, topic_contract(columns=COLUMNS), rows, records)
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(sorted(set(wrong))[:1500])


@pytest.mark.slow
def test_every_way_agrees_with_the_judge_on_a_million_values(spark: SparkSession) -> None:
    rows, cells = generated(ROWS, DRAWN), generated(CELLS, DRAWN)
    assert len(rows) * len(COLUMNS) * ROUNDS >= 1_000_000
    chance = random.Random(2017)
    for _ in range(ROUNDS):
        wrong = compare(spark, topic_contract(columns=COLUMNS), rows, cells)
        rows = [{name: bent_token(chance, token) for name, token in row.items()} for row in rows]
        cells = [{name: bent(chance, cell) for name, cell in row.items()} for row in cells]
        assert not wrong, f"{len(wrong)}:\n" + "\n".join(sorted(set(wrong))[:1500])


@pytest.mark.parametrize("way", [value_paths.json_file, value_paths.json_stream], ids=["file", "stream"])
def test_what_json_does_not_allow_is_quarantined_as_a_line(spark: SparkSession, way: value_paths.Way) -> None:
    lines = [as_json({"ratio": "1", "text": token}) for token in BROKEN]
    rows = way(spark, topic_contract(columns=COLUMNS), lines).collect()
    reasons = {BROKEN[row["n"]]: row["why"] for row in rows}
    assert reasons == {token: ["format: the line cannot be read"] for token in BROKEN}


def test_stored_values_read_back_as_they_were_sent(spark: SparkSession, tmp_path: Path) -> None:
    sent = sound_of(generated(ROWS, 100), of_json, "null")
    rows = value_paths.json_stream(spark, topic_contract(columns=COLUMNS), [as_json(row) for row in sent])
    rows.where("why is null").write.format("delta").save(str(tmp_path / "table"))
    again = spark.read.format("delta").load(str(tmp_path / "table"))
    assert again.count() == len(sent)
    assert not disagreements(again, sent, of_json)


def test_judge_reads_numbers_as_decimal_does() -> None:
    taken: Mapping[str, Any] = {
        " 5 ": 5,
        "1e2": 100,
        "1.0": 1,
        "007": 7,
        "+5": 5,
        "12d": REFUSED,
        "1.5": REFUSED,
    }
    assert {text: stored(COLUMNS["whole"], "bigint", text) for text in taken} == taken
