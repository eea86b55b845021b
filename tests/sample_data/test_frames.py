"""The warehouses' rows, held against SQL over the same files."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sample_data import crm, frames
from sample_data.people import AWKWARD, customer_versions
from tests.sample_data.conftest import Query

JANUARY = (date(2017, 1, 1), date(2017, 1, 31))
FEBRUARY = (date(2017, 2, 1), date(2017, 2, 28))
SEED = 2017
IN_JANUARY = "transaction_timestamp >= '2017-01-01' AND transaction_timestamp < '2017-02-01'"


@pytest.fixture(scope="module")
def january() -> pl.DataFrame:
    return frames.orders(*JANUARY, SEED)


def test_january_holds_every_line_of_the_month_with_its_sums(january: pl.DataFrame, sql: Query) -> None:
    expected = sql(
        f"""SELECT count(*), count(DISTINCT basket_id), sum(quantity),
            sum(CAST(round(sales_value, 2) AS DECIMAL(18,2))),
            sum(CAST(round(retail_disc, 2) AS DECIMAL(18,2))),
            sum(CAST(round(coupon_disc + coupon_match_disc, 2) AS DECIMAL(18,2)))
            FROM transactions WHERE {IN_JANUARY}"""
    )[0]
    values = january.select(
        pl.len(),
        pl.col("order_id").n_unique(),
        *(pl.sum(c) for c in ("quantity", "amount", "retail_discount", "coupon_discount")),
    ).row(0)
    assert values == expected


def test_line_number_is_the_rank_of_the_product_within_the_basket(january: pl.DataFrame, sql: Query) -> None:
    expected = sql(
        f"""SELECT basket_id, row_number() OVER (PARTITION BY basket_id ORDER BY product_id) AS n, product_id
            FROM transactions WHERE {IN_JANUARY} ORDER BY 1, 2"""
    )
    assert january.select("order_id", "line_number", "product_id").rows() == expected
    assert january.select("order_id", "line_number").is_unique().all()


def test_currency_follows_the_store(january: pl.DataFrame) -> None:
    values = dict(january.select((pl.col("store_id") % 5).alias("rest"), "currency").unique().rows())
    assert values == {0: "USD", 1: "EUR", 2: "GBP", 3: "CHF", 4: "JPY"}


def test_an_order_is_updated_after_it_was_placed_and_on_the_same_day() -> None:
    year = frames.orders(date(2017, 1, 1), date(2017, 12, 31), SEED)
    assert year.filter(pl.col("updated_at") <= pl.col("order_ts")).is_empty()
    assert year.filter(pl.col("updated_at").dt.date() != pl.col("order_ts").dt.date()).is_empty()
    assert year["updated_at"].n_unique() > 100_000


@pytest.mark.parametrize(
    "source",
    [lambda a, b: frames.orders(a, b, SEED), lambda a, b: frames.behavior(a, b, SEED), frames.order_events],
)
def test_two_adjacent_ranges_equal_the_whole(source) -> None:  # type: ignore[no-untyped-def]
    whole = source(JANUARY[0], FEBRUARY[1])
    parts = pl.concat([source(*JANUARY), source(*FEBRUARY)])
    assert_frame_equal(parts, whole, check_row_order=False)


def test_a_customer_is_the_same_in_whatever_range() -> None:
    early, late = frames.customers(JANUARY[1], SEED), frames.customers(FEBRUARY[1], SEED)
    changed = late.filter(pl.col("updated_at") >= pl.lit(FEBRUARY[0]))
    assert 5 < changed.height < 60
    assert_frame_equal(
        early.join(changed, on="customer_id", how="anti"), late.join(changed, on="customer_id", how="anti")
    )


def test_a_change_shows_in_the_row() -> None:
    versions = customer_versions(date(2017, 12, 31), SEED)
    pairs = versions.with_columns(
        pl.col("email", "income").shift(1).over("customer_id").name.prefix("old_"),
        step=pl.int_range(pl.len()).over("customer_id"),
    )
    later = pairs.filter(pl.col("step") > 0)
    moved = (pl.col("email") != pl.col("old_email")) | (pl.col("income") != pl.col("old_income"))
    # The highest income band cannot rise.
    assert later.filter(~moved.fill_null(False), pl.col("income").ne_missing("250K+")).is_empty()
    assert later.height > 200


def test_customers_are_all_households_with_the_demographics_that_are_known(sql: Query) -> None:
    expected = sql(
        """SELECT DISTINCT t.household_id, (['US','GB','DE','JP'])[t.household_id % 4 + 1],
           age, income, home_ownership, marital_status,
           household_size, household_comp, kids_count
           FROM transactions t LEFT JOIN demographics d USING (household_id) ORDER BY 1"""
    )
    values = frames.customers(date(2016, 12, 31), SEED)
    columns = [
        "customer_id",
        "country",
        "age",
        "income",
        "home_ownership",
        "marital_status",
        "household_size",
        "household_comp",
        "kids_count",
    ]
    assert values.select(columns).rows() == expected
    assert values.height == 2469


def test_awkward_names_are_among_the_clean_rows() -> None:
    names = set(frames.customers(JANUARY[1], SEED)["full_name"])
    assert set(AWKWARD) <= names


def test_products_are_all_there(sql: Query) -> None:
    expected = sql(
        "SELECT product_id, manufacturer_id, department, brand, product_category, product_type, "
        "package_size FROM products ORDER BY 1"
    )
    values = frames.products().drop("is_deleted", "updated_at").rows()
    assert values == expected
    assert len(values) == 92_331


def test_behavior_of_the_year_and_before_is_every_redemption_and_contact(sql: Query) -> None:
    year = frames.behavior(date(2017, 1, 1), date(2017, 12, 31), SEED)
    before = frames.contacts(None, date(2016, 12, 31), SEED)
    values = dict(pl.concat([year, before]).group_by("kind").len().rows())
    [expected] = sql("SELECT (SELECT count(*) FROM coupon_redemptions), (SELECT count(*) FROM campaigns)")
    assert (values["coupon_redemption"], values["campaign_contact"]) == expected
    assert pl.concat([year, before])["behavior_id"].is_unique().all()


def test_an_order_event_sums_its_lines(sql: Query) -> None:
    expected = sql(
        f"""SELECT basket_id, household_id, store_id, count(*),
            sum(CAST(round(sales_value, 2) AS DECIMAL(18,2)))
            FROM transactions WHERE {IN_JANUARY} GROUP BY ALL ORDER BY 1"""
    )
    events = frames.order_events(*JANUARY).sort("order_id")
    assert (
        events.select("order_id", "customer_id", "store_id", "line_count", "total_amount").rows() == expected
    )


@pytest.mark.parametrize("table", crm.KEYS)
def test_crm_drops_of_two_months_bring_the_same_newest_rows_as_one_range(table: str) -> None:
    def newest(*drops: pl.DataFrame) -> pl.DataFrame:
        return (
            pl.concat(drops)
            .drop("dt")
            .sort(crm.KEYS[table], "updated_at")
            .group_by(crm.KEYS[table], maintain_order=True)
            .last()
        )

    parts = [
        crm.drops(table, *JANUARY, SEED, snapshot=True),
        crm.drops(table, *FEBRUARY, SEED, snapshot=False),
    ]
    whole = crm.drops(table, JANUARY[0], FEBRUARY[1], SEED, snapshot=True)
    assert_frame_equal(pl.concat(parts), whole)
    assert_frame_equal(newest(*parts), newest(crm.drops(table, *FEBRUARY, SEED, snapshot=True)))


def test_the_first_drop_holds_everything_known_and_later_ones_only_news() -> None:
    drops = crm.drops("accounts", *JANUARY, SEED, snapshot=True)
    first = drops.filter(pl.col("dt") == JANUARY[0])
    assert first.height == 457
    later = drops.filter(pl.col("dt") > JANUARY[0])
    assert 0 < later.height < 40
    assert later.filter(pl.col("updated_at").dt.date() != pl.col("dt")).is_empty()


def test_an_opportunity_is_won_when_a_coupon_was_redeemed_and_lost_when_none_was(sql: Query) -> None:
    end = date(2018, 3, 31)
    last = crm.opportunities(end, SEED).group_by("opportunity_id", maintain_order=True).last()
    [(won, all_of_them)] = sql(
        "SELECT (SELECT count(DISTINCT (campaign_id, household_id)) FROM coupon_redemptions), "
        "(SELECT count(*) FROM campaigns)"
    )
    assert dict(last.group_by("stage").len().rows()) == {"won": won, "lost": all_of_them - won}
    running = (
        crm.opportunities(end - timedelta(days=120), SEED)
        .group_by("opportunity_id", maintain_order=True)
        .last()
    )
    assert "open" in set(running["stage"])
