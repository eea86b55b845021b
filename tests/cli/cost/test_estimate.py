"""The month of a stack, and the budget that holds it or not."""

from __future__ import annotations

import pytest

from cli.cost.estimate import check_budget, in_short
from cli.cost.month import CostLine, Group, month
from infra.facts import read_facts
from lakehouse.reading.faults import FaultsError


def _month(usd: float) -> list[CostLine]:
    return [
        CostLine(Group.STREAMS, "aws_glue_job", "traffic", 1, "DPU-hour", usd),
        CostLine(Group.IDLE, "aws_kms_key", "raw", 1, "month", 1.0),
    ]


def test_a_month_that_is_dearer_than_its_budget_is_a_fault_with_its_parts() -> None:
    with pytest.raises(FaultsError, match=r"environments/dev\.yml.*LK530 .*501 USD \(idle 1, .* 500\)"):
        check_budget(read_facts("dev"), month(_month(500)))


def test_a_month_of_the_whole_budget_is_sound() -> None:
    check_budget(read_facts("dev"), month(_month(499)))


def test_the_month_in_a_line_names_the_difference_to_what_is_deployed() -> None:
    costs = month(_month(99))
    assert in_short(costs) == "a month costs 100.00 USD: idle 1.00, schedule 0.00, streams 99.00"
    assert in_short(costs, deployed_idle=3.5).endswith("; idle -2.50 to what is deployed")
