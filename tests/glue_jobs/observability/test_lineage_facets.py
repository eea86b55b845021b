"""Datasets and facets in OpenLineage's own names."""

from __future__ import annotations

from datetime import date

import pytest

from glue_jobs.errors import RunError
from glue_jobs.observability.lineage_facets import (
    Dataset,
    Engine,
    LineageRun,
    Parent,
    dataset_name,
    job_facets,
    output_dataset,
    run_facets,
)
from lakehouse.environments import load_environment, names

ENV = load_environment("dev")


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("kafka://b-1:9092/orders", ("kafka://b-1:9092", "orders")),
        ("s3://bucket/folder/", ("s3://bucket", "folder")),
        ("s3://bucket", ("s3://bucket", "/")),
        ("silver.orders", (f"s3://{names.bucket(ENV, names.Zone.SILVER)}", "orders")),
    ],
)
def test_a_dataset_is_named_by_its_system_and_its_place(table: str, expected: tuple[str, str]) -> None:
    assert dataset_name(ENV, table) == expected


def test_a_run_has_its_day_parent_engine_and_error() -> None:
    about = LineageRun(
        date(2017, 1, 31),
        Parent("retail", "01890000-0000-7000-8000-000000000000"),
        Engine("spark", "3.5.6"),
        True,
    )
    facets = run_facets(about, "lakehouse/dev", RunError("broken", code="RUN202"))
    assert set(facets) == {"nominalTime", "parent", "processing_engine", "errorMessage"}
    assert facets["nominalTime"].nominalEndTime == "2017-02-01T00:00:00Z"
    assert facets["errorMessage"].message == "RUN202 broken"
    assert job_facets(about)["jobType"].processingType == "STREAMING"


def test_a_written_table_has_its_columns_their_sources_and_its_rows() -> None:
    item = Dataset("silver.orders", [("id", "bigint")], {"id": [("bronze.orders", "id")]}, rows=7)
    dataset = output_dataset(ENV, item)
    facets, statistics = dataset.facets or {}, dataset.outputFacets or {}
    assert [field.name for field in facets["schema"].fields] == ["id"]  # type: ignore[attr-defined]
    assert list(facets["columnLineage"].fields) == ["id"]  # type: ignore[attr-defined]
    assert statistics["outputStatistics"].rowCount == 7  # type: ignore[attr-defined]
