"""Every schedule that is accepted is one that Airflow's own reader, croniter, accepts."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

import pytest
from croniter import croniter
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.pipelines.cell_error import CellError
from lakehouse.pipelines.schedule_cell import schedule

START = datetime(2024, 1, 1, 0, 1)
NUMBERS = st.integers(0, 62).map(str)
NAMES = st.sampled_from(
    ["MON", "fri", "SUN", "JAN", "dec", "L", "LW", "5L", "L5", "15W", "W", "?", "*", "5#2", "MON#1"]
)
ITEMS = st.one_of(
    NUMBERS,
    NAMES,
    st.tuples(NUMBERS, NUMBERS).map("-".join),
    st.tuples(st.one_of(NUMBERS, st.just("*")), NUMBERS).map("/".join),
)
FIELDS = st.lists(ITEMS, min_size=1, max_size=3).map(",".join)


@settings(max_examples=500, deadline=None)
@given(st.lists(FIELDS, min_size=5, max_size=5).map(" ".join))
def test_an_accepted_schedule_is_one_that_airflow_reads(text: str) -> None:
    try:
        schedule(text)
    except CellError:
        return
    assert croniter.is_valid(text), text
    # The SLA checker asks cronsim when a run is due, Airflow starts it by croniter.
    by_croniter = croniter(text, START)
    assert list(islice(CronSim(text, START), 5)) == [by_croniter.get_next(datetime) for _ in range(5)], text


@pytest.mark.parametrize("text", ["0 0 LW * *", "0 0 * * 5L", "0 0 1,LW * *", "0 0 * * 1,5l"])
def test_the_last_weekday_is_refused_with_the_part_that_airflow_cannot_read(text: str) -> None:
    with pytest.raises(CellError, match="Airflow cannot read"):
        schedule(text)


@pytest.mark.parametrize(
    "text",
    [
        "0 0 */2 * MON",
        "0 0 1 * */2",
        "0 0 1 1 0,*",
        "0 0 1,* 1 1",
        "0 0 2,*/3 * 1",
        "0 0 1 * 5#2",
        "0 0 L * sun#1",
        "0 0 * * 5#2,1",
        "0 0 * * 1,5#2",
    ],
)
def test_days_that_readers_of_cron_do_not_agree_on_are_refused(text: str) -> None:
    with pytest.raises(CellError, match=r"cannot read|do not agree"):
        schedule(text)


def test_a_step_from_a_weekday_is_refused_for_readers_do_not_agree_on_its_last_day() -> None:
    for text in ("0 0 * * 7/2", "0 0 * * 3/2", "0 0 * * 1,MON/2"):
        with pytest.raises(CellError, match="do not agree"):
            schedule(text)
    assert schedule("0 0 * * 1-5/2")


@pytest.mark.parametrize("text", ["0 0\u00a0* * *", "0 \u0663 * * *", "0 \uff13 * * *"])
def test_letters_and_blanks_of_other_alphabets_are_refused(text: str) -> None:
    with pytest.raises(CellError, match="not ASCII"):
        schedule(text)


@pytest.mark.parametrize("text", ["0 0 * * 7-7", "15 1 30-30 1 2", "54-54 0-11 3 1 0", "0,0-0 2 3 3 0"])
def test_a_range_of_one_value_is_refused_with_that_value(text: str) -> None:
    with pytest.raises(CellError, match="Airflow misreads"):
        schedule(text)


@pytest.mark.parametrize(
    "text", ["0 2 * * *", "*/15 6-18 * * MON-FRI", "0 0 L * *", "0 0 * * 5#2", "0 0 1 JUL *"]
)
def test_an_ordinary_schedule_is_accepted(text: str) -> None:
    assert schedule(text) == text
