"""What a template takes from the project: the table or the topic that the new pipeline reads, its owner, the
environments and an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from cli.pipeline.table_answers import table_answers
from cli.pipeline.topic_answers import topic_answers
from lakehouse.contracts.reader import read_schemas
from lakehouse.environments.reader import read_environment
from lakehouse.project import Project
from lakehouse.reading.faults import Collector

EXAMPLE_ADDRESS = "team@example.com"
Answers = Mapping[str, Any]


def extra_answers(
    root: Path, name: str, kind: str, reads: str | None = None, topic: str | None = None
) -> dict[str, Any]:
    """The answers of a template beside `name` and `kind`.

    `reads` is for the kinds that read a table, `topic` for `streaming`. Raises BadParameter for a table or a
    topic that cannot be read, and for an option of another kind.
    """
    contracts = read_schemas(Collector(root)).contracts
    if kind == "streaming":
        if reads:
            raise typer.BadParameter("--reads names a table; --kind streaming reads a topic: --topic")
        answers = topic_answers(root, contracts, name, topic)
    else:
        if topic:
            raise typer.BadParameter(f"--topic is for --kind streaming; --kind {kind} reads a table: --reads")
        answers = table_answers(root, contracts, kind, reads)
    environments = list(Project(root).settings.environments)
    return {**answers, "environments": environments, "address": alert_address(root, environments)}


def alert_address(root: Path, environments: list[str]) -> str:
    """The first address that an environment sends alerts to."""
    for name in environments:
        environment = read_environment(name, Collector(root))
        if environment and environment.stack and environment.stack.alerts.emails:
            return environment.stack.alerts.emails[0]
    return EXAMPLE_ADDRESS
