"""Rejected rows are stored as the source sent them, with the reasons."""

from __future__ import annotations

import json
from pathlib import Path

from pyspark.sql import SparkSession

from glue_jobs.contract import align_to_schema, validate_and_quarantine
from glue_jobs.tables.quarantine import quarantined_rows, write_quarantine
from tests.glue_jobs.builders import contract, frame

THINGS = contract()
DDL = "id string, value string, changed_at string, note string, _source_position string, _corrupt string"
AT = "2017-01-01T00:00:00Z"


def test_an_invalid_row_keeps_what_was_sent_and_says_why(spark: SparkSession, tmp_path: Path) -> None:
    rows = frame(
        spark,
        DDL,
        ("1", "a", AT, "fine", "f:1", None),
        ("one", "b", AT, "extra", "f:2", None),
        (None, None, None, None, "f:3", "not a row"),
    )
    checked = validate_and_quarantine(align_to_schema(rows, THINGS, text=True), THINGS)
    folder = tmp_path / "quarantine"
    for _ in range(2):
        write_quarantine(quarantined_rows(checked, THINGS), folder.as_uri(), "batch-1")
    lines = [json.loads(line) for file in folder.glob("*.json") for line in file.read_text().splitlines()]
    mistyped, unreadable = sorted(lines, key=lambda line: line["source_position"])
    assert (mistyped["table"], mistyped["contract_version"], mistyped["batch_id"]) == (
        "silver.things",
        1,
        "batch-1",
    )
    assert mistyped["row"] == {"id": "one", "value": "b", "changed_at": AT, "note": "extra"}
    assert any("id" in reason for reason in mistyped["reasons"])
    assert (unreadable["raw"], unreadable["source_position"]) == ("not a row", "f:3")
