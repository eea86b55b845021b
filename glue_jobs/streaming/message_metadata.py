"""Finds the columns that are no fields of a message: its place in the topic, and its CDC envelope."""

from __future__ import annotations

from glue_jobs.sources.kafka import MESSAGE_COLUMNS
from lakehouse.contracts import Contract

_KAFKA, _CDC = "kafka:", "cdc:"


def kafka_columns(contract: Contract) -> dict[str, str]:
    """Column → topic, partition, offset or timestamp.

    A contract names them by `x-lake.source: kafka:offset`, or by the column's own name, such as kafka_offset.
    """
    columns = {}
    for column in contract.columns:
        if column.source_name.startswith(_KAFKA):
            part = column.source_name.removeprefix(_KAFKA)
        else:
            part = MESSAGE_COLUMNS.get(column.name, "")
        if part in MESSAGE_COLUMNS.values():
            columns[column.name] = part
    return columns


def is_cdc(contract: Contract) -> bool:
    """Whether the messages are changes of a database in envelopes."""
    return contract.lake.source is not None and contract.lake.source.format == "cdc"


def cdc_columns(contract: Contract) -> dict[str, str]:
    """Column → op, ts_ms or deleted, where messages are changes.

    A contract names them by `x-lake.source: cdc:ts_ms`; its delete_flag is `deleted`, whatever it names.
    """
    if not is_cdc(contract):
        return {}
    columns = {
        c.name: c.source_name.removeprefix(_CDC) for c in contract.columns if c.source_name.startswith(_CDC)
    }
    flag = contract.lake.delete_flag
    return {**columns, **({flag: "deleted"} if flag else {})}
