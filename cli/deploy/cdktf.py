"""`cdktf synth|diff|deploy|destroy --env <env>`: synthesizes an environment's stack and runs Terraform on it.

Imports are inside the commands where they load AWS, cdktf or Terraform's modules: `cdktf --help` stays fast.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from cli.common import exiting
from cli.project_option import options, project_environments
from lakehouse.environments import Environment
from lakehouse.release import Release

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
    from cli.deploy.terraform_runner import plan_as_json, run_terraform
    from infra.facts import read_facts

    target, stack = prepared(require_env(env), changes=False)
    with TemporaryDirectory() as folder:
        plan = out.resolve() if out else Path(folder, "shown.tfplan")
        run_terraform(stack, target, ("plan", f"-out={plan}"))
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
    from cli.deploy.terraform_runner import run_terraform

    target, stack = prepared(require_env(env))
    if not auto_approve and target.aws.endpoint is None:
        _ask(f"Destroy everything of '{target.name}' in account {target.account}, {target.region}?")
    run_terraform(stack, target, ("destroy", "-auto-approve"))


@app.command("unlock")
def unlock(
    lock_id: Annotated[str, typer.Argument(help="The ID that the refused deploy has named.")],
    env: EnvName = None,
) -> None:
    """Release the lock that a killed deploy has left on the state. Only when no deploy is running."""
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
    from cli.deploy.terraform_runner import run_terraform

    if import_id and len(addresses) > 1:
        raise typer.BadParameter(f"--id {import_id} is of one resource, and {len(addresses)} are named")
    target, stack = prepared(require_env(env))
    # All ids are known before the first import: a wrong address changes nothing.
    ids = {addresses[0]: import_id} if import_id else import_ids(stack, target, addresses)
    run_terraform(stack, target, *[("import", address, known_id) for address, known_id in ids.items()])


def apply(env: Environment, stack: Path, *, auto_approve: bool, plan: Path | None = None) -> None:
    """Apply a prepared stack, or a saved plan of it. Where the environment is protected, ask first.

    After the question it applies the plan that it has shown.
    """
    from cli.deploy.deploy_target import publish_local_secrets
    from cli.deploy.terraform_runner import run_terraform

    if plan is not None:
        run_terraform(stack, env, ("apply", str(plan.resolve())))
    elif env.stack.protect and not auto_approve:
        typer.echo(f"environment {env.name}, account {env.account}, region {env.region}")
        with TemporaryDirectory() as folder:
            shown = Path(folder, "shown.tfplan")
            run_terraform(stack, env, ("plan", f"-out={shown}"))
            _ask(f"Apply this to '{env.name}' in account {env.account}?")
            run_terraform(stack, env, ("apply", str(shown)))
    else:
        run_terraform(stack, env, ("apply", "-auto-approve"))
    publish_local_secrets(env)


def apply_reviewed(env: Environment, stack: Path, reviewed: Path) -> None:
    """Plan again and apply the new plan, when it does what the reviewed one says.

    The reviewed plan itself is only read: code of a pull request wrote it, and it could hold any change.
    Raises RunError (RUN533) when the two differ.
    """
    from cli.deploy.deploy_target import publish_local_secrets
    from cli.deploy.plan_comparison import read_plan, require_same
    from cli.deploy.terraform_runner import plan_as_json, run_terraform

    expected = read_plan(reviewed)
    with TemporaryDirectory() as folder:
        fresh, text = Path(folder, "fresh.tfplan"), Path(folder, "fresh.json")
        run_terraform(stack, env, ("plan", f"-out={fresh}"))
        text.write_text(plan_as_json(stack, env, fresh), encoding="utf-8")
        require_same(expected, read_plan(text))
        run_terraform(stack, env, ("apply", str(fresh)))
    publish_local_secrets(env)


def require_env(env: str | None) -> str:
    """The name of the environment that was given.

    Raises typer.BadParameter without one: there is no default.
    """
    if env is None:
        raise typer.BadParameter(
            f"--env is missing; the environments are {', '.join(project_environments())}"
        )
    return env


def synthesized(env_name: str, release: Release | None = None) -> Path:
    """The folder of the synthesized stack, whose jobs run `release` (default: that of the working tree).

    Raises FaultsError with everything that is wrong with the facts.
    """
    from infra.app import synth as synthesize
    from infra.facts import read_facts
    from lakehouse.project import Project

    return synthesize(replace(read_facts(env_name), release=release), Project.find().synthesized)


def prepared(
    env_name: str, artifacts: str | None = None, *, changes: bool = True
) -> tuple[Environment, Path]:
    """The environment and the folder of its stack: account and bucket checked, artifacts built, synthesized.

    The cheapest check comes first, and nothing in the account is touched. `artifacts`: the digest of an
    older release, whose engine and bundle jobs run; they are not built. `changes`: the stack is to be
    changed, which the deployer's role alone may. Raises RunError (RUN512) when there is no such release, and
    (RUN532) for another role.
    """
    from cli.deploy.account import check_account, check_deployer
    from cli.deploy.deploy_target import resolve
    from cli.deploy.releases import find_release
    from cli.deploy.state_bucket import check_state_bucket
    from infra.build.make import build
    from lakehouse.project import project_root

    target = resolve(env_name)
    caller = check_account(target)
    check_state_bucket(target)
    if changes:
        check_deployer(target, caller)
    release = find_release(target, artifacts) if artifacts is not None else None
    build(project_root(), with_release=release is None)
    return target, synthesized(env_name, release)


def _ask(question: str) -> None:
    if not typer.confirm(question):
        typer.echo("nothing was changed")
        raise typer.Exit(1)


def main() -> None:
    exiting(app)


if __name__ == "__main__":
    main()
