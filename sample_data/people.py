"""Who the households are: seeded fake names, and a pure rule for what changes in which month."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from functools import cache

import polars as pl
from faker import Faker

from sample_data.dataset import BEFORE, FIRST_DAY, drawn, picked, scan, until

COUNTRIES = ("US", "GB", "DE", "JP")
LOCALES = {"US": "en_US", "GB": "en_GB", "DE": "de_DE", "JP": "ja_JP"}
# One customer or store in a hundred changes in a month.
CHANGE_SIDES = 100
INCOMES = (
    "Under 15K",
    "15-24K",
    "25-34K",
    "35-49K",
    "50-74K",
    "75-99K",
    "100-124K",
    "125-149K",
    "150-174K",
    "175-199K",
    "200-249K",
    "250K+",
)
# Good data that careless code breaks on. Each must arrive in gold, and every reader of it, as it is here.
AWKWARD = (
    "Robert'); DROP TABLE customers;--",
    'Anna "Ace" O\'Hara',
    "back\\slash \\n",
    "100% _wild_ [card] $1",
    "{{ braces }} ${dollar}",
    "Müller, Größe & Söhne",
    "NULL",
    "1 OR 1=1 /* comment */",
)


@cache
def fakers() -> dict[str, Faker]:
    return {country: Faker(locale) for country, locale in LOCALES.items()}


def awkward_or(name: str, key: int, every: int) -> str:
    """`name`, except that every so many keys an awkward one takes its place."""
    return AWKWARD[key // every % len(AWKWARD)] if key % every == 0 else name


def change_dates(ids: pl.DataFrame, key: str, seed: int, end: date) -> pl.DataFrame:
    """When each id changes, from January 2017 to `end`: columns key, updated_at.

    One die per id and month: load order cannot matter.
    """
    months = [
        (y, m) for y in range(FIRST_DAY.year, end.year + 1) for m in range(1, 13) if date(y, m, 1) <= end
    ]
    return pl.concat(
        [_changes_of_month(ids, key, seed, year, month) for year, month in months] or [_no_change(ids, key)]
    ).filter(pl.col("updated_at") < until(end))


def _changes_of_month(ids: pl.DataFrame, key: str, seed: int, year: int, month: int) -> pl.DataFrame:
    purpose = f"{key}/{year}-{month:02}"
    day = drawn(pl.col(key), seed, f"{purpose}/day", monthrange(year, month)[1]) + 1
    second = 60 + drawn(pl.col(key), seed, f"{purpose}/second", 86_000)
    return ids.filter(drawn(pl.col(key), seed, purpose, CHANGE_SIDES) == 0).select(
        pl.col(key), updated_at=pl.datetime(year, month, day, time_unit="us") + pl.duration(seconds=second)
    )


def _no_change(ids: pl.DataFrame, key: str) -> pl.DataFrame:
    return ids.clear().select(pl.col(key), updated_at=pl.lit(BEFORE))


def customer_versions(end: date, seed: int) -> pl.DataFrame:
    """Every version of every household up to `end`, with columns as CUSTOMERS.

    The first version is dated 2016-12-31.
    """
    people = _households(seed)
    changes = change_dates(people.select("customer_id"), "customer_id", seed, end)
    first = people.select("customer_id", updated_at=pl.lit(BEFORE))
    history = (
        pl.concat([first, changes])
        .sort("customer_id", "updated_at")
        .join(people, on="customer_id", maintain_order="left")
    )
    changed = pl.col("updated_at") > BEFORE
    moved = changed & pl.col("income").is_not_null() & (pl.col("updated_at").dt.day() % 2 == 0)
    history = history.with_columns(
        moves=moved.cum_sum().over("customer_id"),
        mails=(changed & ~moved).cum_sum().over("customer_id"),
        created_at=pl.lit(BEFORE),
    )
    band = (pl.col("income").replace_strict({b: i for i, b in enumerate(INCOMES)}) + pl.col("moves")).clip(
        upper_bound=len(INCOMES) - 1
    )
    mail = pl.when(pl.col("mails") > 0).then(pl.format("{}.{}@{}", "mail_user", "mails", "mail_host"))
    return history.with_columns(
        income=band.replace_strict(dict(enumerate(INCOMES)), return_dtype=pl.String),
        email=mail.otherwise(pl.format("{}@{}", "mail_user", "mail_host")),
        is_deleted=pl.lit(False),
    ).select(CUSTOMER_COLUMNS)


DEMOGRAPHICS = (
    "age",
    "income",
    "home_ownership",
    "marital_status",
    "household_size",
    "household_comp",
    "kids_count",
)
CUSTOMER_COLUMNS = (
    "customer_id",
    "full_name",
    "email",
    "phone",
    "country",
    *DEMOGRAPHICS,
    "is_deleted",
    "created_at",
    "updated_at",
)


@cache
def _households(seed: int) -> pl.DataFrame:
    """The households of the transactions with what does not change: name, country, phone, parts of the
    e-mail, first demographics.
    """
    households = scan("demographics").rename({"household_id": "customer_id"})
    ids = (
        scan("transactions")
        .select(customer_id="household_id")
        .unique()
        .join(households, on="customer_id", how="left")
        .sort("customer_id")
        .collect()
    )
    ids = ids.with_columns(country=picked(pl.col("customer_id"), COUNTRIES))
    fakes = [
        _person(customer, country, seed)
        for customer, country in ids.select("customer_id", "country").iter_rows()
    ]
    return ids.hstack(
        pl.DataFrame(fakes, schema=["full_name", "phone", "mail_user", "mail_host"], orient="row")
    )


def _person(customer: int, country: str, seed: int) -> tuple[str, str, str, str]:
    """Seeded by the customer alone, so that every range and every order of calls gives the same person."""
    fake = fakers()[country]
    fake.seed_instance(f"{seed}/customer/{customer}")
    # example.* are the domains that can never belong to anybody.
    return (
        awkward_or(fake.name(), customer, 97),
        fake.phone_number(),
        f"{fake.user_name()}{customer}",
        fake.safe_domain_name(),
    )
