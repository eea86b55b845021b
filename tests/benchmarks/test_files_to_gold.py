"""Five public files become a sound pipeline of few lines, and gold has the rows that DuckDB computes."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from benchmarks.files_to_gold.__main__ import (
    MOST_FILES,
    MOST_LINES,
    PIPELINE,
    lakehouse,
    make_pipeline,
    pipeline_files,
    public_files,
    run_pipeline,
)


def test_the_pipeline_is_sound_and_within_its_files_and_lines(tmp_path: Path) -> None:
    project = tmp_path / PIPELINE
    make_pipeline(project)
    files = pipeline_files(project)
    assert len(files) == 10
    assert len(files) <= MOST_FILES
    assert sum(files.values()) <= MOST_LINES


@pytest.mark.slow
def test_gold_has_what_duckdb_makes_of_the_files(tmp_path: Path) -> None:
    project = tmp_path / PIPELINE
    make_pipeline(project)
    try:
        rows = json.loads(run_pipeline(project))
    finally:
        lakehouse("local", "down", at=project)
    assert [(r["city"], r["month"]) for r in rows] == [
        (city, month) for city in ("San Francisco", "Seattle") for month in range(1, 13)
    ]
    weather = next(f for f in public_files() if f.name == "seattle-weather.csv")
    judged = duckdb.sql(
        f"SELECT month(strptime(date, '%Y/%m/%d')) AS m, sum(precipitation::DECIMAL(9, 1)) / 4 AS mm "
        f"FROM read_csv('{weather}', all_varchar = true) GROUP BY m ORDER BY m"
    ).fetchall()
    seattle = [Decimal(str(r["rain_mm"])) for r in rows if r["city"] == "Seattle"]
    assert seattle == [round(Decimal(str(mm)), 2) for _, mm in judged]
    assert all(r["rain_mm"] is None for r in rows if r["city"] != "Seattle")
