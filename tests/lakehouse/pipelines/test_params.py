"""Parameters: a closed grammar, evaluated from the run's logical date and by nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.pipelines.params import Param, ParamError, check_param, evaluate

DAY = date(2017, 3, 1)


def value(text: str, kind: str, *, day: date = DAY) -> Any:
    return evaluate(Param("p", text, kind, False), run_date=day, run_id="r-1", job_name="a_job")


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("{{ today() }}", "date", date(2017, 3, 1)),
        ("{{today()}}", "date", date(2017, 3, 1)),
        ("{{ today() - 7 }}", "date", date(2017, 2, 22)),
        ("{{ today()+1 }}", "date", date(2017, 3, 2)),
        ("{{ yesterday() }}", "date", date(2017, 2, 28)),
        ("{{ yesterday() - 1 }}", "date", date(2017, 2, 27)),
        ("{{ run_id() }}", "string", "r-1"),
        ("{{ job_name }}", "string", "a_job"),
        ("{{ secret('api_key') }}", "string", None),
        ("2017-01-31", "date", date(2017, 1, 31)),
        ("-30", "int", -30),
        ("1.5e3", "float", 1500.0),
        ("true", "bool", True),
        ("false", "bool", False),
        ("", "string", ""),
        ("it's; DROP TABLE x --", "string", "it's; DROP TABLE x --"),
        ("silver.orders, gold.dim_date", "tables", ("silver.orders", "gold.dim_date")),
    ],
)
def test_a_value_is_typed(text: str, kind: str, expected: Any) -> None:
    evaluated = value(text, kind)
    assert (evaluated, type(evaluated)) == (expected, type(expected))


@pytest.mark.parametrize(
    "text",
    [
        "{{ __import__('os').system('id') }}",
        "{{ today().__class__ }}",
        "{{ today() - today() }}",
        "{{ today() ** 9 }}",
        "{{ today() - 99999 }}",
        "{{ today() }} {{ today() }}",
        "x{{ run_id() }}",
        "{{ run_id() }}\n{{ run_id() }}",
        "{{ run_id }}",
        "{{ job_name() }}",
        '{{ secret("api_key") }}',
        "{{ secret('api_key'",
        "{{ secret('../prod/api_key') }}",
        "{{ secret('a') + secret('b') }}",
        "{{ secret('a') - 7 }}",
        "{{ run_id() - 7 }}",
        "{{ env('HOME') }}",
        "{% raw %}{{ x }}",
        "{{}}",
        "today() }}",
    ],
)
@pytest.mark.parametrize("kind", ["string", "date"])
def test_what_the_grammar_does_not_know_is_refused_and_not_taken_for_text(text: str, kind: str) -> None:
    with pytest.raises(ParamError) as error:
        value(text, kind)
    assert "today()" in error.value.wanted or "param_type" in error.value.wanted


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("thirty", "int", "a whole number"),
        ("1.0", "int", "a whole number"),
        ("٣", "int", "a whole number"),
        ("1" * 19, "int", "a whole number"),
        ("", "int", "a whole number"),
        ("nan", "float", "a number"),
        ("1e999", "float", "a number that a double holds"),
        ("True", "bool", "true or false"),
        ("true\n", "bool", "true or false"),
        ("5\n", "int", "a whole number"),
        ("1.5\n", "float", "a number"),
        ("2017-01-31\n", "date", "YYYY-MM-DD"),
        ("31.01.2017", "date", "YYYY-MM-DD"),
        ("20170131", "date", "YYYY-MM-DD"),
        ("2017-W05-2", "date", "YYYY-MM-DD"),
        ("2017-02-30", "date", "YYYY-MM-DD"),
        ("{{ today() }}", "string", "param_type date"),
        ("{{ today() }}", "int", "param_type date"),
        ("{{ run_id() }}", "date", "param_type string"),
        ("{{ secret('k') }}", "int", "param_type string"),
        ("orders", "tables", "<layer>.<table>, several parted by commas"),
        ("silver.orders,", "tables", "<layer>.<table>, several parted by commas"),
        ("platinum.orders", "tables", "<layer>.<table>, several parted by commas"),
        ("silver.a;DROP", "tables", "<layer>.<table>, several parted by commas"),
        ("silver.a, silver.a", "tables", "each table once"),
    ],
)
def test_a_value_of_another_type_is_refused_with_the_shape_it_wanted(
    text: str, kind: str, expected: str
) -> None:
    with pytest.raises(ParamError) as error:
        value(text, kind)
    assert error.value.wanted == expected


def test_a_day_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(ParamError, match="beyond the calendar"):
        value("{{ today() + 1 }}", "date", day=date.max)


@pytest.mark.parametrize("kind", ["string", "int", "tables"])
def test_a_secret_in_the_clear_is_refused_and_not_quoted(kind: str) -> None:
    with pytest.raises(ParamError) as error:
        check_param(Param("api_key", "hunter2-insecure", kind, True))
    assert "hunter2" not in f"{error.value} {error.value.wanted}"
    assert error.value.code == "LK307"


def test_a_secret_that_is_not_marked_secure_is_refused() -> None:
    with pytest.raises(ParamError, match="not marked secure"):
        check_param(Param("api_key", "{{ secret('api_key') }}", "string", False))


@pytest.mark.parametrize(("name", "kind"), [("reads", "string"), ("read", "tables"), ("tables", "tables")])
def test_tables_that_the_graph_would_not_see_are_refused(name: str, kind: str) -> None:
    with pytest.raises(ParamError, match="is of type"):
        check_param(Param(name, "silver.orders", kind, False))


@given(
    st.text(alphabet="{} ()'+-_today0123secrtunjb.\n", max_size=40),
    st.sampled_from(["string", "int", "float", "bool", "date", "tables"]),
)
def test_any_text_is_a_value_of_its_type_or_refused(text: str, kind: str) -> None:
    kinds = {"string": str, "int": int, "float": float, "bool": bool, "date": date, "tables": tuple}
    try:
        evaluated = value(text, kind)
    except ParamError:
        return
    assert evaluated is None or isinstance(evaluated, kinds[kind])
    if evaluated is None:
        assert text.startswith("{{")
        assert "secret('" in text
