"""Cases of slowly changing dimensions that dlt and dbt publish with their tests, made anew in our words.

A deletion is a state with `is_deleted`: sources say what is gone, and no key goes because it was not sent.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.tables import scd2
from tests.glue_jobs.builders import contract, frame

STATE = "tenant string, id bigint, valid_since timestamp, city string, is_deleted boolean"
DIM = contract(
    "gold.published",
    {
        "sk": {"type": "integer"},
        "tenant": {"type": "string"},
        "id": {"type": "integer"},
        "city": {"type": ["string", "null"]},
        "is_deleted": {"type": "boolean"},
        "valid_since": {"type": "string", "format": "date-time"},
        "valid_from": {"type": "string", "format": "date-time"},
        "valid_to": {"type": "string", "format": "date-time"},
        "is_current": {"type": "boolean"},
    },
    write="scd2",
    primary_key=["sk"],
    business_key=["tenant", "id"],
    sequence="valid_since",
    tracked=["city", "is_deleted"],
)
KEY = list(DIM.lake.business_key)
BEGIN, END = -1, 99
# Case → (states: (day, city, deleted)), versions: (city, deleted, from day, to day)).
State = tuple[int, str | None, bool]
Version = tuple[str | None, bool, int, int]
CASES: dict[str, tuple[list[State], list[Version]]] = {
    "dlt core functionality: an update closes a version and opens the next": (
        [(1, "Bern", False), (2, "Rome", False)],
        [("Bern", False, BEGIN, 2), ("Rome", False, 2, END)],
    ),
    "dlt core functionality: a load without news makes no version": (
        [(1, "Bern", False), (2, "Bern", False), (3, "Bern", False)],
        [("Bern", False, BEGIN, END)],
    ),
    "dlt record reinsert: a key that was deleted comes back": (
        [(1, "Bern", False), (2, "Bern", True), (4, "Bern", False)],
        [("Bern", False, BEGIN, 2), ("Bern", True, 2, 4), ("Bern", False, 4, END)],
    ),
    "dlt boundary timestamp: a version ends at the instant at which the next begins": (
        [(3, "Rome", False), (5, "Oslo", False), (4, "Bern", False)],
        [("Rome", False, BEGIN, 4), ("Bern", False, 4, 5), ("Oslo", False, 5, END)],
    ),
    "dbt timestamp strategy: a row that is sent twice is one version": (
        [(1, "Bern", False), (1, "Bern", False), (2, "Rome", False), (2, "Rome", False)],
        [("Bern", False, BEGIN, 2), ("Rome", False, 2, END)],
    ),
    "dbt check strategy: a value that becomes null is a change": (
        [(1, "Bern", False), (2, None, False), (3, "Bern", False)],
        [("Bern", False, BEGIN, 2), (None, False, 2, 3), ("Bern", False, 3, END)],
    ),
    "dbt check strategy: null that stays null is no change": (
        [(1, None, False), (2, None, False)],
        [(None, False, BEGIN, END)],
    ),
    "dbt check strategy: back to the old value is a third version": (
        [(1, "Bern", False), (2, "Rome", False), (3, "Bern", False)],
        [("Bern", False, BEGIN, 2), ("Rome", False, 2, 3), ("Bern", False, 3, END)],
    ),
    "dbt hard deletes as new record: a deletion is a version": (
        [(1, "Bern", False), (2, "Bern", True)],
        [("Bern", False, BEGIN, 2), ("Bern", True, 2, END)],
    ),
    "dbt late arrival: an older state splits the version that covered it": (
        [(1, "Bern", False), (5, "Bern", False), (3, "Rome", False)],
        [("Bern", False, BEGIN, 3), ("Rome", False, 3, 5), ("Bern", False, 5, END)],
    ),
}
START = datetime(2017, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture(scope="module")
def versions(spark: SparkSession) -> dict[str, list[Version]]:
    """Case → its versions. The cases share a number, so that only the whole key tells them apart."""
    rows = [(case, 1, day(n), city, gone) for case, (states, _) in CASES.items() for n, city, gone in states]
    built = scd2.versions(frame(spark, STATE), frame(spark, STATE, *rows), DIM, KEY)
    numbered = built.select(
        "tenant",
        "city",
        "is_deleted",
        *[F.unix_timestamp(column).alias(column) for column in ("valid_from", "valid_to")],
    ).orderBy("tenant", "valid_from")
    by_case: dict[str, list[Version]] = {case: [] for case in CASES}
    for row in numbered.collect():
        by_case[row.tenant].append((row.city, row.is_deleted, _number(row.valid_from), _number(row.valid_to)))
    return by_case


def _number(seconds: int) -> int:
    """The day as the cases count it."""
    number = int((seconds - START.timestamp()) // 86_400)
    return BEGIN if number < 0 else min(number, END)


@pytest.mark.parametrize("case", CASES)
def test_published_case_makes_the_versions_that_it_states(
    versions: dict[str, list[Version]], case: str
) -> None:
    assert versions[case] == CASES[case][1]
