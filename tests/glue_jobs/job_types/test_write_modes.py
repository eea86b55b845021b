"""How a built table is written: merged, computed anew by days, or replaced."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.errors import RunError
from glue_jobs.job_types.table_write import TableWrite
from glue_jobs.job_types.write_modes import BY_MODE
from glue_jobs.run_context import RunContext
from glue_jobs.state.audit import Counts
from lakehouse.contracts import Contract
from lakehouse.environments import Environment
from tests.glue_jobs import delta_rs
from tests.glue_jobs.builders import contract, local_frame
from tests.glue_jobs.run_harness import job, run_context, schemas

DDL = "id bigint, value string, changed_at timestamp"
DAY_COLUMNS: dict[str, Any] = {"day": {"type": "string", "format": "date"}, "n": {"type": "integer"}}
Write = Callable[..., Counts]


def at(minute: int) -> datetime:
    return datetime(2017, 1, 31, 10, minute)


@pytest.fixture
def run(local_env: Environment, spark: SparkSession) -> RunContext:
    return run_context(local_env, job(f"writes_{uuid.uuid4().hex[:8]}"), schemas(), spark)


def write(run: RunContext, of: Contract, ddl: str, *rows: tuple[Any, ...], days: Any = None) -> Counts:
    """The counts of one batch into the table, by the mode of its contract."""
    before = run.counts.get(of.table, Counts())
    with run.batch(of.table, f"{run.job.name}.{of.table}", lambda position: (position or 0) + 1) as batch:
        assert batch is not None
        BY_MODE[of.lake.write](TableWrite(run, of, batch, local_frame(run.session, ddl, *rows), days))
    after = run.counts[of.table]
    return Counts(**{name: value - getattr(before, name) for name, value in vars(after).items()})


def stored(run: RunContext, of: Contract, *columns: str) -> list[tuple[Any, ...]]:
    return sorted(delta_rs.rows(run.env, run.uri(of.table), *columns))


def table(run: RunContext, **more: Any) -> Contract:
    return contract(f"silver.{run.job.name}", **more)


def test_merge_keeps_the_newest_row_of_a_key(run: RunContext) -> None:
    things = table(run)
    first = write(run, things, DDL, (1, "a", at(1)), (1, "b", at(2)), (2, "c", at(1)))
    second = write(run, things, DDL, (1, "old", at(1)), (2, "d", at(3)), (3, "e", at(1)))
    assert (first, second) == (Counts(3, 2, 0, 1), Counts(3, 2, 0, 1))
    assert stored(run, things, "id", "value") == [(1, "b"), (2, "d"), (3, "e")]


def test_recompute_replaces_the_days_that_changed(run: RunContext) -> None:
    days = table(
        run, properties=DAY_COLUMNS, write="recompute", recompute_by="day", primary_key=["day"], sequence=None
    )
    monday, tuesday = date(2017, 1, 30), date(2017, 1, 31)
    write(run, days, "day date, n bigint", (monday, 1), (tuesday, 1))
    counts = write(run, days, "day date, n bigint", (monday, 9), (tuesday, 2), days=[tuesday])
    assert counts == Counts(1, 1)
    assert stored(run, days, "day", "n") == [(monday, 1), (tuesday, 2)]
    assert write(run, days, "day date, n bigint", days=[]) == Counts()


@pytest.mark.parametrize("wanted", [True, False], ids=["required", "nullable"])
def test_rows_without_a_day_are_a_day_of_their_own_or_quarantined(run: RunContext, wanted: bool) -> None:
    lake = {"write": "recompute", "recompute_by": "day", "primary_key": ["n"], "sequence": None}
    text = "string" if wanted else ["string", "null"]
    properties = {**DAY_COLUMNS, "day": {"type": text, "format": "date"}}
    days = table(run, properties=properties, **lake)
    monday = date(2017, 1, 30)
    first = write(run, days, "day date, n bigint", (monday, 1), (None, 2))
    second = write(run, days, "day date, n bigint", (None, 3), (None, 4), days=[None])
    other = write(run, days, "day date, n bigint", (monday, 5), (None, 6), days=[monday])
    if wanted:
        assert (first, second, other) == (Counts(2, 1, 1), Counts(2, 0, 2), Counts(2, 1, 1))
    else:
        assert (first, second, other) == (Counts(2, 2), Counts(2, 2), Counts(1, 1))
    left = [] if wanted else [3, 4]
    assert sorted(n for (n,) in stored(run, days, "n")) == [*left, 5]


def test_replace_takes_the_place_of_the_whole_table(run: RunContext) -> None:
    things = table(run, write="replace", sequence=None)
    write(run, things, DDL, (1, "a", None), (2, "b", at(1)))
    assert write(run, things, DDL, (3, "c", at(1))) == Counts(1, 1)
    assert stored(run, things, "id", "value") == [(3, "c")]


def test_a_function_that_lacks_a_column_is_refused(run: RunContext) -> None:
    with pytest.raises(RunError, match=r"RUN204 .*: its function returns no column changed_at"):
        write(run, table(run), "id bigint, value string", (1, "a"))


SCD2_COLUMNS: dict[str, Any] = {
    "key": {"type": "integer"},
    "id": {"type": "integer"},
    "name": {"type": ["string", "null"]},
    "valid_since": {"type": "string", "format": "date-time"},
    "valid_from": {"type": "string", "format": "date-time"},
    "valid_to": {"type": "string", "format": "date-time"},
    "is_current": {"type": "boolean"},
}


def people_table(run: RunContext) -> Contract:
    return table(
        run,
        properties=SCD2_COLUMNS,
        write="scd2",
        primary_key=["key"],
        business_key=["id"],
        tracked=["name"],
        sequence=None,
    )


def test_scd2_writes_a_version_for_each_state_that_differs(run: RunContext) -> None:
    people = people_table(run)
    ddl = "id bigint, name string, valid_since timestamp"
    first = write(run, people, ddl, (1, "Ann", at(1)), (1, "Ann", at(2)), (2, "Bob", at(1)))
    second = write(run, people, ddl, (1, "Anna", at(3)), (2, "Bob", at(4)))
    assert (first, second) == (Counts(3, 2, 0, 1), Counts(2, 1, 0, 1))
    assert stored(run, people, "id", "name", "is_current") == [
        (1, "Ann", False),
        (1, "Anna", True),
        (2, "Bob", True),
    ]


def test_scd2_of_long_ago_begins_before_it_ends_and_never_at_the_end_of_time(run: RunContext) -> None:
    people = people_table(run)
    ddl = "id bigint, name string, valid_since timestamp"
    old, later, now = (datetime(year, 1, 1) for year in (1850, 1870, 2017))
    others = [(n, "x", now) for n in range(10, 40)]
    end = datetime(9999, 12, 31)
    first = write(run, people, ddl, (1, "Ann", later), (2, "Bob", now), (2, "Bo", end), *others)
    second = write(run, people, ddl, (1, "Eve", old), (1, "Ann", later))
    assert (first, second) == (Counts(33, 32, 1), Counts(2, 1, 0, 1))
    versions = stored(run, people, "id", "name", "valid_from", "valid_to", "is_current")
    assert [(*v[:2], v[2].year, v[3].year, v[4]) for v in versions if v[0] < 10] == [
        (1, "Ann", 1870, 9999, True),
        (1, "Eve", 1850, 1870, False),
        (2, "Bob", 1900, 9999, True),
    ]


def test_scd2_uses_the_whole_of_a_composite_business_key(run: RunContext) -> None:
    people = table(
        run,
        properties={**SCD2_COLUMNS, "country": {"type": "string"}},
        write="scd2",
        primary_key=["key"],
        business_key=["country", "id"],
        tracked=["name"],
        sequence=None,
    )
    ddl = "country string, id bigint, name string, valid_since timestamp"
    write(run, people, ddl, ("NL", 1, "Ann", at(1)), ("BE", 1, "Bob", at(2)), ("NL", 2, "Cid", at(2)))
    write(run, people, ddl, ("NL", 1, "Anna", at(3)))
    assert stored(run, people, "country", "id", "name", "is_current") == [
        ("BE", 1, "Bob", True),
        ("NL", 1, "Ann", False),
        ("NL", 1, "Anna", True),
        ("NL", 2, "Cid", True),
    ]
    assert len(set(stored(run, people, "key"))) == 4
