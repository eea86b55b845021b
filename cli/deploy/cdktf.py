"""`cdktf synth|diff|deploy|destroy --env <env>`: synthesizes an environment's stack and runs Terraform on it.

Imports are inside the commands where they load AWS, cdktf or Terraform's modules: `cdktf --help` stays fast.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from cli.boundary import exiting, with_whole_help
from cli.project_option import options, project_environments

EnvName = Annotated[
    str | None,
    typer.Option("--env", help="The environment to deploy, as lakehouse.yml names it. There is no default."),
]
Approved = Annotated[bool, typer.Option("--auto-approve", help="Do not ask, whatever the environment.")]
SavedPlan = Annotated[
    Path | None,
    typer.Option(help="Apply exactly this plan, saved by `diff --out`.", exists=True, dir_okay=False),
]
ReviewedPlan = Annotated[
    Path | None,
    typer.Option(
        help="Plan again, and apply only what does the same as this plan, saved by `diff --json`.",
        exists=True,
        dir_okay=False,
    ),
]
app = typer.Typer(
    help="The stack, synthesized from the facts by cdktf and applied by Terraform.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.callback()(options)


@app.command("synth")
def synth(env: EnvName = None) -> None:
    """Write an environment's Terraform into cdktf.out. Needs no credentials, no network and no Terraform."""
    from cli.deploy.preparation import synthesized

    typer.echo(str(synthesized(require_env(env))))


@app.command("diff")
def diff(
    env: EnvName = None,
    out: Annotated[Path | None, typer.Option(help="Save the plan here, for `deploy --plan`.")] = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", help="Save it here as JSON, too, for `deploy --reviewed`.")
    ] = None,
) -> None:
    """Show what a deploy would change, and what a month would cost."""
    from cli.cost.deployed import deployed_idle, show_month
    from cli.deploy.preparation import prepared
    from cli.deploy.terraform_runner import plan_as_json, run_terraform
    from infra.facts import read_facts

    target, stack = prepared(require_env(env), changes=False)
    with TemporaryDirectory() as folder:
        plan = out.resolve() if out else Path(folder, "shown.tfplan")
        run_terraform(stack, target, ("plan", f"-out={plan}"), whole=True)
        if as_json:
            as_json.write_text(plan_as_json(stack, target, plan), encoding="utf-8")
    show_month(read_facts(target.name), target, stack, deployed_idle(target))


@app.command("deploy")
def deploy(
    env: EnvName = None,
    auto_approve: Approved = False,
    plan: SavedPlan = None,
    reviewed: ReviewedPlan = None,
) -> None:
    """Apply the stack.

    Where the environment is protected, shows account, region and changes first, and asks; not with
    `--reviewed`, which is what people have said yes to.
    """
    from cli.deploy.application import apply, apply_reviewed
    from cli.deploy.preparation import prepared

    if plan and reviewed:
        raise typer.BadParameter("--plan applies a saved plan, --reviewed makes it again; give one")
    target, stack = prepared(require_env(env))
    if reviewed:
        apply_reviewed(target, stack, reviewed)
        return
    apply(target, stack, auto_approve=auto_approve, plan=plan)


@app.command("destroy")
def destroy(env: EnvName = None, auto_approve: Approved = False) -> None:
    """Take away everything of an environment; what is protected refuses."""
    from cli.deploy.application import ask
    from cli.deploy.preparation import prepared
    from cli.deploy.terraform_runner import run_terraform

    target, stack = prepared(require_env(env))
    if not auto_approve and target.aws.endpoint is None:
        ask(f"Destroy everything of '{target.name}' in account {target.account}, {target.region}?")
    run_terraform(stack, target, ("destroy", "-auto-approve"))


@app.command("unlock")
def unlock(
    lock_id: Annotated[str, typer.Argument(help="The ID that the refused deploy has named.")],
    env: EnvName = None,
) -> None:
    """Release the lock that a killed deploy has left on the state. Only when no deploy is running."""
    from cli.deploy.preparation import prepared
    from cli.deploy.terraform_runner import run_terraform

    target, stack = prepared(require_env(env))
    run_terraform(stack, target, ("force-unlock", "-force", lock_id))


@app.command("adopt")
def adopt(
    addresses: Annotated[
        list[str],
        typer.Argument(help="Their addresses in the plan, such as aws_iam_role.role_job_silver_to_gold."),
    ],
    env: EnvName = None,
    import_id: Annotated[
        str | None,
        typer.Option(
            "--id",
            help="What Terraform imports it by, where that is not found by its name. For one address alone.",
        ),
    ] = None,
) -> None:
    """Take into the state what exists and it does not know: what AWS was making when a deploy was killed."""
    from cli.deploy.import_ids import import_ids
    from cli.deploy.preparation import prepared
    from cli.deploy.terraform_runner import run_terraform

    if import_id and len(addresses) > 1:
        raise typer.BadParameter(f"--id {import_id} is of one resource, and {len(addresses)} are named")
    target, stack = prepared(require_env(env))
    # All ids are known before the first import: a wrong address changes nothing.
    ids = {addresses[0]: import_id} if import_id else import_ids(stack, target, addresses)
    run_terraform(stack, target, *[("import", address, known_id) for address, known_id in ids.items()])


def require_env(env: str | None) -> str:
    """The name of the environment that was given.

    Raises typer.BadParameter without one: there is no default.
    """
    if env is None:
        raise typer.BadParameter(
            f"--env is missing; the environments are {', '.join(project_environments())}"
        )
    return env


with_whole_help(app)


def main() -> None:
    exiting(app)


if __name__ == "__main__":
    main()
