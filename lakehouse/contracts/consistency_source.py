"""Checks of where rows come from: a source that can exist, and one column for each of its names."""

from __future__ import annotations

import re

from lakehouse.contracts.document import Document
from lakehouse.contracts.spelling import folded
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located

_WAREHOUSE = (
    re.compile(r'[^."%\0/:\s][^."%\0/:]*(\.[^."%\0/:\s][^."%\0/:]*){0,2}'),
    "a table as DATABASE.SCHEMA.TABLE, without quotes",
)
# Kind of source → (what its `object` may be, the shape that is wanted).
_OBJECTS = {
    # A folder `.`, `..` or without a name is a key of S3 that no upload makes.
    "landing": (
        re.compile(r"(?!\.{1,2}(?:/|$))[^/\\:\s](?:[^/\\:\n]|/(?!/|\.{1,2}(?:/|$)))*"),
        "a folder of the landing zone, such as city/trips",
    ),
    # Kafka's own rule.
    "kafka": (re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}"), "a topic: letters, digits, '.', '_' and '-'"),
    "snowflake": _WAREHOUSE,
    "redshift": _WAREHOUSE,
}
# Sources whose names of columns do not differ by case or normal form: warehouses have quoted names, which do.
_ANY_SPELLING = ("landing", "kafka")


def check_source(doc: Document, located: Located, faults: Collector) -> None:
    """Notes LK291 for two spellings of one source column, and LK292 for an object that cannot exist."""
    source = doc.x_lake.source
    if source is None:
        return
    shape, expected = _OBJECTS[source.kind]
    if not shape.fullmatch(source.object):
        faults.add(
            "LK292",
            f"object '{source.object}' names nothing that a source of kind {source.kind} can have",
            file=located.file,
            at=located.at(("x-lake", "source", "object")),
            wanted=expected,
            value=source.object,
        )
    if source.kind in _ANY_SPELLING:
        _check_spellings(doc, located, faults)


def _check_spellings(doc: Document, located: Located, faults: Collector) -> None:
    first: dict[str, tuple[str, str]] = {}
    for name, column in doc.properties.items():
        origin = column.x_lake.source or name
        other, spelling = first.setdefault(folded(origin), (name, origin))
        if spelling != origin:
            faults.add(
                "LK291",
                f"columns '{other}' and '{name}' read '{spelling}' and '{origin}', which are one column of "
                "files and messages",
                file=located.file,
                at=located.at(("properties", name), key=True),
                wanted=f"one column, or '{spelling}' as the source of both",
                value=origin,
            )
