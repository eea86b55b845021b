"""The contracts and suites against the real month: clean data passes, and each kind of dirt is caught."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from lakehouse.contracts import Contract, Expectation, load_schemas
from lakehouse.pipelines import load_pipelines
from sample_data.rules import FRAME_RULES, FrameRule
from sample_data.summary import Outcome
from tests.lakehouse.contracts import tables
from tests.lakehouse.contracts.oracle import breaks, holds

FIRST, LAST = date(2017, 1, 1), date(2017, 1, 31)
SCHEMAS = load_schemas()
# The retailer's; the other pipelines judge their own.
TABLES = [table for job in load_pipelines()["retail"].jobs for table in job.writes]
METADATA = {
    "_ingest_ts": FIRST,
    "_batch_id": "0b0c5e0e-3c1f-4d0e-9a52-3b9d6d2b6c11",
    "_source_system": "sample",
    "_run_date": LAST,
}


@pytest.fixture(scope="module")
def lake() -> dict[str, pl.DataFrame]:
    raw = tables.bronze(FIRST, LAST)
    clean = tables.silver(raw)
    loaded = {
        name: rows.with_columns(**{n: pl.lit(v) for n, v in METADATA.items()}) for name, rows in raw.items()
    }
    return {**loaded, **clean, **tables.gold(raw, clean)}


def broken_rules(contract: Contract, rows: pl.DataFrame) -> list[str]:
    actual = [
        (f"{c.name}: {rule} {bound}", breaks(c, rule, bound))
        for c in contract.columns
        if c.name in rows.columns
        for rule, bound in c.rules()
    ]
    return [name for name, bad in actual if rows.filter(bad).height]


@pytest.mark.parametrize("table", [t for t in TABLES if t != "gold.dim_date"])
def test_clean_rows_break_no_rule_of_their_contract(table: str, lake: dict[str, pl.DataFrame]) -> None:
    rows = lake[table].filter(pl.col("customer_id") != -1) if table == "gold.dim_customer" else lake[table]
    if table == "gold.dim_product":
        rows = rows.filter(pl.col("product_id") != -1)
    assert broken_rules(SCHEMAS.contracts[table], rows) == []


@pytest.mark.parametrize("table", [t for t in TABLES if t.startswith("bronze.")])
def test_the_sample_holds_every_column_of_the_bronze_contract(
    table: str, lake: dict[str, pl.DataFrame]
) -> None:
    assert set(lake[table].columns) == {name for name, _ in SCHEMAS.contracts[table].stored}


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        pytest.param(t, e, id=f"{t}-{i}-{e.type}")
        for t in TABLES
        for i, e in enumerate(SCHEMAS.suites[t].expectations)
    ],
)
def test_the_real_month_keeps_every_quality_rule(
    table: str, rule: Expectation, lake: dict[str, pl.DataFrame]
) -> None:
    assert holds(rule, table, lake, LAST), rule


@pytest.mark.parametrize(
    "dirt", [r for r in FRAME_RULES if r.outcome == Outcome.BRONZE], ids=lambda r: f"{r.source}-{r.kind}"
)
def test_every_kind_of_broken_row_is_caught_by_its_contract(
    dirt: FrameRule, lake: dict[str, pl.DataFrame]
) -> None:
    table = f"bronze.{dirt.source}"
    rows = lake[table].head(5).with_columns(**dirt.columns)
    assert broken_rules(SCHEMAS.contracts[table], rows), dirt.says
