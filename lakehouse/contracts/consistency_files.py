"""Checks of what a contract says of the files of its source: dates, and columns by position."""

from __future__ import annotations

from lakehouse.contracts.contract import spark_type
from lakehouse.contracts.date_format import WANTED, DateFormatError, date_format
from lakehouse.contracts.document import Document
from lakehouse.contracts.source_document import COLUMNAR
from lakehouse.contracts.spelling import folded
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Loc, Located


def check_files(doc: Document, located: Located, faults: Collector) -> None:
    """Notes LK270 for a date format that reads no value, LK271 for a required column without a place."""
    for name, column in doc.properties.items():
        pattern, typed = column.x_lake.date_format, spark_type(column)
        if pattern is None or typed is None:
            continue
        try:
            if doc.x_lake.source is None or doc.x_lake.source.kind != "landing":
                raise DateFormatError("only landing files have one")
            if doc.x_lake.source.format in COLUMNAR:
                raise DateFormatError("Parquet and Avro have dates and times of their own")
            date_format(pattern, typed[0])
        except DateFormatError as error:
            faults.add(
                "LK270",
                f"date_format '{pattern}' of column '{name}' cannot be used: {error}",
                file=located.file,
                at=located.at(("properties", name, "x-lake", "date_format")),
                wanted=f"a pattern such as {WANTED}",
                value=pattern,
            )
    _check_positions(doc, located, faults)


def _check_positions(doc: Document, located: Located, faults: Collector) -> None:
    source = doc.x_lake.source
    names: list[str] = []
    loc: Loc = ()
    if source and source.csv and source.csv.columns:
        names, loc = source.csv.columns, ("x-lake", "source", "csv", "columns")
    elif source and source.fixed:
        names, loc = list(source.fixed.fields), ("x-lake", "source", "fixed", "fields")
    spellings = {folded(name) for name in names}
    for name, column in doc.properties.items():
        origin = column.x_lake.source or name
        if names and name in doc.required and folded(origin) not in spellings:
            faults.add(
                "LK271",
                f"the source has no place for the required column '{origin}'",
                file=located.file,
                at=located.at(loc),
                wanted=f"'{origin}' among its {loc[-1]}, or a column that is not required",
                value=origin,
                among=names,
            )
