"""The type of a column is the narrowest that holds each of its values as it is."""

from __future__ import annotations

import pytest

from cli.onboard.profile import profile


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "-20", "0"], "bigint"),
        (["007", "1"], "string"),
        (["9" * 18], "bigint"),
        (["9" * 19], "decimal(38,0)"),
        (["9" * 39], "string"),
        (["1.50", "2"], "decimal(18,2)"),
        (["123456789012345678.5"], "decimal(22,1)"),
        (["1e5", "2.5"], "double"),
        (["true", "false"], "boolean"),
        (["True"], "boolean"),
        (["yes"], "string"),
        (["2017-01-31"], "date"),
        (["2017-02-30"], "string"),
        (["2017-01-31 10:00", "2017-01-31"], "timestamp"),
        (["2017-01-31T10:00:00.123456+02:00"], "timestamp"),
        (["2017-01-31T24:00:00"], "string"),
        (["31.01.2017"], "string"),
        ([" 1"], "string"),
        (["+1"], "string"),
        (["\u0661"], "string"),
        ([None], "string"),
    ],
)
def test_type_holds_every_value(values: list[str | None], kind: str) -> None:
    assert profile("a", values).type == kind


def test_words_for_null_are_nulls_where_they_alone_keep_a_column_from_its_type() -> None:
    numbers = profile("a", ["1", "NA", None, "2"])
    assert (numbers.type, numbers.nulls, numbers.nullable) == ("bigint", ("NA",), True)
    texts = profile("a", ["x", "NA"])
    assert (texts.type, texts.nulls, texts.nullable) == ("string", (), False)


def test_types_of_json_are_believed() -> None:
    assert profile("a", ["1", "2"], frozenset({"string"})).type == "string"
    assert profile("a", ["1", "2"], frozenset({"number"})).type == "bigint"
    mixed = profile("a", ["1", "x"], frozenset({"number", "string"}))
    assert mixed.type == "string"
    assert "number and string" in mixed.doubts[0]


def test_choices_are_texts_that_come_often() -> None:
    assert profile("a", ["x", "y"] * 40).few == ("x", "y")
    assert profile("a", ["x", "y"] * 4).few == ()
