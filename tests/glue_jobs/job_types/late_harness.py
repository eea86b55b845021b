"""A small shop whose customers, products, rates and orders arrive in any order."""

from __future__ import annotations

import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from pyspark.sql import SparkSession

from glue_jobs.aws import clients
from glue_jobs.job_types.transform import Transform
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.user_code import load_module
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from lakehouse.environments.control import table_definition
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.params import Param
from lakehouse.project import project_root
from tests.buckets import create_bucket
from tests.glue_jobs import delta_rs
from tests.glue_jobs.run_harness import job, run_context

FIRST = date(2017, 1, 2)
CUSTOMERS, PRODUCTS = "bronze.snowflake_customers", "bronze.snowflake_products"
RATES, ORDERS = "bronze.fx_rates", "bronze.snowflake_orders"
SILVER = ("silver.customers", "silver.products", "silver.fx_rates", "silver.orders")
GOLD = ("gold.dim_customer", "gold.dim_product", "gold.fact_sales", "gold.fact_orders")
Rows = list[dict[str, Any]]


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def moment(number: int, hour: int = 12) -> datetime:
    return datetime.combine(day(number), datetime.min.time()).replace(hour=hour)


def history(seed: int) -> dict[str, Rows]:
    """Ten days of a shop. One currency has gaps in its rates; one day's rates are corrected later."""
    rng = random.Random(seed)
    customers = [
        {"customer_id": c, "country": "US", "created_at": moment(0), "updated_at": moment(rng.randrange(9))}
        for c in range(1, 7)
    ]
    products = [{"product_id": p, "brand": "b", "updated_at": moment(0, 1)} for p in range(1, 6)]
    quoted = [(n, c) for n in range(10) for c in ("USD", "GBP", "JPY")]
    rates = [_rate(n, c, rng) for n, c in quoted if c == "USD" or rng.random() < 0.6]
    corrected = [_rate(3, "GBP", rng), _rate(5, "USD", rng)]
    rates += [{**rate, "published_at": moment(9, 18)} for rate in corrected]
    orders = [_line(o, n, rng) for o in range(1, 16) for n in (1, 2)]
    changed = rng.sample(orders, 4)
    orders += [{**line, "amount": line["amount"] + 1, "updated_at": moment(9, 20)} for line in changed]
    return {CUSTOMERS: customers, PRODUCTS: products, RATES: rates, ORDERS: orders}


def _rate(number: int, currency: str, rng: random.Random) -> dict[str, Any]:
    rate = Decimal(rng.randrange(500_000, 2_000_000)) / 1_000_000
    return {"rate_date": day(number), "currency": currency, "rate": rate, "published_at": moment(number, 16)}


def _line(order: int, line: int, rng: random.Random) -> dict[str, Any]:
    at = moment(order % 10, 8 + order % 5)
    return {
        "order_id": order,
        "line_number": line,
        "customer_id": order % 7 + 1,  # 7 is no customer
        "product_id": rng.randrange(1, 7),  # 6 is no product
        "store_id": 1,
        "quantity": 1,
        "amount": Decimal(rng.randrange(100, 100_000)) / 100,
        "retail_discount": Decimal(0),
        "coupon_discount": Decimal(0),
        "currency": ("USD", "GBP", "JPY", "EUR")[order % 4],
        "order_ts": at,
        "updated_at": at,
    }


def cut(rows: dict[str, Rows], parts: int, seed: int) -> list[dict[str, Rows]]:
    """The rows in batches, each row in any of them."""
    rng = random.Random(seed)
    batches: list[dict[str, Rows]] = [{table: [] for table in rows} for _ in range(parts)]
    for table, of_table in rows.items():
        for row in of_table:
            batches[rng.randrange(parts)][table].append(row)
    return batches


@dataclass
class Shop:
    """The retail pipeline's own functions and contracts in buckets of their own."""

    world: Environment
    spark: SparkSession
    env: Environment = field(init=False)

    def __post_init__(self) -> None:
        self.env = self.world.model_copy(update={"project": f"late{uuid.uuid4().hex[:8]}"})
        aws = clients(self.env)
        for zone in names.Zone:
            create_bucket(self.env, names.bucket(self.env, zone))
        for control in names.Control:
            aws.dynamodb.create_table(**table_definition(self.env, control))
        self.schemas = load_schemas()

    def load(self, batch: dict[str, Rows]) -> dict[str, Any]:
        """Appends the rows to bronze and runs both jobs; returns the counts of each table."""
        for table, rows in batch.items():
            delta_rs.append_records(self.env, self.schemas.contracts[table], rows)
        return self.run()

    def run(self, only: tuple[str, ...] = (*SILVER, *GOLD)) -> dict[str, Any]:
        """Runs the jobs; returns the counts of each table."""
        silver = tuple(t for t in only if t in SILVER)
        gold = tuple(t for t in only if t in GOLD)
        key = Param("pii_key", "{{ secret('pii_key') }}", "string", True)
        counts: dict[str, Any] = {}
        for name, reads, writes in (
            ("bronze_to_silver", (CUSTOMERS, PRODUCTS, RATES, ORDERS), silver),
            ("silver_to_gold", SILVER, gold),
        ):
            if not writes:
                continue
            of = job(name, reads=reads, writes=writes, params=(key,), type=JobType.TRANSFORM)
            run = run_context(self.env, of, self.schemas, self.spark, run_date=day(9))
            module = load_module(project_root(), f"pipelines/retail/transforms/{name}.py")
            Transform(module).execute(run)
            counts |= run.counts
        return counts

    def facts(self) -> pl.DataFrame:
        """Each sale: its dollars, whether its customer and product are known, the sum of its order."""
        read = self.spark.read.format("delta").load
        uri = names.table_uri
        sales, orders = (read(uri(self.env, f"gold.fact_{name}")) for name in ("sales", "orders"))
        customers = read(uri(self.env, "gold.dim_customer")).select("customer_sk", "valid_since")
        rows = sales.join(customers, "customer_sk", "left").join(
            orders.selectExpr("order_id", "amount_usd order_usd", "customer_sk order_customer_sk"), "order_id"
        )
        return pl.from_pandas(
            rows.selectExpr(
                "order_id",
                "line_number",
                "string(amount_usd) usd",
                "string(order_usd) order_usd",
                "customer_sk <> -1 has_customer",
                "product_sk <> -1 has_product",
                "customer_sk = order_customer_sk one_customer",
            ).toPandas()
        ).sort("order_id", "line_number")

    def rejected(self) -> list[tuple[int, int, str]]:
        """(order, line, amount) of each quarantined line of silver.orders."""
        bucket = names.bucket(self.env, names.Zone.QUARANTINE)
        s3 = clients(self.env).s3
        lines: list[tuple[int, int, str]] = []
        for key in list_keys(s3, S3Uri(bucket, "")):
            if "/orders/" in key and key.endswith(".json"):
                for line in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines():
                    row = json.loads(line)["row"]
                    lines.append((row["order_id"], row["line_number"], str(row["amount"])))
        return sorted(lines)
