"""Patterns of what a run may be given let pass what the facts hold, and nothing that a job would refuse."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.backfill import BackfillWindow
from lakehouse.pipelines.params import Param, ParamError, argument_pattern, check_param
from lakehouse.pipelines.rewind import RewindRequest
from lakehouse.pipelines.run_arguments import argument_patterns, param_patterns

JOBS = {job.name: job for pipeline in load_pipelines().values() for job in pipeline.jobs}
# Type → (values that a job takes, values that it refuses).
VALUES = {
    "int": (["0", "-7", "+12"], ["", "1.5", "1e3", "7 ", "٣", "0x1"]),
    "float": (["1", "-1.5", "2e-3"], ["", "1,5", ".5", "nan", "inf"]),
    "bool": (["true", "false"], ["True", "yes", ""]),
    "date": (
        ["2017-01-31", "{{ today() }}", "{{ today() - 7 }}", "{{yesterday()+1}}"],
        ["2017-1-31", "31.01.2017", "{{ secret('x') }}", "{{ today() }} "],
    ),
}


def test_values_of_the_rows_pass_their_own_patterns() -> None:
    for job in JOBS.values():
        patterns = param_patterns(job)
        for param in job.params:
            if param.secure or param.type == "tables":
                assert param.name not in patterns
            else:
                assert re.fullmatch(patterns[param.name], param.value), (job.name, param)


@pytest.mark.parametrize("kind", VALUES)
def test_pattern_agrees_with_the_check_of_the_job(kind: str) -> None:
    param = Param("p", "", kind, secure=False)
    pattern = argument_pattern(param)
    assert pattern is not None
    good, bad = VALUES[kind]
    for value in good:
        check_param(replace(param, value=value))
        assert re.fullmatch(pattern, value), value
    for value in bad:
        assert not re.fullmatch(pattern, value), value
        with pytest.raises(ParamError):
            check_param(replace(param, value=value))


def test_arguments_are_those_of_the_type_of_a_job() -> None:
    assert set(argument_patterns(JOBS["snowflake_to_bronze"])) == {"backfill", "replay", "smoke"}
    assert set(argument_patterns(JOBS["silver_to_gold"])) == {
        "force",
        "full-refresh",
        "replay",
        "rewind",
        "smoke",
    }
    assert argument_patterns(JOBS["register_glue"]) == {"smoke": "true"}
    force = argument_patterns(JOBS["dq_silver_gate"])["force"]
    assert re.fullmatch(force, "silver.orders,silver.products")
    assert not re.fullmatch(force, "silver.orders,gold.fact_sales")
    window = BackfillWindow("jan-2017", date(2017, 1, 1), date(2017, 1, 31))
    patterns = argument_patterns(JOBS["snowflake_to_bronze"])
    assert re.fullmatch(patterns["backfill"], str(window))
    table = JOBS["snowflake_to_bronze"].writes[0]
    assert re.fullmatch(patterns["replay"], f"{table}/0123456789abcdef")
    assert not re.fullmatch(patterns["replay"], "gold.fact_sales/0123456789abcdef")
    step = RewindRequest(
        "gold.dim_customer", "dim_customer-1a2b", datetime(2017, 1, 31, 9, 0, 1, 5, tzinfo=UTC)
    )
    rewind = argument_patterns(JOBS["silver_to_gold"])["rewind"]
    assert re.fullmatch(rewind, str(step))
    assert not re.fullmatch(rewind, str(step).replace("gold.dim_customer/", "silver.orders/"))
