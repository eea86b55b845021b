"""The CRM's drops: accounts, contacts and opportunities as versions, and which of them a day's file holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

import polars as pl

from sample_data.dataset import BEFORE, drawn, picked, scan, until
from sample_data.people import COUNTRIES, DEMOGRAPHICS, awkward_or, change_dates, customer_versions, fakers

REGIONS = {
    "US": ("Northeast", "Midwest", "South", "West"),
    "GB": ("England", "Scotland", "Wales", "Northern Ireland"),
    "DE": ("Nord", "Süd", "Ost", "West"),
    "JP": ("北海道", "関東", "関西", "九州"),
}
KEYS = {"accounts": "account_id", "contacts": "contact_id", "opportunities": "opportunity_id"}


def accounts(end: date, seed: int) -> pl.DataFrame:
    """Every version of every store up to `end`.

    A change moves the store to the next region of its country.
    """
    stores = _stores(seed)
    first = stores.select("store_id", updated_at=pl.lit(BEFORE))
    history = pl.concat([first, change_dates(stores.select("store_id"), "store_id", seed, end)]).sort(
        "store_id", "updated_at"
    )
    history = history.join(stores, on="store_id", maintain_order="left").with_columns(
        step=pl.int_range(pl.len()).over("store_id")
    )
    region = pl.coalesce(
        pl.when(pl.col("country") == country).then(picked(pl.col("store_id") // 4 + pl.col("step"), names))
        for country, names in REGIONS.items()
    )
    return history.select(
        pl.format("ACC-{}", "store_id").alias("account_id"),
        "store_id",
        "name",
        "country",
        region.alias("region"),
        "opened_on",
        "updated_at",
    )


def contacts(end: date, seed: int) -> pl.DataFrame:
    """Every version of the households with demographics up to `end`: the same people, and the same changes,
    as in CUSTOMERS.
    """
    households = scan("demographics").select(customer_id="household_id").collect()
    return (
        customer_versions(end, seed)
        .join(households, on="customer_id", how="semi", maintain_order="left")
        .select(
            pl.format("CON-{}", "customer_id").alias("contact_id"),
            "customer_id",
            "full_name",
            "email",
            "phone",
            "country",
            *DEMOGRAPHICS,
            "updated_at",
        )
    )


def opportunities(end: date, seed: int) -> pl.DataFrame:
    """Every version of campaign × household up to `end`: open at the start, won at the first redemption, else
    lost after the end.
    """
    key = pl.col("customer_id") * 1000 + pl.col("campaign_id")
    base = _campaign_households()

    def event(stage: str, day: pl.Expr, first_hour: int) -> pl.DataFrame:
        second = first_hour * 3600 + drawn(key, seed, f"opportunities/{stage}", 4 * 3600)
        return base.with_columns(
            stage=pl.lit(stage), updated_at=day.cast(pl.Datetime("us")) + pl.duration(seconds=second)
        )

    won, lost = pl.col("won_on").is_not_null(), pl.col("end_date") + pl.duration(days=1)
    events = [
        event("open", pl.col("start_date"), 1),
        event("won", pl.col("won_on"), 12).filter(won),
        event("lost", lost, 6).filter(~won),
    ]
    return (
        pl.concat(events)
        .filter(pl.col("updated_at") < until(end))
        .sort("opportunity_id", "updated_at")
        .select(
            "opportunity_id",
            "campaign_id",
            "campaign_type",
            "customer_id",
            "contact_id",
            "stage",
            pl.col("start_date", "end_date").cast(pl.Date),
            "updated_at",
        )
    )


VERSIONS: Mapping[str, Callable[[date, int], pl.DataFrame]] = {
    "accounts": accounts,
    "contacts": contacts,
    "opportunities": opportunities,
}


def drops(table: str, start: date, end: date, seed: int, *, snapshot: bool) -> pl.DataFrame:
    """The rows of the files of [start, end], with the file's day in `dt`, sorted by dt and key.

    A day holds the newest version of what changed on it. With `snapshot`, the first day holds everything that
    is known by then.
    """
    key, versions = KEYS[table], VERSIONS[table](end, seed)
    dt = pl.col("updated_at").dt.date()
    early = pl.lit(start) if snapshot else dt
    dated = versions.with_columns(dt=pl.when(pl.col("updated_at") < until(start)).then(early).otherwise(dt))
    in_range = dated.filter(pl.col("dt") >= start, pl.col("dt") <= end)
    return (
        in_range.sort("dt", key, "updated_at")
        .group_by("dt", key, maintain_order=True)
        .last()
        .select(*versions.columns, "dt")
    )


@cache
def _stores(seed: int) -> pl.DataFrame:
    """The stores of the transactions with what does not change; opened between 1990 and 2016."""
    ids = scan("transactions").select("store_id").unique().sort("store_id").collect()
    opened = pl.lit(date(1990, 1, 1)) + pl.duration(
        days=drawn(pl.col("store_id"), seed, "accounts/opened_on", 9_800)
    )
    ids = ids.with_columns(country=picked(pl.col("store_id"), COUNTRIES), opened_on=opened.cast(pl.Date))
    names = [
        _store_name(store, country, seed) for store, country in ids.select("store_id", "country").iter_rows()
    ]
    return ids.with_columns(pl.Series("name", names))


def _store_name(store: int, country: str, seed: int) -> str:
    fake = fakers()[country]
    fake.seed_instance(f"{seed}/store/{store}")
    return awkward_or(fake.company(), store, 31)


def _campaign_households() -> pl.DataFrame:
    """campaign × household with the campaign's dates, the day of the first redemption and the contact, if
    there is one.
    """
    won = (
        scan("coupon_redemptions")
        .group_by("campaign_id", "household_id")
        .agg(won_on=pl.col("redemption_date").min())
    )
    contacts = scan("demographics").select("household_id", contact_id=pl.format("CON-{}", "household_id"))
    return (
        scan("campaigns")
        .join(scan("campaign_descriptions"), on="campaign_id")
        .join(won, on=["campaign_id", "household_id"], how="left")
        .join(contacts, on="household_id", how="left")
        .with_columns(opportunity_id=pl.format("OPP-{}-{}", "campaign_id", "household_id"))
        .rename({"household_id": "customer_id"})
        .collect()
    )
