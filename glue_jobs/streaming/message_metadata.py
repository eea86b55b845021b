"""What of a contract's columns is in no field of the message: where it stood, and what its envelope says."""

from __future__ import annotations

from glue_jobs.sources.kafka import MESSAGE_COLUMNS
from lakehouse.contracts import Contract

_KAFKA, _CDC = "kafka:", "cdc:"


def places(contract: Contract) -> dict[str, str]:
    """Column → topic, partition, offset or timestamp: by `x-lake.source: kafka:offset`, or by its own name, kafka_offset."""
    found = {}
    for column in contract.columns:
        what = (
            column.source_name.removeprefix(_KAFKA)
            if column.source_name.startswith(_KAFKA)
            else MESSAGE_COLUMNS.get(column.name, "")
        )
        if what in MESSAGE_COLUMNS.values():
            found[column.name] = what
    return found


def is_cdc(contract: Contract) -> bool:
    return contract.lake.source is not None and contract.lake.source.format == "cdc"


def enveloped(contract: Contract) -> dict[str, str]:
    """Column → op, ts_ms or deleted, where messages are changes: by `x-lake.source: cdc:ts_ms`; the delete_flag is `deleted` whatever it names."""
    if not is_cdc(contract):
        return {}
    found = {
        c.name: c.source_name.removeprefix(_CDC) for c in contract.columns if c.source_name.startswith(_CDC)
    }
    flag = contract.lake.delete_flag
    return {**found, **({flag: "deleted"} if flag else {})}
