"""Every kind of dirt, as data: what it does to a row and where that row is expected to end.

A dirt row is an addition. Unless it is a duplicate or an older version, it has a key of its own, so that it
can never stand in for a clean row, whatever becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from sample_data.summary import Outcome

Row = dict[str, Any]

BAD_EMAIL = "not-an-email"
# Real ids end far below these.
ORDER_OFFSET, CUSTOMER_OFFSET = 900_000_000_000, 900_000


@dataclass(frozen=True)
class Rule:
    source: str
    kind: str
    outcome: Outcome
    says: str


@dataclass(frozen=True)
class FrameRule(Rule):
    """Dirt in a typed source: the columns that are overwritten."""

    columns: Mapping[str, pl.Expr] = field(default_factory=dict)


def _same_row(row: Row) -> Row:
    return row


def _same_line(line: bytes) -> bytes:
    return line


@dataclass(frozen=True)
class TextRule(Rule):
    """Dirt in a text source: `edit` changes the row before it is written, `spoil` its bytes after."""

    edit: Callable[[Row], Row] = _same_row
    spoil: Callable[[bytes], bytes] = _same_line


def _frame(source: str, kind: str, outcome: Outcome, says: str, /, **columns: pl.Expr) -> FrameRule:
    return FrameRule(source, kind, outcome, says, columns)


_ORDER = pl.col("order_id") + ORDER_OFFSET
_CUSTOMER = pl.col("customer_id") + CUSTOMER_OFFSET
_BEHAVIOR = pl.col("behavior_id").str.replace("-", "-900000", literal=True)
_EARLIER = pl.col("updated_at") - pl.duration(seconds=1)
_NO_INT = pl.lit(None, dtype=pl.Int64)

FRAME_RULES: tuple[FrameRule, ...] = (
    _frame("snowflake_orders", "null_key", Outcome.BRONZE, "order_id is null", order_id=_NO_INT),
    _frame(
        "snowflake_orders",
        "null_amount",
        Outcome.BRONZE,
        "amount is null",
        order_id=_ORDER,
        amount=pl.lit(None, dtype=pl.Decimal(18, 2)),
    ),
    _frame(
        "snowflake_orders",
        "null_timestamp",
        Outcome.BRONZE,
        "order_ts is null",
        order_id=_ORDER,
        order_ts=pl.lit(None, dtype=pl.Datetime("us")),
    ),
    _frame(
        "snowflake_orders",
        "negative_quantity",
        Outcome.BRONZE,
        "quantity is -1",
        order_id=_ORDER,
        quantity=pl.lit(-1, dtype=pl.Int64),
    ),
    _frame(
        "snowflake_orders",
        "absurd_quantity",
        Outcome.BRONZE,
        "quantity is a billion",
        order_id=_ORDER,
        quantity=pl.lit(10**9, dtype=pl.Int64),
    ),
    _frame(
        "snowflake_orders",
        "unknown_currency",
        Outcome.SILVER,
        "currency is XXX, which has no rate",
        order_id=_ORDER,
        currency=pl.lit("XXX"),
    ),
    _frame("snowflake_orders", "duplicate", Outcome.DEDUPLICATED, "the same row again"),
    _frame(
        "snowflake_orders",
        "older_version",
        Outcome.DEDUPLICATED,
        "the same line as it was at order_ts: one more piece, one more unit of money",
        updated_at=pl.col("order_ts"),
        quantity=pl.col("quantity") + 1,
        amount=(pl.col("amount") + 1).cast(pl.Decimal(18, 2)),
    ),
    _frame("snowflake_customers", "null_key", Outcome.BRONZE, "customer_id is null", customer_id=_NO_INT),
    _frame(
        "snowflake_customers",
        "bad_email",
        Outcome.BRONZE,
        "email has no @",
        customer_id=_CUSTOMER,
        email=pl.lit(BAD_EMAIL),
    ),
    _frame("snowflake_customers", "duplicate", Outcome.DEDUPLICATED, "the same row again"),
    _frame(
        "snowflake_customers",
        "older_version",
        Outcome.DEDUPLICATED,
        "the same customer a second earlier with another name",
        updated_at=_EARLIER,
        full_name=pl.lit("Older Version"),
    ),
    _frame("snowflake_products", "null_key", Outcome.BRONZE, "product_id is null", product_id=_NO_INT),
    _frame("snowflake_products", "duplicate", Outcome.DEDUPLICATED, "the same row again"),
    _frame(
        "snowflake_products",
        "older_version",
        Outcome.DEDUPLICATED,
        "the same product a second earlier of another brand",
        updated_at=_EARLIER,
        brand=pl.lit("Older Version"),
    ),
    _frame(
        "redshift_behavior",
        "null_key",
        Outcome.BRONZE,
        "behavior_id is null",
        behavior_id=pl.lit(None, dtype=pl.String),
    ),
    _frame(
        "redshift_behavior",
        "null_customer",
        Outcome.BRONZE,
        "customer_id is null",
        behavior_id=_BEHAVIOR,
        customer_id=_NO_INT,
    ),
    _frame(
        "redshift_behavior",
        "unknown_kind",
        Outcome.BRONZE,
        "kind is carrier_pigeon",
        behavior_id=_BEHAVIOR,
        kind=pl.lit("carrier_pigeon"),
    ),
    _frame("redshift_behavior", "duplicate", Outcome.DEDUPLICATED, "the same row again"),
    _frame(
        "redshift_behavior",
        "older_version",
        Outcome.DEDUPLICATED,
        "the same row at occurred_at with another campaign",
        updated_at=pl.col("occurred_at"),
        campaign_id=pl.lit(999, dtype=pl.Int64),
    ),
)
