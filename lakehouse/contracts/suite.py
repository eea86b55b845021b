"""A quality suite: expectations by their Great Expectations names, each critical or warn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

# Each expectation with (the arguments it needs, the further ones it takes). Great Expectations' names and
# meanings.
EXPECTATIONS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    name: (frozenset(needs.split()), frozenset(takes.split()))
    for name, needs, takes in (
        ("expect_table_row_count_to_be_between", "", "min_value max_value"),
        ("expect_table_columns_to_match_set", "column_set", "exact_match"),
        ("expect_column_to_exist", "column", ""),
        ("expect_column_values_to_not_be_null", "column", "mostly"),
        ("expect_column_values_to_be_unique", "column", "mostly"),
        ("expect_compound_columns_to_be_unique", "column_list", "mostly"),
        ("expect_column_values_to_be_in_set", "column value_set", "mostly"),
        ("expect_column_values_to_match_regex", "column regex", "mostly"),
        ("expect_column_values_to_be_between", "column", "min_value max_value strict_min strict_max mostly"),
        ("expect_column_value_lengths_to_be_between", "column", "min_value max_value mostly"),
        ("expect_column_pair_values_a_to_be_greater_than_b", "column_A column_B", "or_equal mostly"),
        ("expect_column_mean_to_be_between", "column", "min_value max_value"),
        ("expect_column_sum_to_be_between", "column", "min_value max_value"),
        ("expect_column_max_to_be_between", "column", "min_value max_value"),
        ("expect_column_min_to_be_between", "column", "min_value max_value"),
        # The platform's own: Great Expectations knows one table at a time. `export` turns it into an
        # UnexpectedRowsExpectation.
        ("expect_column_values_to_exist_in_table", "column table table_column", "mostly"),
        ("expect_table_to_be_fresh", "column max_age_days", ""),
        ("expect_intervals_to_be_contiguous", "column_list valid_from valid_to", ""),
    )
}
# Their bounds are numbers of rows or characters.
COUNTING = ("expect_table_row_count_to_be_between", "expect_column_value_lengths_to_be_between")
TABLE_COLUMNS = ("column", "column_A", "column_B", "valid_from", "valid_to")


def stated_values(kwargs: Mapping[str, Any]) -> list[Any]:
    """The values of a set without null: nothing is known to be outside of a list of SQL with a null."""
    return [value for value in kwargs["value_set"] if value is not None]


class Expectation(BaseModel):
    """One rule of a suite. `kwargs` are the expectation's own arguments."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: str = Field(description="A Great Expectations name, such as expect_column_values_to_not_be_null.")
    kwargs: dict[str, Any] = Field(default_factory=dict)
    severity: Literal["critical", "warn"] = Field(description="critical stops the pipeline, warn alerts.")
    why: str | None = None

    @property
    def columns(self) -> list[str]:
        named = [str(self.kwargs[k]) for k in TABLE_COLUMNS if k in self.kwargs]
        return named + [str(c) for c in self.kwargs.get("column_list", [])]

    @property
    def mostly(self) -> float:
        return float(self.kwargs.get("mostly", 1.0))


class Suite(BaseModel):
    """The content of a `<table>.dq.yml`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    table: Annotated[str, Field(pattern=r"^(bronze|silver|gold)\.[a-z][a-z0-9_]*$")]
    expectations: Annotated[list[Expectation], Field(min_length=1)]
