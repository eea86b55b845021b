"""`cdktf synth|diff|deploy|destroy --env <env>`: reads the environment, makes sure of it, and hands over to the real CLI."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.common import exiting
from cli.project_option import options, project_environments
from lakehouse.environments import Environment

EnvName = Annotated[
    str | None,
    typer.Option("--env", help="The environment to deploy, as lakehouse.yml names it. There is no default."),
]
Approved = Annotated[bool, typer.Option("--auto-approve", help="Do not ask, whatever the environment.")]
app = typer.Typer(
    help="The stack, made from the facts, by the real cdktf and Terraform.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.callback()(options)


@app.command("synth")
def synth(env: EnvName = None) -> None:
    """Write an environment's Terraform into cdktf.out. Needs no credentials, no network, no Node package and no Terraform."""
    typer.echo(str(made(named(env))))


@app.command("diff")
def diff(
    env: EnvName = None,
    out: Annotated[Path | None, typer.Option(help="Save the plan here, for `deploy --plan`.")] = None,
) -> None:
    """Show what a deploy would change."""
    here, stack = ready(named(env))
    if out is None:
        _by_cdktf("diff", stack, here)
    else:
        _by_terraform(stack, here, ("plan", "-input=false", "-no-color", f"-out={out.resolve()}"))


@app.command("deploy")
def deploy(
    env: EnvName = None,
    auto_approve: Approved = False,
    plan: Annotated[
        Path | None,
        typer.Option(help="Apply exactly this plan, saved by `diff --out`.", exists=True, dir_okay=False),
    ] = None,
) -> None:
    """Apply the stack. Where the environment is protected, the account, the region and the changes are shown first, and you are asked."""
    here, stack = ready(named(env))
    apply(here, stack, auto_approve=auto_approve, plan=plan)


@app.command("destroy")
def destroy(env: EnvName = None, auto_approve: Approved = False) -> None:
    """Take away everything of an environment; what is protected refuses."""
    here, stack = ready(named(env))
    if not auto_approve and here.aws.endpoint is None:
        _ask(f"Destroy everything of '{here.name}' in account {here.account}, {here.region}?")
    _by_cdktf("destroy", stack, here, "--auto-approve")


@app.command("unlock")
def unlock(
    lock_id: Annotated[str, typer.Argument(help="The ID that the refused deploy has named.")],
    env: EnvName = None,
) -> None:
    """Release the lock that a killed deploy has left on the state. Only when nobody deploys."""
    here, stack = ready(named(env))
    _by_terraform(stack, here, ("force-unlock", "-force", lock_id))


@app.command("adopt")
def adopt(
    addresses: Annotated[
        list[str],
        typer.Argument(help="Their addresses in the plan, such as aws_iam_role.role_job_silver_to_gold."),
    ],
    env: EnvName = None,
    known_as: Annotated[
        str | None,
        typer.Option(
            "--id",
            help="What Terraform imports it by, where that is not found by its name. For one address alone.",
        ),
    ] = None,
) -> None:
    """Take into the state what exists and the state does not know: what AWS was making when a deploy was killed."""
    from cli.deploy.import_ids import identities

    if known_as and len(addresses) > 1:
        raise typer.BadParameter(f"--id {known_as} is of one resource, and {len(addresses)} are named")
    here, stack = ready(named(env))
    # All are found before any is taken.
    found = {addresses[0]: known_as} if known_as else identities(stack, here, addresses)
    _by_terraform(stack, here, *[("import", "-input=false", "-no-color", *pair) for pair in found.items()])


def apply(here: Environment, stack: Path, *, auto_approve: bool, plan: Path | None = None) -> None:
    """Bring a stack that is ready to its account, asking first where the environment is protected."""
    if plan is not None:
        _by_terraform(stack, here, ("apply", "-input=false", "-no-color", str(plan.resolve())))
    else:
        if here.stack.protect and not auto_approve:
            typer.echo(f"environment {here.name}, account {here.account}, region {here.region}")
            _by_cdktf("diff", stack, here)
            _ask(f"Apply this to '{here.name}' in account {here.account}?")
        _by_cdktf("deploy", stack, here, "--auto-approve")
    from cli.deploy.deploy_target import settle

    settle(here)


def named(env: str | None) -> str:
    """The name that was given. Without one nothing is touched: there is no default world."""
    if env is None:
        raise typer.BadParameter(
            f"--env is missing; the environments are {', '.join(project_environments())}"
        )
    return env


def made(env_name: str) -> Path:
    """The folder of the stack that was synthesized, by our own synth: the facts' faults are said as they are."""
    from cli.deploy.terraform_runner import OUT
    from infra.app import synth as synthesize
    from infra.facts import read_facts

    return synthesize(read_facts(env_name), OUT)


def ready(env_name: str) -> tuple[Environment, Path]:
    """Account, state bucket, what is deployed, then the stack: what is wrong is said before anything is touched, the cheapest first."""
    from cli.deploy.account import check_account, check_state_bucket
    from cli.deploy.deploy_target import place
    from infra.build.make import build
    from lakehouse.project import project_root

    here = place(env_name)
    check_account(here)
    check_state_bucket(here)
    build(project_root())
    return here, made(env_name)


def _ask(question: str) -> None:
    if not typer.confirm(question):
        typer.echo("nothing was changed")
        raise typer.Exit(1)


def _by_cdktf(verb: str, stack: Path, here: Environment, *options: str) -> None:
    from cli.deploy.terraform_runner import by_cdktf

    by_cdktf(verb, stack, here, *options)


def _by_terraform(stack: Path, here: Environment, *commands: Sequence[str]) -> None:
    from cli.deploy.terraform_runner import by_terraform

    by_terraform(stack, here, *commands)


def main() -> None:
    exiting(app)


if __name__ == "__main__":
    main()
