"""The steps that are compared: how each begins, what either side does, and whether both did the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks import bare, data
from benchmarks.data import Sources
from benchmarks.place import Place
from glue_jobs.state.watermark import Watermarks

ORDERS, SILVER, RATES = "bronze.snowflake_orders", "silver.orders", "silver.fx_rates"
CUSTOMERS, PRODUCTS = "silver.customers", "silver.products"
DIM, DIM_PRODUCT, FACT = "gold.dim_customer", "gold.dim_product", "gold.fact_sales"
KEYS, CHANGES = 1_000_000, 20_000


@dataclass(frozen=True)
class Step:
    """`ready` puts the tables of one side back to what they were; `table` is what both write, None for a gate."""

    name: str
    table: str | None
    ready: Callable[[str], None]
    engine: Callable[[], Any]
    bare: Callable[[], Any]
    after: Callable[[], Any] = lambda: None


def steps(at: Place, sources: Sources) -> list[Step]:
    """In the order in which they build on each other; `after` makes what the next ones read."""
    return [_ingest(at, sources), _silver(at, sources), _day(at, sources), _fact(at), _gate(at), _scd2(at)]


def _fresh(at: Place, table: str, side: str, forget: Callable[[], Any]) -> None:
    at.drop(at.uri(table, side))
    if side == "engine":
        forget()


def _ingest(at: Place, sources: Sources) -> Step:
    def after() -> None:
        for table in (RATES, CUSTOMERS, PRODUCTS):
            at.write(table, data.small_table(at.spark, sources, at.schemas.contracts[table]))

    source, out = str(sources.orders), at.uri(ORDERS, "bare")
    forget = partial(Watermarks(at.env).reset, "snowflake_orders.updated_at", None)
    return Step(
        "ingest into bronze", ORDERS, lambda side: _fresh(at, ORDERS, side, forget),
        lambda: at.ingest(source), lambda: bare.ingest(at.spark, source, out), after,
    )  # fmt: skip


def _silver(at: Place, sources: Sources) -> Step:
    def after() -> None:
        at.copy(at.uri(SILVER), at.uri(SILVER, "base"))
        Watermarks(at.env).reset("snowflake_orders.updated_at", None)
        at.ingest(str(sources.day))

    forget = partial(at.position, "bronze_to_silver", SILVER, None)
    return Step(
        "silver: newest per key, dollars, by day", SILVER, lambda side: _fresh(at, SILVER, side, forget),
        lambda: at.run("bronze_to_silver", reads=(ORDERS,), writes=(SILVER,)),
        lambda: bare.silver(at.spark, at.uri(ORDERS), at.uri(RATES), at.uri(SILVER, "bare")), after,
    )  # fmt: skip


def _day(at: Place, sources: Sources) -> Step:
    def ready(side: str) -> None:
        at.copy(at.uri(SILVER, "base"), at.uri(SILVER, side))
        at.position("bronze_to_silver", SILVER, {ORDERS: 0, RATES: 0})

    return Step(
        "silver: merge of a day", SILVER, ready,
        lambda: at.run("bronze_to_silver", reads=(ORDERS,), writes=(SILVER,)),
        lambda: bare.merge_day(at.spark, at.uri(ORDERS), 0, at.uri(RATES), at.uri(SILVER, "bare")),
        lambda: at.run("silver_to_gold", reads=(CUSTOMERS, PRODUCTS), writes=(DIM, DIM_PRODUCT)),
    )  # fmt: skip


def _fact(at: Place) -> Step:
    forget = partial(at.position, "silver_to_gold", FACT, None)
    return Step(
        "fact_sales", FACT, lambda side: _fresh(at, FACT, side, forget),
        lambda: at.run("silver_to_gold", reads=(SILVER,), writes=(FACT,)),
        lambda: bare.fact_sales(at.spark, at.uri(SILVER), at.uri(DIM), at.uri(DIM_PRODUCT), at.uri(FACT, "bare")),
    )  # fmt: skip


def _gate(at: Place) -> Step:
    def after() -> None:
        for table in (CUSTOMERS, DIM):
            at.drop(at.uri(table))
        at.position("silver_to_gold", DIM, None)
        contract = at.schemas.contracts[CUSTOMERS]
        at.write(CUSTOMERS, data.million_customers(at.spark, contract, KEYS))
        at.run("silver_to_gold", reads=(CUSTOMERS,), writes=(DIM,))
        at.copy(at.uri(DIM), at.uri(DIM, "base"))
        at.write(CUSTOMERS, data.customer_changes(at.spark, contract, KEYS, CHANGES))

    return Step(
        "gate: 13 rules", None, lambda side: at.position("dq_silver_gate", SILVER, None),
        lambda: at.run("dq_silver_gate", reads=(SILVER,)),
        lambda: bare.gate(at.spark, at.uri(SILVER), at.uri(CUSTOMERS), at.uri(PRODUCTS), at.uri(SILVER, "findings")), after,
    )  # fmt: skip


def _scd2(at: Place) -> Step:
    def ready(side: str) -> None:
        at.copy(at.uri(DIM, "base"), at.uri(DIM, side))
        at.position("silver_to_gold", DIM, {CUSTOMERS: 0})

    return Step(
        f"SCD2: {CHANGES:,} into {KEYS:,}", DIM, ready,
        lambda: at.run("silver_to_gold", reads=(CUSTOMERS,), writes=(DIM,)),
        lambda: bare.scd2(at.spark, at.uri(CUSTOMERS), 0, at.uri(DIM, "bare")),
    )  # fmt: skip
