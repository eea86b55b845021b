"""What a contract says of the form of its files."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from lakehouse.contracts.source_document import Source

CSV = {"kind": "landing", "object": "a", "system": "a", "format": "csv"}


def test_files_without_a_stated_form_are_those_of_rfc_4180() -> None:
    form = Source.model_validate(CSV).csv_form
    assert (form.delimiter, form.encoding, form.nulls, form.is_plain) == (",", "utf-8", [], True)


@pytest.mark.parametrize("other", [{"format": "json_lines"}, {"kind": "kafka"}])
def test_form_of_csv_belongs_to_landing_files_in_csv(other: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="only beside kind: landing and format: csv"):
        Source.model_validate({**CSV, **other, "csv": {"nulls": ["NA"]}})


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ({"csv": {"decimal": ",", "thousands": ","}}, "`thousands` and `decimal` are both ','"),
        ({"csv": {"thousands": "."}}, "`thousands` and `decimal` are both '.'"),
        ({"csv": {"columns": ["id", "ID"]}}, "`columns` has 'ID' twice"),
        ({"format": "fixed_width"}, "needs `fixed`"),
        ({"format": "fixed_width", "fixed": {"fields": {"a": [1, 4], "b": [4, 6]}}}, "inside of 'a'"),
        ({"format": "fixed_width", "fixed": {"fields": {"a": [4, 1]}}}, "wanted \\[first, last\\]"),
        ({"fixed": {"fields": {"a": [1, 4]}}}, "only beside kind: landing and format: fixed_width"),
        ({"kind": "kafka", "format": "json_array"}, "`json_array` only beside kind: landing"),
        ({"time_zone": "Europe/Berlyn"}, "'Europe/Berlyn' is no time zone"),
        ({"kind": "kafka", "format": "cdc", "time_zone": "Europe/Berlin"}, "only beside kind: landing"),
    ],
)
def test_form_that_contradicts_itself_is_refused(source: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Source.model_validate({**CSV, **source})


@pytest.mark.parametrize("form", [{"delimiter": ";;"}, {"encoding": "utf8"}, {"nulls": [""]}, {"quote": "`"}])
def test_form_that_nobody_reads_is_refused(form: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Source.model_validate({**CSV, "csv": form})
