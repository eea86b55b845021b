"""Columns of every type and their extreme values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.glue_jobs.sources.systems import AWKWARD


def number(kind: str) -> dict[str, Any]:
    return {"type": ["integer", "null"], "x-lake": {"type": kind}}


def real(kind: str) -> dict[str, Any]:
    return {"type": ["number", "null"], "x-lake": {"type": kind}}


ALL: dict[str, Any] = {
    "id": {"type": "integer"},
    "yes": {"type": ["boolean", "null"]},
    "tiny": number("tinyint"),
    "small": number("smallint"),
    "plain": number("int"),
    "large": number("bigint"),
    "amount": real("decimal(38,18)"),
    "share": real("float"),
    "real": real("double"),
    "day": {"type": ["string", "null"], "format": "date"},
    "at": {"type": ["string", "null"], "format": "date-time"},
    "text": {"type": ["string", "null"]},
    "raw": {"type": ["string", "null"], "x-lake": {"type": "binary"}},
}


DDL = (
    "id bigint, yes boolean, tiny tinyint, small smallint, plain int, large bigint, "
    "amount decimal(38,18), share float, real double, day date, at timestamp, text string, raw binary"
)


NEAR_END = "99999999999999999999.999999999999999999"


VALUES: list[tuple[Any, ...]] = [
    (
        *(1, True, -128, -32768, -(2**31), -(2**63), Decimal(f"-{NEAR_END}"), 0.5, float("-inf")),
        *(date(1, 1, 1), datetime(1900, 1, 1, tzinfo=UTC), "", b""),
    ),
    (
        *(2, False, 127, 32767, 2**31 - 1, 2**63 - 1, Decimal(NEAR_END), 0.25, 0.1),
        *(date(9999, 12, 31), datetime(9999, 12, 30, 23, 59, 59, 999999, UTC), AWKWARD, b"\x00\xff"),
    ),
    (3, *[None] * 12),
    (
        *(4, True, 0, 0, 0, 0, Decimal(0), -0.0, 1e308, date(1582, 10, 4)),
        *(datetime(2017, 3, 26, 1, 30, tzinfo=UTC), "\u202eNULL \\N \\. \r\n", bytes(range(256))),
    ),
]
