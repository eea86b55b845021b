"""The month of an environment from its synthesized stack, and whether its budget holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.cost.month import Group, Month, month
from cli.cost.resources import idle_lines
from cli.cost.schedule import execution_lines, run_lines
from infra.facts import Facts
from lakehouse.environments.prices import load_prices
from lakehouse.reading.faults import Collector


def estimate(facts: Facts, stack: Path, seconds: Mapping[str, float]) -> Month:
    """The month of the stack in the folder `stack`. `seconds` of a run by job, where they are measured."""
    content: dict[str, Any] = json.loads((stack / "cdk.tf.json").read_text(encoding="utf-8"))
    resources, prices = content["resource"], load_prices(facts.root)
    runs = run_lines(facts, resources.get("aws_glue_job", {}), prices, seconds)
    executions = execution_lines(facts, resources.get("aws_sfn_state_machine", {}), prices)
    return month([*idle_lines(resources, prices), *runs, *executions])


def check_budget(facts: Facts, costs: Month) -> None:
    """Raises FaultsError (LK530) when the month is dearer than the environment's budget."""
    budget = facts.env.stack.budget.monthly_usd
    if costs.usd() <= budget:
        return
    faults = Collector(facts.root)
    parts = ", ".join(f"{group} {costs.usd(group):,.0f}" for group in Group)
    faults.add(
        "LK530",
        f"the month of {facts.env.name} costs {costs.usd():,.0f} USD ({parts})",
        file=facts.root / "environments" / f"{facts.env.name}.yml",
        wanted=f"at most its budget of {budget:,} USD",
        value=f"{costs.usd():.0f}",
    )
    faults.raise_if_any()


def in_short(costs: Month, deployed_idle: float | None = None) -> str:
    """The month in a line. `deployed_idle`: the idle month of what is deployed now, in USD."""
    parts = ", ".join(f"{group} {costs.usd(group):,.2f}" for group in Group)
    text = f"a month costs {costs.usd():,.2f} USD: {parts}"
    if deployed_idle is None:
        return text
    return f"{text}; idle {costs.usd(Group.IDLE) - deployed_idle:+,.2f} to what is deployed"
