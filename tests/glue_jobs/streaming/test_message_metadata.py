"""Columns that come from beside the fields of a message."""

from __future__ import annotations

from typing import Any

from glue_jobs.streaming.message_metadata import cdc_columns, is_cdc, kafka_columns
from lakehouse.contracts import Contract
from tests.glue_jobs.builders import contract

COLUMNS: dict[str, Any] = {
    "id": {"type": "integer"},
    "kafka_offset": {"type": "integer"},
    "sent_at": {"type": "string", "format": "date-time", "x-lake": {"source": "kafka:timestamp"}},
    "changed_at": {"type": "string", "format": "date-time", "x-lake": {"source": "cdc:ts_ms"}},
    "gone": {"type": "boolean"},
}


def events(form: str) -> Contract:
    source = {"kind": "kafka", "object": "events", "format": form, "system": "shop"}
    return contract("bronze.events", COLUMNS, source=source, delete_flag="gone")


def test_a_column_of_the_messages_place_is_found_by_its_name_or_its_source() -> None:
    assert kafka_columns(events("json_lines")) == {"kafka_offset": "offset", "sent_at": "timestamp"}


def test_the_columns_of_an_envelope_are_those_of_changes_only() -> None:
    assert (is_cdc(events("cdc")), is_cdc(events("json_lines"))) == (True, False)
    assert cdc_columns(events("cdc")) == {"changed_at": "ts_ms", "gone": "deleted"}
    assert cdc_columns(events("json_lines")) == {}
