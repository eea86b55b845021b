"""The traffic of the loyalty programme's shop: one event per line of the retailer's baskets, as a pure
function of the installed data.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from sample_data import frames
from sample_data.dataset import drawn, picked
from sample_data.people import COUNTRIES

# In the order of the message's keys.
COLUMNS = (
    "event_id",
    "customer_id",
    "session_id",
    "product_id",
    "store_id",
    "event_type",
    "page_url",
    "referrer",
    "device",
    "country",
    "city",
    "latitude",
    "longitude",
    "event_ts",
    "duration_ms",
    "amount",
)
# The cities of each country's stores, with their places. A store's is that of store_id / 4 mod their number.
CITIES = {
    "US": (
        ("New York", 40.71, -74.01),
        ("Chicago", 41.88, -87.63),
        ("Denver", 39.74, -104.99),
        ("Seattle", 47.61, -122.33),
    ),
    "GB": (("London", 51.51, -0.13), ("Leeds", 53.8, -1.55), ("Glasgow", 55.86, -4.25)),
    "DE": (("Berlin", 52.52, 13.41), ("Hamburg", 53.55, 9.99), ("Köln", 50.94, 6.96)),
    "JP": (("Tokyo", 35.68, 139.69), ("Osaka", 34.69, 135.5), ("Sapporo", 43.06, 141.35)),
}
# Of a die with 100 sides: each type has the sides below its number that no type before it has.
TYPES = (("page_view", 10), ("search", 20), ("product_view", 50), ("add_to_cart", 70), ("purchase", 100))
REFERRERS = ("email", "search_engine", "social", None)
DEVICES = ("mobile", "mobile", "desktop", "tablet")
HALF_HOUR, HOUR, DAY = 1_800_000, 3_600_000, 86_400_000


def traffic_events(start: date, end: date, seed: int) -> pl.DataFrame:
    """`COLUMNS` and `sent_at` (ms since 1970) per line of the baskets of [start, end], in the order in which
    they are sent.

    Every value is drawn by the seed and the line, or the basket, alone. Both times stay on the day of the
    basket: no range knows of another.
    """
    day = pl.col("order_ts").dt.truncate("1d").dt.epoch("ms")
    lines = frames.orders(start, end, seed).with_columns(
        line=pl.col("order_id") * 1000 + pl.col("line_number"),
        day=day,
        country=picked(pl.col("store_id"), COUNTRIES),
    )
    happened = pl.max_horizontal(
        pl.col("order_ts").dt.epoch("ms") - _die("line", seed, "event_ts", HALF_HOUR), pl.col("day")
    )
    typed = lines.with_columns(happened=happened, event_type=_type(_die("line", seed, "event_type", 100)))
    return (
        typed.with_columns(
            **_who_and_when(seed),
            **_where(seed),
            page_url=pl.concat_str(pl.lit("https://shop.example"), _page()),
            referrer=_die("order_id", seed, "referrer", 4).replace_strict(
                dict(enumerate(REFERRERS)), return_dtype=pl.String
            ),
            device=_device(seed),
            duration_ms=_duration(seed),
            # A till that forgets the amount, once in 200 purchases.
            amount=_where_that(
                _is_purchase() & (_die("line", seed, "amount", 200) > 0), pl.col("amount").cast(pl.Float64)
            ),
        )
        .sort("sent_at", "line")
        .select(*COLUMNS, "sent_at")
    )


def _die(key: str, seed: int, purpose: str, sides: int) -> pl.Expr:
    return drawn(pl.col(key), seed, f"traffic/{purpose}", sides)


def _where_that(condition: pl.Expr, value: pl.Expr) -> pl.Expr:
    """Null elsewhere."""
    return pl.when(condition).then(value)


def _is_purchase() -> pl.Expr:
    return pl.col("event_type") == "purchase"


def _type(side: pl.Expr) -> pl.Expr:
    return side.replace_strict(
        {s: next(t for t, below in TYPES if s < below) for s in range(100)}, return_dtype=pl.String
    )


def _who_and_when(seed: int) -> dict[str, pl.Expr]:
    """Mostly a second or two lie between an event and its message; one event in 50 was made offline and comes
    up to six hours later.
    """
    wait = _die("line", seed, "wait", 6 * HOUR)
    wait = pl.when(_die("line", seed, "offline", 50) == 0).then(wait).otherwise(20 + wait % 2_000)
    return {
        "event_id": pl.format("T-{}-{}", "order_id", "line_number"),
        "session_id": pl.format("S-{}", "order_id"),
        "event_ts": pl.from_epoch("happened", time_unit="ms").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"),
        "sent_at": pl.min_horizontal(pl.col("happened") + wait, pl.col("day") + DAY - 1),
    }


def _where(seed: int) -> dict[str, pl.Expr]:
    """The city of the store; its coordinates are lacking in one session in 12."""
    columns: dict[str, pl.Expr] = {}
    for i, name in enumerate(("city", "latitude", "longitude")):
        value = pl.lit(None, dtype=pl.String if name == "city" else pl.Float64)
        for country, cities in CITIES.items():
            city_number = (pl.col("store_id") // 4 % len(cities)).replace_strict(
                {n: c[i] for n, c in enumerate(cities)}, default=None
            )
            value = pl.when(pl.col("country") == country).then(city_number).otherwise(value)
        columns[name] = (
            value if name == "city" else _where_that(_die("order_id", seed, "coordinates", 12) > 0, value)
        )
    return columns


def _page() -> pl.Expr:
    product = pl.col("product_id")
    pages = {
        "page_view": pl.format("/stores/{}", "store_id"),
        "search": pl.format("/search?q={}&page=1", product),
        "product_view": pl.format("/products/{}", product),
        "add_to_cart": pl.format("/cart?add={}", product),
        "purchase": pl.format("/checkout/{}", product),
    }
    return pl.coalesce(*[_where_that(pl.col("event_type") == name, page) for name, page in pages.items()])


def _device(seed: int) -> pl.Expr:
    """One per session, unknown in one of 25; one event in 20 spells it in its own way."""
    device = _where_that(
        _die("order_id", seed, "device/known", 25) > 0, picked(_die("order_id", seed, "device", 4), DEVICES)
    )
    odd = pl.concat_str(device.str.to_uppercase(), pl.lit(" "))
    return pl.when(_die("line", seed, "device/spelling", 20) == 0).then(odd).otherwise(device)


def _duration(seed: int) -> pl.Expr:
    """1 to 181 seconds; one event in 50 has 0, one in 100 half an hour to two hours: a tab that nobody looked
    at.
    """
    kind, much = _die("line", seed, "duration/kind", 100), _die("line", seed, "duration", 180_000)
    return pl.when(kind < 2).then(0).when(kind == 2).then(HALF_HOUR + much * 30).otherwise(1_000 + much)
