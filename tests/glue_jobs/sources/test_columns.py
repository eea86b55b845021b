"""Source columns are found by name, and what is not there is said in full."""

from __future__ import annotations

import pytest

from glue_jobs.sources.columns import match_columns
from glue_jobs.sources.source import SourceError
from tests.glue_jobs.builders import contract

CUSTOMERS = contract(
    "bronze.customers",
    {
        "id": {"type": "integer"},
        "email": {"type": "string", "x-lake": {"source": "E_MAIL"}},
        "phone": {"type": "string"},
        "fax": {"type": ["string", "null"]},
    },
    write="append",
    sequence=None,
)


def test_names_are_found_whatever_their_case_and_order() -> None:
    mapping = match_columns(CUSTOMERS, ["FAX", "Phone", "e_mail", "ID"], "the source")
    assert mapping.source_names == {"id": "ID", "email": "e_mail", "phone": "Phone", "fax": "FAX"}
    assert (mapping.missing, mapping.extra) == ((), ())


def test_columns_of_nobody_are_tolerated_and_named() -> None:
    assert match_columns(CUSTOMERS, ["id", "e_mail", "phone", "fax", "shoe_size"], "the source").extra == (
        "shoe_size",
    )


def test_a_column_that_may_be_missing_is_named_and_no_error() -> None:
    assert match_columns(CUSTOMERS, ["id", "e_mail", "phone"], "the source").missing == ("fax",)


def test_every_missing_required_column_is_named_with_what_is_there_instead() -> None:
    with pytest.raises(SourceError) as fault:
        match_columns(CUSTOMERS, ["id", "EMAIL", "telephone", "fax"], "Snowflake RETAIL.PUBLIC.CUSTOMERS")
    text = str(fault.value)
    assert fault.value.code == "RUN102"
    assert "lacks column 'E_MAIL' (it has 'EMAIL')" in text
    assert "lacks column 'phone' (it has 'telephone')" in text
    assert "does not know: EMAIL, telephone" in text


def test_the_exact_spelling_wins_and_two_other_ones_are_an_error() -> None:
    assert match_columns(CUSTOMERS, ["id", "ID", "E_MAIL", "phone"], "the source").source_names["id"] == "id"
    with pytest.raises(SourceError, match="either may be the contract's 'phone'"):
        match_columns(CUSTOMERS, ["id", "E_MAIL", "Phone", "PHONE"], "the source")
