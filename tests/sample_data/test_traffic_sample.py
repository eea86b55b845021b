"""The traffic events: one per line of the real baskets, by a rule that no range changes; and their dirt."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import duckdb
import polars as pl
import pytest

from sample_data.dataset import parquet
from sample_data.summary import Outcome
from sample_data.traffic import messages, months
from sample_data.traffic_events import CITIES, COLUMNS, traffic_events
from sample_data.traffic_rules import TRAFFIC_RULES

FIRST, LAST, SEED = date(2017, 1, 1), date(2017, 1, 4), 2017
SHARE = 0.01


@pytest.fixture(scope="module")
def events() -> pl.DataFrame:
    return traffic_events(FIRST, LAST, SEED)


def sql(text: str) -> list[tuple[Any, ...]]:
    return duckdb.connect().execute(text.replace("transactions", f"'{parquet('transactions')}'")).fetchall()


def test_each_line_of_a_basket_is_one_event_of_its_household_and_store(events: pl.DataFrame) -> None:
    expected = sql(
        "SELECT household_id, 'S-' || basket_id, product_id, store_id FROM transactions "
        "WHERE transaction_timestamp < '2017-01-05' ORDER BY ALL"
    )
    assert sorted(events.select("customer_id", "session_id", "product_id", "store_id").rows()) == expected
    assert events["event_id"].is_unique().all()


def test_purchase_pays_what_the_line_came_to_and_nothing_else_pays(events: pl.DataFrame) -> None:
    paid = {
        (f"S-{basket}", product): amount
        for basket, product, amount in sql(
            "SELECT basket_id, product_id, round(sales_value, 2) FROM transactions "
            "WHERE transaction_timestamp < '2017-01-05'"
        )
    }
    purchases = events.filter(pl.col("amount").is_not_null())
    assert set(purchases["event_type"]) == {"purchase"}
    assert all(
        paid[session, product] == amount
        for session, product, amount in purchases.select("session_id", "product_id", "amount").iter_rows()
    )
    forgotten = events.filter(pl.col("event_type") == "purchase", pl.col("amount").is_null()).height
    assert 0 < forgotten < purchases.height / 100


@pytest.mark.parametrize("cut", range(4))
@pytest.mark.parametrize("first", [True, False])
def test_ranges_add_up_wherever_they_are_cut(cut: int, first: bool) -> None:
    at = FIRST + timedelta(days=cut)
    parts = [
        traffic_events(FIRST, at, SEED),
        *([traffic_events(at + timedelta(days=1), LAST, SEED)] if at < LAST else []),
    ]
    both = pl.concat(parts if first else parts[::-1])
    assert both.sort(pl.all()).equals(traffic_events(FIRST, LAST, SEED).sort(pl.all()))


def test_event_is_sent_on_its_day_and_never_before_it_happened(events: pl.DataFrame) -> None:
    at = events.select(
        happened=pl.col("event_ts").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ"),
        sent=pl.from_epoch("sent_at", time_unit="ms"),
    )
    assert (at["happened"] <= at["sent"]).all()
    assert (at["happened"].dt.date() == at["sent"].dt.date()).all()
    assert at["sent"].is_sorted()
    assert set(at["sent"].dt.date()) == {FIRST + timedelta(days=i) for i in range(4)}
    assert at.filter(pl.col("sent") - pl.col("happened") > pl.duration(hours=1)).height > 0, (
        "some were made offline"
    )


def test_place_is_that_of_the_store(events: pl.DataFrame) -> None:
    for store, country, city, latitude in (
        events.select("store_id", "country", "city", "latitude").unique().iter_rows()
    ):
        cities = CITIES[("US", "GB", "DE", "JP")[store % 4]]
        assert country == ("US", "GB", "DE", "JP")[store % 4]
        assert city == cities[store // 4 % len(cities)][0]
        assert latitude in (None, cities[store // 4 % len(cities)][1])


def test_seed_changes_what_is_drawn_and_not_what_was_bought(events: pl.DataFrame) -> None:
    other = traffic_events(FIRST, LAST, SEED + 1)
    real = ["event_id", "customer_id", "product_id", "store_id"]
    assert other.select(real).sort("event_id").equals(events.select(real).sort("event_id"))
    assert not other["event_type"].equals(events["event_type"])


def test_message_is_json_with_the_keys_in_order_keyed_by_customer_and_stamped_when_it_was_sent(
    events: pl.DataFrame,
) -> None:
    sent, counts = messages(events, 0.0, SEED)
    assert counts == []
    assert [m.at for m in sent] == events["sent_at"].to_list()
    for message, row in zip(sent[:500], events.iter_rows(named=True), strict=False):
        value = json.loads(message.value)
        assert list(value) == list(COLUMNS)
        assert value == {c: row[c] for c in COLUMNS}
        assert message.key == str(row["customer_id"]).encode()


def test_dirt_is_added_behind_the_clean_messages_and_counted(events: pl.DataFrame) -> None:
    clean, _ = messages(events, 0.0, SEED)
    dirty, counts = messages(events, SHARE, SEED)
    assert dirty[: len(clean)] == clean
    share = -(-events.height // 100)
    assert [(c.kind, c.rows) for c in counts] == [(rule.kind, share) for rule in TRAFFIC_RULES]
    assert len(dirty) == len(clean) + sum(c.rows for c in counts)
    assert messages(events, SHARE, SEED) == (dirty, counts)


@pytest.mark.parametrize("rule", TRAFFIC_RULES, ids=lambda rule: rule.kind)
def test_dirt_can_stand_in_for_no_clean_event(events: pl.DataFrame, rule: Any) -> None:
    dirty, _ = messages(events, SHARE, SEED)
    share = -(-events.height // 100)
    at = events.height + TRAFFIC_RULES.index(rule) * share
    values = [m.value for m in dirty[at : at + share]]
    event_ids = set(events["event_id"])
    if rule.kind == "duplicate":
        assert set(values) <= {m.value for m in dirty[: events.height]}
    elif rule.kind == "resent":
        keys = {c: [json.loads(v)[c] for v in values] for c in ("event_id", "session_id")}
        assert not event_ids & set(keys["event_id"])
        assert set(keys["session_id"]) <= set(events["session_id"])
    else:
        assert rule.outcome is Outcome.BRONZE
        assert not event_ids & {_event_of(v) for v in values}


def _event_of(value: bytes) -> str:
    """The event_id that a message names, whether or not it can be parsed."""
    return value.split(b'"event_id":"')[1].split(b'"')[0].decode() if b'"event_id":"' in value else ""


def test_months_cut_a_range_without_losing_a_day() -> None:
    cut = list(months(date(2016, 12, 30), date(2017, 3, 2)))
    assert cut[0] == (date(2016, 12, 30), date(2016, 12, 31))
    assert cut[-1] == (date(2017, 3, 1), date(2017, 3, 2))
    assert all(b[0] - a[1] == timedelta(days=1) for a, b in pairwise(cut))
    assert list(months(FIRST, FIRST)) == [(FIRST, FIRST)]
