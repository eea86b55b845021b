"""The steps that are compared: their preparation, both sides, and the table that both write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks import bare, bare_gold, data
from benchmarks.bench_tables import BenchTables
from benchmarks.data import Sources
from glue_jobs.state.watermark import Watermarks

ORDERS, SILVER, RATES = "bronze.snowflake_orders", "silver.orders", "silver.fx_rates"
CUSTOMERS, PRODUCTS = "silver.customers", "silver.products"
DIM, DIM_PRODUCT, FACT = "gold.dim_customer", "gold.dim_product", "gold.fact_sales"
KEYS, CHANGES = 1_000_000, 20_000


@dataclass(frozen=True)
class Step:
    """`ready` restores the tables of one side. `table` is the one that both write, None for a gate."""

    name: str
    table: str | None
    ready: Callable[[str], None]
    engine: Callable[[], Any]
    bare: Callable[[], Any]
    after: Callable[[], Any] = lambda: None


def steps(bench: BenchTables, sources: Sources) -> list[Step]:
    """In the order of their dependencies; `after` prepares the tables that later steps read."""
    return [
        _ingest(bench, sources),
        _silver(bench, sources),
        _day(bench, sources),
        _fact(bench),
        _gate(bench),
        _scd2(bench),
    ]


def _fresh(bench: BenchTables, table: str, side: str, forget: Callable[[], Any]) -> None:
    bench.drop(bench.uri(table, side))
    if side == "engine":
        forget()


def _ingest(bench: BenchTables, sources: Sources) -> Step:
    def after() -> None:
        for table in (RATES, CUSTOMERS, PRODUCTS):
            bench.write(table, data.small_table(bench.spark, sources, bench.schemas.contracts[table]))

    source, out = str(sources.orders), bench.uri(ORDERS, "bare")
    forget = partial(Watermarks(bench.env).reset, "snowflake_orders.updated_at", None)
    return Step(
        "ingest into bronze",
        ORDERS,
        lambda side: _fresh(bench, ORDERS, side, forget),
        lambda: bench.ingest(source),
        lambda: bare.ingest(bench.spark, source, out),
        after,
    )


def _silver(bench: BenchTables, sources: Sources) -> Step:
    def after() -> None:
        bench.copy(bench.uri(SILVER), bench.uri(SILVER, "base"))
        Watermarks(bench.env).reset("snowflake_orders.updated_at", None)
        bench.ingest(str(sources.day))

    forget = partial(bench.position, "bronze_to_silver", SILVER, None)
    return Step(
        "silver: newest per key, dollars, by day",
        SILVER,
        lambda side: _fresh(bench, SILVER, side, forget),
        lambda: bench.run("bronze_to_silver", writes=(SILVER,)),
        lambda: bare.silver(bench.spark, bench.uri(ORDERS), bench.uri(RATES), bench.uri(SILVER, "bare")),
        after,
    )


def _day(bench: BenchTables, sources: Sources) -> Step:
    def ready(side: str) -> None:
        bench.copy(bench.uri(SILVER, "base"), bench.uri(SILVER, side))
        bench.position("bronze_to_silver", SILVER, {ORDERS: 0, RATES: 0})

    return Step(
        "silver: merge of a day",
        SILVER,
        ready,
        lambda: bench.run("bronze_to_silver", writes=(SILVER,)),
        lambda: bare.merge_day(
            bench.spark, bench.uri(ORDERS), 0, bench.uri(RATES), bench.uri(SILVER, "bare")
        ),
        lambda: bench.run("silver_to_gold", writes=(DIM, DIM_PRODUCT)),
    )


def _fact(bench: BenchTables) -> Step:
    forget = partial(bench.position, "silver_to_gold", FACT, None)
    return Step(
        "fact_sales",
        FACT,
        lambda side: _fresh(bench, FACT, side, forget),
        lambda: bench.run("silver_to_gold", writes=(FACT,)),
        lambda: bare_gold.fact_sales(
            bench.spark, bench.uri(SILVER), bench.uri(DIM), bench.uri(DIM_PRODUCT), bench.uri(FACT, "bare")
        ),
    )


def _gate(bench: BenchTables) -> Step:
    def after() -> None:
        for table in (CUSTOMERS, DIM):
            bench.drop(bench.uri(table))
        bench.position("silver_to_gold", DIM, None)
        contract = bench.schemas.contracts[CUSTOMERS]
        bench.write(CUSTOMERS, data.million_customers(bench.spark, contract, KEYS))
        bench.run("silver_to_gold", writes=(DIM,))
        bench.copy(bench.uri(DIM), bench.uri(DIM, "base"))
        bench.write(CUSTOMERS, data.customer_changes(bench.spark, contract, KEYS, CHANGES))

    return Step(
        "gate: 13 rules",
        None,
        lambda side: bench.position("dq_silver_gate", SILVER, None),
        lambda: bench.run("dq_silver_gate", reads=(SILVER,)),
        lambda: bare_gold.gate(
            bench.spark,
            bench.uri(SILVER),
            bench.uri(CUSTOMERS),
            bench.uri(PRODUCTS),
            bench.uri(SILVER, "findings"),
        ),
        after,
    )


def _scd2(bench: BenchTables) -> Step:
    def ready(side: str) -> None:
        bench.copy(bench.uri(DIM, "base"), bench.uri(DIM, side))
        bench.position("silver_to_gold", DIM, {CUSTOMERS: 0})

    return Step(
        f"SCD2: {CHANGES:,} into {KEYS:,}",
        DIM,
        ready,
        lambda: bench.run("silver_to_gold", writes=(DIM,)),
        lambda: bare_gold.scd2(bench.spark, bench.uri(CUSTOMERS), 0, bench.uri(DIM, "bare")),
    )
