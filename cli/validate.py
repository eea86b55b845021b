"""`lakehouse validate`: every fact of a tree, all faults at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.common import Json
from environments.prices import read_prices
from environments.reader import NAMES, read_environment
from facts.check import tree_root
from facts.faults import Collector
from lakeformation.reader import read_policy
from pipelines.origin import check_origins
from pipelines.reader import read_pipelines
from pipelines.tables import check_tables
from schemas.reader import read_schemas, stated_tables

Root = Annotated[
    Path | None,
    typer.Option("--root", help="The folder with environments/, schemas/, pipelines/ and lakeformation/; this project's by default."),
]


def validate(root: Root = None, as_json: Json = False) -> None:
    """Read every environment, contract, suite, pipeline and grant, and list all that is wrong.

    Exit code 0 when all is sound, 2 when anything is not. Each fault has file, line, column, a code with a page in
    docs/errors, the shape that is wanted and the nearest valid name.
    """
    faults = Collector((root or tree_root()).resolve())
    for name in NAMES:
        read_environment(name, faults)
    read_prices(faults)
    schemas = read_schemas(faults)
    pipelines = read_pipelines(faults)
    jobs = [j for p in pipelines.values() for j in p.jobs]
    check_tables(jobs, set(stated_tables(faults.root)), faults)
    check_origins(jobs, schemas.contracts, faults)
    policy = read_policy(faults, schemas)
    # Four environments share one base.yml: what is wrong there is said once.
    found = sorted(set(faults.faults))
    if as_json:
        typer.echo(json.dumps([f.as_dict() for f in found], ensure_ascii=False))
    for fault in [] if as_json else found:
        typer.echo(str(fault), err=True)
    if found:
        raise typer.Exit(2)
    if not as_json:
        tables = f"{len(schemas.contracts)} contracts, {len(schemas.suites)} suites"
        roles = f"{len(policy.roles) if policy else 0} roles"
        typer.echo(f"sound: {len(NAMES)} environments, {tables}, {len(pipelines)} pipelines, {len(jobs)} jobs, {roles}")
