"""`lakehouse validate`: every fact of a tree, all faults at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer

from cli.common import Json
from cli.project.deep import deepened, spark_is_missing
from cli.project.tree import read_tree
from glue_jobs.errors import RunError
from lakehouse.project import project_root
from lakehouse.reading.faults import Fault

Deep = Annotated[
    bool,
    typer.Option(
        "--deep",
        help="Ask Spark and Java, too: it analyses each query, and calls each function on empty tables.",
    ),
]


def validate(as_json: Json = False, deep: Deep = False) -> None:
    """Read every environment, contract, suite, pipeline and grant, and list all that is wrong.

    Exit code 0 when all is sound, 2 when anything is not. Each fault has file, line, column, a code with a
    page in docs/errors, the shape that is wanted and the nearest valid name.
    """
    tree = read_tree(project_root())
    if deep:
        missing = spark_is_missing()
        if missing:
            raise RunError(f"--deep needs Spark on this machine: {missing}", code="RUN061")
        tree = deepened(tree)
    tell(tree.faults, as_json=as_json)
    if not as_json:
        tables = f"{len(tree.schemas.contracts)} contracts, {len(tree.schemas.suites)} suites"
        roles = f"{len(tree.policy.roles) if tree.policy else 0} roles"
        typer.echo(
            f"sound: {len(tree.environments)} environments, {tables}, "
            f"{len(tree.pipelines)} pipelines, {len(tree.jobs)} jobs, {roles}"
            f"{'; analysed by Spark' if deep else ''}"
        )


def tell(faults: Sequence[Fault], *, as_json: bool) -> None:
    """A list for machines on stdout, lines for people on stderr. Exits with 2 when there are any."""
    if as_json:
        typer.echo(json.dumps([f.as_dict() for f in faults], ensure_ascii=False))
    for fault in [] if as_json else faults:
        typer.echo(str(fault), err=True)
    if faults:
        raise typer.Exit(2)
