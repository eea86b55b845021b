"""The idle month of what is deployed, by Terraform's state, and the month that a plan or deploy ends with."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import typer

from cli.cost.audit import recent_seconds
from cli.cost.estimate import check_budget, estimate, in_short
from cli.cost.month import month
from cli.cost.resources import Resources, idle_lines, unpriced
from infra.facts import Facts
from lakehouse.environments import Environment, names
from lakehouse.environments.prices import load_prices
from lakehouse.reading.faults import FaultsError


def deployed_idle(env: Environment) -> float | None:
    """USD of a month of what the state has; None without a state, or where it has a type without a price."""
    from botocore.exceptions import BotoCoreError, ClientError

    from glue_jobs.aws import clients

    try:
        stored = clients(env).s3.get_object(Bucket=names.state_bucket(env), Key="stack.tfstate")
        resources = resources_of(json.loads(stored["Body"].read()))
    except (BotoCoreError, ClientError, ValueError):
        return None
    if not resources or unpriced(resources):
        return None
    return month(idle_lines(resources, load_prices())).usd()


def resources_of(state: dict[str, Any]) -> Resources:
    """The managed resources of a Terraform state, as its JSON configuration has them."""
    resources: Resources = defaultdict(dict)
    for resource in state.get("resources", []):
        instances = resource.get("instances", []) if resource.get("mode") == "managed" else []
        for number, instance in enumerate(instances):
            name = f"{resource['name']}_{number}" if number else resource["name"]
            resources[resource["type"]][name] = instance["attributes"]
    return dict(resources)


def show_month(facts: Facts, target: Environment, stack: Path, deployed: float | None) -> None:
    """Prints the month of a stack, the difference to what is deployed, and whether the budget holds it."""
    seconds, _ = recent_seconds(target)
    costs = estimate(facts, stack, seconds)
    typer.echo(in_short(costs, deployed))
    try:
        check_budget(facts, costs)
    except FaultsError as error:
        # A budget notifies; it stops nothing. `lakehouse cost` ends with this fault.
        typer.echo(str(error), err=True)
