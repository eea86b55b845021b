"""A warehouse table is planned by its watermark column; no Spark is needed for a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from glue_jobs.sources.incremental import IncrementalTable, Newest, ReadRange
from glue_jobs.sources.source import SourceError
from tests.glue_jobs.sources.systems import PEOPLE, source_contract

JAN_5 = date(2017, 1, 5)


@dataclass
class Memory:
    """A table with only the facts that a plan asks for."""

    watermarks: list[datetime | None]
    names: tuple[str, ...] = ("ID", "NAME", "AMOUNT", "NOTE", "UPDATED_AT")
    label: str = "the table"

    def columns(self) -> list[str]:
        return list(self.names)

    def newest(self, watermark: str, before: datetime, soon: datetime) -> Newest:
        assert watermark == "UPDATED_AT"
        earlier = [moment for moment in self.watermarks if moment is not None and moment < before]
        ahead = sum(moment is not None and moment >= soon for moment in self.watermarks)
        return Newest(max(earlier, default=None), None in self.watermarks, ahead)

    def count(self, watermark: str, range_: ReadRange) -> int:
        assert watermark == "UPDATED_AT"
        start, end = range_.start, range_.end
        return sum(
            moment is None or (end is not None and moment < end and (start is None or moment >= start))
            for moment in self.watermarks
        )

    def rows(self, columns: dict[str, str], watermark: str, range_: ReadRange) -> Any:
        raise AssertionError("a plan reads no row")


def plan(table: Memory, position: Any = None) -> Any:
    contract = source_contract("snowflake", "A.B.C", overlap_minutes=60)
    return IncrementalTable(contract, table).plan(position, JAN_5)


def test_a_plan_ends_at_the_greatest_watermark_of_the_day() -> None:
    last, next_day = datetime(2017, 1, 5, 23, 59, tzinfo=UTC), datetime(2017, 1, 6, tzinfo=UTC)
    assert plan(Memory([last, next_day])) == {"high": last.isoformat(), "overlap_rows": 1}


def test_nothing_newer_is_the_same_position() -> None:
    last = datetime(2017, 1, 5, tzinfo=UTC)
    position = {"high": last.isoformat()}
    assert plan(Memory([last]), position) is position
    assert plan(Memory([]), position) is position
    assert plan(Memory([])) is None


def test_rows_without_a_watermark_alone_are_planned_once() -> None:
    table = Memory([None])
    position = {"high": None, "overlap_rows": 1}
    assert plan(table) == position
    assert plan(table, position) == position


def test_rows_that_were_committed_late_are_planned_though_none_is_newer() -> None:
    last = datetime(2017, 1, 5, 12, tzinfo=UTC)
    before = last - timedelta(minutes=60)
    position = plan(Memory([before, last]))
    assert position == {"high": last.isoformat(), "overlap_rows": 1}
    late = Memory([before, last, before + timedelta(microseconds=1)])
    assert plan(late, position) == {"high": last.isoformat(), "overlap_rows": 2}
    assert plan(Memory([before, last, before]), position) is position
    assert plan(Memory([last, None]), position) == {"high": last.isoformat(), "overlap_rows": 2}


def test_a_source_without_overlap_is_not_counted() -> None:
    last = datetime(2017, 1, 5, 12, tzinfo=UTC)
    table = IncrementalTable(source_contract("snowflake", "A.B.C"), Memory([last]))
    assert table.plan(None, JAN_5) == {"high": last.isoformat()}


def test_a_table_without_the_watermark_column_cannot_be_read_by_it() -> None:
    optional = {**PEOPLE, "updated_at": {"type": ["string", "null"], "format": "date-time"}}
    contract = source_contract("snowflake", "A.B.C", properties=optional)
    table = IncrementalTable(contract, Memory([], ("ID", "NAME", "AMOUNT", "NOTE")))
    with pytest.raises(SourceError, match=r"RUN106 .*the table has no watermark column"):
        table.plan(None, JAN_5)
