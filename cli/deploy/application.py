"""Applies a prepared stack: after a question, from a saved plan, or when it is what was reviewed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from cli.deploy.deploy_target import publish_local_secrets
from cli.deploy.plan_comparison import read_plan, require_same
from cli.deploy.terraform_runner import plan_as_json, run_terraform
from lakehouse.environments import Environment


def apply(env: Environment, stack: Path, *, auto_approve: bool, plan: Path | None = None) -> None:
    """Apply a prepared stack, or a saved plan of it. Where the environment is protected, ask first.

    After the question it applies the plan that it has shown.
    """
    if plan is not None:
        run_terraform(stack, env, ("apply", str(plan.resolve())))
    elif env.stack.protect and not auto_approve:
        typer.echo(f"environment {env.name}, account {env.account}, region {env.region}")
        with TemporaryDirectory() as folder:
            shown = Path(folder, "shown.tfplan")
            run_terraform(stack, env, ("plan", f"-out={shown}"))
            ask(f"Apply this to '{env.name}' in account {env.account}?")
            run_terraform(stack, env, ("apply", str(shown)))
    else:
        run_terraform(stack, env, ("apply", "-auto-approve"))
    publish_local_secrets(env)


def apply_reviewed(env: Environment, stack: Path, reviewed: Path) -> None:
    """Plan again and apply the new plan, when it does what the reviewed one says.

    The reviewed plan itself is only read: code of a pull request wrote it, and it could hold any change.
    Raises RunError (RUN533) when the two differ.
    """
    expected = read_plan(reviewed)
    with TemporaryDirectory() as folder:
        fresh, text = Path(folder, "fresh.tfplan"), Path(folder, "fresh.json")
        run_terraform(stack, env, ("plan", f"-out={fresh}"))
        text.write_text(plan_as_json(stack, env, fresh), encoding="utf-8")
        require_same(expected, read_plan(text))
        run_terraform(stack, env, ("apply", str(fresh)))
    publish_local_secrets(env)


def ask(question: str) -> None:
    """Asks a person; ends the command where the answer is no."""
    if not typer.confirm(question):
        typer.echo("nothing was changed")
        raise typer.Exit(1)
