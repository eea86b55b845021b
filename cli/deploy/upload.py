"""`python -m cli.deploy.upload --env ENV --release DIGEST`: Terraform runs it before it changes the jobs."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from cli.common import EnvName, exiting, live_environment
from cli.deploy.releases import describe, upload_release
from infra.build.release import KMS_KEY_VARIABLE
from lakehouse.project import project_root

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def upload(
    env: EnvName, release: Annotated[str, typer.Option(help="The digest that the stack names.")]
) -> None:
    """Upload what the artifacts bucket lacks of a release."""
    kms_key = os.environ.get(KMS_KEY_VARIABLE) or None
    typer.echo(describe(upload_release(live_environment(env), project_root(), release, kms_key)))


if __name__ == "__main__":
    exiting(app)
