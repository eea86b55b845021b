"""Headers that give no value to a column name their column."""

from __future__ import annotations

from glue_jobs.sources.csv_header import header_fault, trimmed
from tests.glue_jobs.builders import contract

PEOPLE = contract(
    "bronze.people",
    {"id": {"type": "integer"}, "name": {"type": "string", "x-lake": {"source": "FULL_NAME"}}},
    write="append",
    sequence=None,
)


def test_blanks_around_names_are_none_and_a_name_without_text_is_its_number() -> None:
    assert trimmed([" id", "\tname ", "", " "]) == ("id", "name", "(column 3)", "(column 4)")

    assert trimmed(["\ufeffid", "name\u200b", "\u00a0at\u2060 ", "\u200b"]) == (
        "id",
        "name",
        "at",
        "(column 4)",
    )


def test_a_name_twice_is_a_fault_whatever_its_case() -> None:
    assert header_fault(("id", "x", "X"), PEOPLE) == "has column 'X' twice in its header, as columns 2 and 3"
    assert header_fault(("id", "full_name", "x"), PEOPLE) is None


def test_a_header_without_any_column_of_the_contract_is_a_fault() -> None:
    assert header_fault(("1", "Ann"), PEOPLE) == "has no column of the contract in its first line"
