"""`python -m cli.deploy.upload --env ENV …`: Terraform runs it before it changes jobs and Airflow."""

from __future__ import annotations

import os
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cli.boundary import exiting
from cli.common import EnvName, live_environment
from cli.deploy.dag_folder import sync_dags
from cli.deploy.jars import upload_jars
from cli.deploy.releases import describe, upload_release
from infra.build.release import KMS_KEY_VARIABLE
from infra.facts import read_facts
from lakehouse.pipelines.job_jars import job_jars
from lakehouse.project import project_root

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def upload(
    env: EnvName,
    release: Annotated[str, typer.Option(help="The digest of the release that the stack names.")] = "",
    dags: Annotated[str, typer.Option(help="The digest of the DAG folder that the stack names.")] = "",
) -> None:
    """Upload what the artifacts bucket lacks of a release, or of the DAG folder."""
    target = live_environment(env)
    if target.aws.endpoint is not None:
        # Terraform reaches the embedded AWS through a proxy that knows AWS's host names only.
        os.environ |= dict.fromkeys(("NO_PROXY", "no_proxy"), urlsplit(target.aws.endpoint).hostname or "")
    kms_key = os.environ.get(KMS_KEY_VARIABLE) or None
    if release:
        facts = read_facts(env)
        jars = (jar for job in facts.jobs for jar in job_jars(job, facts.schemas, facts.env))
        for jar in upload_jars(target, jars, kms_key):
            typer.echo(f"{jar} uploaded")
        typer.echo(describe(upload_release(target, project_root(), release, kms_key)))
    if dags:
        synced = sync_dags(target, project_root(), dags, kms_key)
        typer.echo(f"{synced.files} files of DAGs: {synced.uploaded} uploaded, {synced.deleted} deleted")


if __name__ == "__main__":
    exiting(app)
