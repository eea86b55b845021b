"""`lakehouse cost`: the month of an environment before it is paid."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from cli.common import EnvName, Json, print_rows
from cli.cost.month import Group

if TYPE_CHECKING:
    from cli.cost.month import Month

COLUMNS = ("group", "type", "name", "quantity", "unit", "unit_usd", "usd", "basis")


def cost(env: EnvName, as_json: Json = False) -> None:
    """What a month of an environment costs: idle, its schedule, its streams; line by line, in USD.

    The resources are those of the synthesized stack, the prices those of environments/prices.yml, the seconds
    of a run those of the audit, where it can be read. Exit code 2 (LK530) when the budget does not hold it.
    """
    from cli.cost.audit import recent_seconds
    from cli.cost.estimate import check_budget, estimate, in_short
    from infra.app import synth
    from infra.facts import read_facts

    facts = read_facts(env)
    seconds, reason = recent_seconds(facts.env)
    with TemporaryDirectory() as folder:
        costs = estimate(facts, synth(facts, Path(folder)), seconds)
    rows = _rows(costs)
    if as_json:
        totals = {str(group): round(costs.usd(group), 2) for group in Group} | {
            "total": round(costs.usd(), 2)
        }
        lines = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        budget = facts.env.stack.budget.monthly_usd
        typer.echo(json.dumps({"env": env, "budget_usd": budget, "usd": totals, "lines": lines}))
    else:
        numbers = ("quantity", "unit_usd", "usd")
        print_rows(f"a month of {env}", COLUMNS, rows, as_json=False, right=numbers)
        if reason:
            typer.echo(f"seconds of runs are assumed: {reason}")
        typer.echo(in_short(costs))
    check_budget(facts, costs)


def _rows(costs: Month) -> list[tuple[object, ...]]:
    return [
        (
            str(each.group),
            each.resource_type,
            each.name,
            round(each.quantity, 3),
            each.unit,
            each.unit_usd,
            round(each.usd, 4),
            each.basis,
        )
        for each in costs.lines
        if each.usd
    ]
