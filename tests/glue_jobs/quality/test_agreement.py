"""One exported suite, judged by us and by Great Expectations itself on the same clean and dirty data: they
agree rule by rule.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.quality.compile import judge
from glue_jobs.quality.export import to_gx
from lakehouse.contracts import Suite, load_schemas
from lakehouse.contracts.suite import EXPECTATIONS
from tests.glue_jobs.builders import local_frame
from tests.glue_jobs.quality.agreement_suite import CURRENCIES, RULES, SUITE, data_of
from tests.glue_jobs.quality.helpers import RUN_DATE, rule


def judged_by_gx(df: DataFrame, suite: dict[str, Any]) -> list[Any]:
    """Great Expectations' results in the order of the suite."""
    gx = pytest.importorskip("great_expectations")
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_spark("spark", persist=False)
    batches = source.add_dataframe_asset("table").add_batch_definition_whole_dataframe("all")
    # Through JSON, as a file that `lakehouse dq export` wrote.
    loaded = gx.ExpectationSuite(**json.loads(json.dumps(suite)))
    for i, e in enumerate(loaded.expectations):
        e.meta = {**(e.meta or {}), "at": i}
    results = (
        batches.get_batch(batch_parameters={"dataframe": df}).validate(loaded, result_format="BASIC").results
    )
    return sorted(results, key=lambda r: r.expectation_config.meta["at"])


def test_the_suite_here_has_every_expectation() -> None:
    assert {e.type for e in RULES} == set(EXPECTATIONS)


@pytest.mark.parametrize("which", [pytest.param("clean", marks=pytest.mark.slow), "dirty", "empty"])
def test_great_expectations_agrees_rule_by_rule(spark: SparkSession, which: str) -> None:
    df = data_of(spark, which)
    currencies = local_frame(spark, "k string", *[(c,) for c in CURRENCIES])
    currencies.createOrReplaceTempView("known_names")
    ours = judge(df, SUITE, run_date=RUN_DATE, tables=lambda name: spark.table(name), key=["id", "line"])
    theirs = judged_by_gx(df, to_gx(SUITE, run_date=RUN_DATE))
    assert len(ours) == len(theirs) == len(RULES)
    differing = []
    for r, g in zip(ours, theirs, strict=True):
        broken = r.exception is not None, bool(g.exception_info.get("raised_exception") or any(_raised(g)))
        counts = (r.unexpected_count or 0, _count(g, r.unexpected_count))
        if r.success != g.success or broken[0] != broken[1] or counts[0] != counts[1]:
            differing.append(
                (
                    r.expectation,
                    dict(r.kwargs),
                    r.success,
                    g.success,
                    broken,
                    counts,
                    r.exception,
                    r.observed_value,
                    g.result,
                )
            )
    assert not differing
    assert {"clean": 9, "dirty": 30, "empty": 5}[which] <= sum(not r.success for r in ours)


def _raised(g: Any) -> list[bool]:
    """Great Expectations keeps one note per metric that could not be computed."""
    return [bool(v.get("raised_exception")) for v in g.exception_info.values() if isinstance(v, dict)]


def _count(g: Any, ours: int | None) -> int:
    if ours is None:
        return 0
    if g.expectation_config.type != "unexpected_rows_expectation":
        return int(g.result.get("unexpected_count") or 0)
    # One row of counts stands for a share that is too great.
    return (
        ours
        if "mostly" in g.expectation_config.meta["lakehouse"]["kwargs"]
        else int(g.result["observed_value"])
    )


def test_severity_and_reason_are_exported() -> None:
    exported = to_gx(
        Suite(
            table="silver.orders",
            expectations=[
                rule("expect_column_to_exist", "warn", column="id").model_copy(update={"why": "It is read."})
            ],
        )
    )
    assert exported["expectations"] == [
        {
            "type": "expect_column_to_exist",
            "kwargs": {"column": "id"},
            "severity": "warning",
            "meta": {"why": "It is read."},
        }
    ]


@pytest.mark.parametrize("table", sorted(load_schemas().suites))
def test_every_suite_of_the_platform_loads_in_great_expectations(table: str) -> None:
    gx = pytest.importorskip("great_expectations")
    facts = load_schemas()
    loaded = gx.ExpectationSuite(
        **json.loads(json.dumps(to_gx(facts.suites[table], facts.contracts[table], run_date=RUN_DATE)))
    )
    assert len(loaded.expectations) == len(facts.suites[table].expectations)
