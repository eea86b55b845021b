"""Names of objects that a listing must escape, order and fold."""

from __future__ import annotations

NAMES = [
    "a",
    "a/b",
    "a/b/c d",
    "a/é&<>",
    "a/ü+%",
    "b/_delta_log/00000000000000000000.json",
    "b/part=1/x.parquet",
    "z",
]
