"""Half a year of loans, dirt and all, from the sources to the key figures, judged from outside."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from cli.quarantine.rows import first_rows, quarantined_rows
from glue_jobs.aws import clients
from glue_jobs.state.audit import Audit, Counts
from lakehouse.contracts import load_schemas
from lakehouse.environments import names
from lakehouse.environments.names import Zone
from sample_data.load import load_sample
from sample_data.loans import applications, loan_book
from sample_data.summary import Outcome
from tests.loans import oracle
from tests.loans.loans_world import (
    BATCH,
    DIRT,
    FIRST,
    LAST,
    MADE,
    SOURCES,
    HalfYear,
    counts,
    figures,
    plain,
    stamped,
)
from tests.loans.oracle_figures import kpis

BEFORE = date(2017, 5, 31)
KPIS = "gold.loan_kpis"


def test_gates_judge_every_row_of_every_table_and_find_no_broken_rule(half_year: HalfYear) -> None:
    rows = {table: of_table.height for table, of_table in half_year.tables.items()}
    assert {t: c.rows_in for t, c in counts(half_year.judged).items()} == rows
    assert {name: row.warnings for name, row in half_year.judged.items()} == dict.fromkeys(
        half_year.judged, ()
    )


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_row_is_in_bronze_or_in_its_quarantine(half_year: HalfYear, source: str) -> None:
    loaded, table = half_year.loaded, f"bronze.{source}"
    broken = loaded.dirt_rows(source, Outcome.BRONZE)
    rows_in = loaded.rows[source] + loaded.dirt_rows(source)
    assert half_year.first[table] == Counts(rows_in, rows_in - broken, broken, 0)
    assert half_year.tables[table].height == rows_in - broken
    assert (
        sum(1 for _ in first_rows(half_year.world.env, quarantined_rows(half_year.world.env, table), 10**6))
        == broken
    )


def test_every_kind_of_dirt_is_rejected_for_its_own_reason(half_year: HalfYear) -> None:
    env = half_year.world.env
    actual = {
        s: {r for row in first_rows(env, quarantined_rows(env, f"bronze.{s}"), 10**6) for r in row["reasons"]}
        for s in SOURCES
    }
    assert {reason.split(":")[0] for reason in actual["loan_applications"]} == {
        "application_id",
        "customer_id",
        "requested_amount",
        "purpose_code",
        "application_date",
        "format",
    }
    assert {reason.split(":")[0] for reason in actual["loan_book"]} == {
        "loan_id",
        "outstanding",
        "principal",
        "status_code",
        "updated_at",
        "format",
    }
    in_silver = first_rows(env, quarantined_rows(env, "silver.loans"), 10**6)
    assert {r for row in in_silver for r in row["reasons"]} >= {"loan without an application"}


def test_bronze_says_where_each_row_came_from(half_year: HalfYear) -> None:
    systems = {s: set(half_year.tables[f"bronze.{s}"]["_source_system"]) for s in SOURCES}
    assert systems == {"loan_applications": {"crm"}, "loan_book": {"core_banking"}}


def test_raw_has_the_newest_of_both_sources_once(half_year: HalfYear) -> None:
    raw = half_year.tables["bronze.loan_raw"]
    assert raw["application_id"].is_unique().all()
    decided = raw.filter(pl.col("application_status").is_not_null())
    newest = oracle.newest(applications(FIRST, LAST, 2017), "application_id")
    got = {
        r["application_id"]: (r["application_status"], plain(r["application_updated_at"]))
        for r in decided.iter_rows(named=True)
    }
    assert got == {id_: (a["status"], a["updated_at"]) for id_, a in newest.items()}
    assert set(raw["partition_date"]) == {LAST}
    assert set(raw["job_name"]) == {"bronze_transform"}


def test_loan_of_an_unknown_application_is_kept_raw_and_refused_by_silver(half_year: HalfYear) -> None:
    raw = half_year.tables["bronze.loan_raw"]
    orphans = raw.filter(pl.col("application_status").is_null())["loan_id"].to_list()
    assert 0 < len(orphans) <= half_year.loaded.dirt_rows("loan_book", Outcome.SILVER)
    assert half_year.first["silver.loans"].quarantined == len(orphans)
    env = half_year.world.env
    assert {
        r["row"]["loan_id"] for r in first_rows(env, quarantined_rows(env, "silver.loans"), 10**6)
    } == set(orphans)


def test_silver_loans_equal_an_independent_computation_line_by_line(half_year: HalfYear) -> None:
    expected = oracle.loans(LAST)
    table = half_year.tables["silver.loans"]
    assert set(table.columns) == {*expected[0], "batch_id"}
    got = [
        {name: plain(value) for name, value in row.items()}
        for row in table.select(*expected[0]).sort("application_id").iter_rows(named=True)
    ]
    assert got == expected
    assert table["batch_id"].n_unique() == 1


def test_states_are_every_change_of_every_loan(half_year: HalfYear) -> None:
    states = half_year.tables["silver.loan_states"]
    clean = states.filter(~pl.col("loan_id").str.starts_with("LN-9") & (pl.col("outstanding") != 1))
    got = {
        (r["loan_id"], plain(r["updated_at"]), r["loan_status"], r["outstanding"])
        for r in clean.iter_rows(named=True)
    }
    assert got == {
        (r["loan_id"], r["updated_at"], oracle.STATUS[r["status_code"]], r["outstanding"])
        for r in loan_book(FIRST, LAST, 2017)
    }
    duplicates = sum(
        d.rows for d in half_year.loaded.dirt if (d.source, d.kind) == ("loan_book", "duplicate")
    )
    assert half_year.first["silver.loan_states"].deduplicated == duplicates


def test_key_figures_equal_an_independent_computation_line_by_line(half_year: HalfYear) -> None:
    got = figures(half_year.tables[KPIS], LAST)
    assert got == kpis(LAST, 30, LAST)
    assert {"all", "business", "car (new)"} < set(got)
    assert got["all"]["defaulted"] > 0
    assert got["all"]["applications"] == sum(
        row["applications"] for purpose, row in got.items() if purpose != "all"
    )


def test_run_twice_writes_nothing(half_year: HalfYear) -> None:
    assert half_year.again == dict.fromkeys(half_year.first, Counts())


def test_earlier_date_sees_its_own_day_however_much_later_it_is_run(half_year: HalfYear) -> None:
    world = half_year.world
    ran = counts(world.run(BEFORE, "gold_kpi_aggregation"))
    table = world.table(KPIS)
    assert figures(table, BEFORE) == kpis(BEFORE, 30, as_of=BEFORE)
    assert figures(table, LAST) == kpis(LAST, 30, LAST), "another day's figures were touched"
    assert ran[KPIS].written == len(figures(table, BEFORE))
    assert counts(world.run(BEFORE, "gold_kpi_aggregation"))[KPIS] == Counts()


def test_another_window_replaces_the_figures_of_its_day(half_year: HalfYear) -> None:
    day = date(2017, 4, 30)
    half_year.world.run(day, "gold_kpi_aggregation")
    half_year.world.run(day, "gold_kpi_aggregation", kpi_window_days="7")
    assert figures(half_year.world.table(KPIS), day) == kpis(day, 7, as_of=day)


def test_late_and_corrected_rows_of_the_book_end_in_the_right_state(half_year: HalfYear) -> None:
    world = half_year.world
    loan = next(
        r
        for r in reversed(loan_book(FIRST, LAST, 2017))
        if r["status_code"] == "CUR" and r["paid_instalments"] >= 2
    )
    of_loan = {"loan_id": loan["loan_id"]}
    corrected = {
        **loan,
        "outstanding": loan["outstanding"] - 1,
        "updated_at": loan["updated_at"] + timedelta(hours=1),
    }
    late = {**loan, "outstanding": Decimal("123.45"), "updated_at": loan["updated_at"] - timedelta(days=3)}
    before = world.table("silver.loans")
    world.drop_book(LAST, "correction.csv", stamped(corrected))
    world.drop_book(late["updated_at"].date(), "late.csv", stamped(late))
    ran = counts(world.run(LAST))

    silver = world.table("silver.loans")
    assert silver.filter(**of_loan)["outstanding"].to_list() == [corrected["outstanding"]]
    states = world.table("silver.loan_states").filter(**of_loan).sort("updated_at")
    assert {late["outstanding"], loan["outstanding"], corrected["outstanding"]} <= set(states["outstanding"])
    assert states["outstanding"].to_list()[-1] == corrected["outstanding"]
    touched = silver.join(before, on=["application_id", "batch_id"], how="anti")
    assert set(touched["application_date"]) == {loan["application_date"]}, (
        "only the day of the loan's application is made anew"
    )
    assert ran["silver.loan_states"] == Counts(2, 2, 0, 0)
    exposure = figures(world.table(KPIS), LAST)["all"]["exposure"]
    assert exposure == kpis(LAST, 30, LAST)["all"]["exposure"] - 1


def test_protected_traits_are_in_bronze_alone(half_year: HalfYear) -> None:
    traits = {
        c.name
        for c in load_schemas().contracts["bronze.loan_applications"].columns
        if c.lake.tags.get("pii") == "protected"
    }
    assert traits == {"personal_status_code", "is_foreign_worker", "age_years"}
    assert traits <= set(half_year.tables["bronze.loan_applications"].columns)
    for table in MADE:
        hidden = traits - {"age_years"} if table.startswith("bronze.") else traits
        assert not hidden & set(half_year.tables[table].columns), table
        texts = half_year.tables[table].select(pl.col(pl.String))
        assert not [c for c in texts.columns if texts[c].str.contains("^A9[1-5]$").any()], table


def test_api_key_is_in_no_object_log_table_or_audit(half_year: HalfYear) -> None:
    env = half_year.world.env
    aws = clients(env)
    key = json.loads(
        aws.secretsmanager.get_secret_value(SecretId=names.secret(env, "api_key"))["SecretString"]
    )["key"]
    assert len(key) >= 32
    for zone in Zone:
        for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=names.bucket(env, zone)):
            for item in page.get("Contents", []):
                if "loan" in item["Key"]:
                    body = aws.s3.get_object(Bucket=names.bucket(env, zone), Key=item["Key"])["Body"].read()
                    assert key.encode() not in body, item["Key"]
    assert sum("run started" in line for line in half_year.said) >= 2 * len(BATCH), "the log was listened to"
    assert not [line for line in half_year.said if key in line]
    rows = Audit(env).list(run_date=LAST, limit=1000)
    assert {r.job for r in rows} >= set(BATCH)
    assert key not in repr(rows)


def test_the_same_range_loaded_again_changes_no_file(half_year: HalfYear) -> None:
    def landed() -> dict[str, Any]:
        pages = clients(half_year.world.env).s3.get_paginator("list_objects_v2")
        actual = [
            i
            for page in pages.paginate(Bucket=names.bucket(half_year.world.env, Zone.LANDING))
            for i in page.get("Contents", [])
        ]
        return {
            i["Key"]: i["LastModified"]
            for i in actual
            if "loan" in i["Key"] and not i["Key"].endswith(("correction.csv", "late.csv"))
        }

    before = landed()
    assert load_sample(half_year.world.env, FIRST, LAST, DIRT, sets=["loans"]) == half_year.loaded
    assert landed() == before
