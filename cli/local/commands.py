"""`lakehouse local …` and `lakehouse sample …`: the embedded AWS, and what its source systems hold."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.common import EnvName, Json, day_option, environment, live_environment, print_rows
from lakehouse.project import Project

local = typer.Typer(help="The embedded AWS and source systems of this machine.", no_args_is_help=True)
sample = typer.Typer(
    help="The project's sample data, for the source systems of the local platform.", no_args_is_help=True
)


@local.command("up")
def up(
    idle_minutes: Annotated[int, typer.Option(help="End by itself after so long without a request.")] = 240,
    state: Annotated[
        Path | None,
        typer.Option(help="Keep buckets, catalog and tables in this folder, from one start to the next."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Start the local platform on this machine, on free ports.

    It has S3, Glue, DynamoDB, Secrets Manager …, Snowflake, Redshift and Kafka, and runs until `lakehouse
    local down`. Its data is in memory and lost when it ends; with --state the lake is kept, and the source
    systems start empty.
    """
    from local_aws.local_platform import LocalPlatform

    platform = LocalPlatform.start(
        environment("local"), detached=True, idle_seconds=idle_minutes * 60, state=state
    )
    if as_json:
        typer.echo(json.dumps({"ports": platform.ports, "was_up": platform.was_up}))
        return
    typer.echo("the local platform was up already" if platform.was_up else "the local platform is up")
    print_rows(
        "services", ["service", "port"], sorted([n, str(p)] for n, p in platform.ports.items()), as_json=False
    )


@local.command("down")
def down() -> None:
    """Stop the local platform, and processes that a crash has left."""
    from local_aws.local_platform import down as end

    typer.echo("the local platform is down" if end() else "the local platform was not up")


@local.command("status")
def status(as_json: Json = False) -> None:
    """Is it up, on which ports, and does every service live? Exit code 1 when it is not up."""
    from local_aws.local_platform import status as look

    state = look()
    if as_json:
        typer.echo(
            json.dumps({"up": state.up, "ports": state.ports, "dead": state.dead, "since": state.since})
        )
    elif state.up:
        rows = [
            [name, str(port), "ended" if name in state.dead else "alive"]
            for name, port in sorted(state.ports.items())
        ]
        print_rows(f"up since {state.since}. {state.note}", ["service", "port", "state"], rows, as_json=False)
    else:
        typer.echo("the local platform is not up; start it with `lakehouse local up`")
    if not state.up:
        raise typer.Exit(1)


@local.command("inbox")
def inbox(
    last: Annotated[int, typer.Option(min=1, help="So many of the newest messages.")] = 10,
    as_json: Json = False,
) -> None:
    """The messages that SNS and Slack would have sent to people, the newest last."""
    from dataclasses import asdict

    from local_aws.inbox import inbox_file, mails
    from local_aws.local_platform import status as look

    newest = list(mails(inbox_file(look().workdir / "data")))[-last:]
    if as_json:
        typer.echo(json.dumps([asdict(mail) for mail in newest]))
        return
    for mail in newest:
        typer.echo(f"{mail.time}  to {mail.to or 'nobody: the topic has no reader'}  ({mail.topic})")
        typer.echo(f"{mail.subject}\n{mail.text}\n")
    if not newest:
        typer.echo("the inbox is empty")


@local.command("rights")
def rights(
    role: Annotated[str | None, typer.Option(help="Only the role of this name, with its statements.")] = None,
    as_json: Json = False,
) -> None:
    """Which granted actions the roles of jobs and functions have used since the world is up.

    With --role or --json also the actions that no call has used, by statement, and what IAM has refused.
    Exit code 2 for a role that has not called.
    """
    from dataclasses import asdict

    from cli.deploy.deploy_target import workdir_of
    from cli.local.rights import used_rights

    env = live_environment("local")
    used = [r for r in used_rights(env, workdir_of(env)) if role in (None, r.role)]
    if role is not None and not used:
        raise typer.BadParameter(f"role '{role}' has not called AWS since the local world is up")
    if as_json:
        typer.echo(json.dumps([{**asdict(r), "used": r.used} for r in used]))
        return
    rows = [[r.role, r.granted, r.used, len(r.refused)] for r in used]
    columns = ["role", "granted", "used", "refused"]
    print_rows("actions of roles", columns, rows, as_json=False, right=columns[1:])
    for r in used if role is not None else ():
        for statement, actions in r.unused.items():
            typer.echo(f"not used: {statement}: {', '.join(actions)}")
        for message in r.refused:
            typer.echo(f"refused: {message}")


@sample.command("load")
def load(
    env: EnvName,
    start: Annotated[datetime, day_option("--from", help="First day, such as 2017-01-01.")],
    end: Annotated[datetime, day_option("--to", help="Last day, such as 2017-01-31.")],
    dirt: Annotated[
        float, typer.Option(min=0, max=1, help="Add this share of broken and doubled rows of each kind.")
    ] = 0.0,
    seed: Annotated[
        int | None,
        typer.Option(help="The seed of everything that is made up; the project has one of its own."),
    ] = None,
    of: Annotated[
        list[str] | None,
        typer.Option(
            help="A set of the project's sample data; may be given again. Without it: the first set."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Fill the source systems of the local platform with the sample data of the project, for a range of days.

    A range that is loaded twice is there once; ranges add up. The project's folder `sample_data` holds the
    loader.
    """
    from dataclasses import asdict

    from cli.local.project_sample import load_project_sample, sample_data_of

    project = Project.find()
    sample_data_of(project)
    days = (start.date(), end.date())
    summary = load_project_sample(project, live_environment(env), days, dirt, seed=seed, sets=of)
    if as_json:
        typer.echo(json.dumps(asdict(summary), default=str))
        return
    by_source = [[source, rows] for source, rows in summary.rows.items()]
    print_rows("source rows", ["source", "rows"], by_source, as_json=False, right=["rows"])
    if summary.dirt:
        rows = [[*asdict(d).values()] for d in summary.dirt]
        print_rows("dirt", list(asdict(summary.dirt[0])), rows, as_json=False)
