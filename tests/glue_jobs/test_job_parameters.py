"""The parameters of a job, and what an argument may change of them."""

from __future__ import annotations

from datetime import date

import pytest

from glue_jobs.errors import RunError
from glue_jobs.job_parameters import job_parameters
from lakehouse.pipelines.params import Param
from tests.glue_jobs.run_harness import RUN_DATE, job

PARAMS = (
    Param("limit", "100", "int", False),
    Param("since", "{{ yesterday() }}", "date", False),
    Param("key", "{{ secret('pii') }}", "string", True),
)


def test_a_parameter_has_the_type_of_its_row_and_a_secret_no_value() -> None:
    assert job_parameters(job(params=PARAMS), RUN_DATE, "r-1", {}) == {
        "limit": 100,
        "since": date(2017, 1, 30),
        "key": None,
    }


def test_an_argument_replaces_the_value_of_the_row() -> None:
    assert job_parameters(job(params=PARAMS), RUN_DATE, "r-1", {"limit": "7"})["limit"] == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"limits": "7"}, "RUN051 job a_job has no parameter 'limits'; it has key, limit, since"),
        ({"key": "x"}, "RUN051 'key' is a secret and cannot be given as an argument"),
        ({"limit": "many"}, "RUN051 parameter limit: "),
    ],
)
def test_an_argument_that_does_not_fit_is_refused(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(RunError) as caught:
        job_parameters(job(params=PARAMS), RUN_DATE, "r-1", arguments)
    assert str(caught.value).startswith(message)
