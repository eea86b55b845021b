"""The release that an account's Glue jobs run, and the objects of all releases in its bucket."""

from __future__ import annotations

from typing import Any

from glue_jobs.bundle import fetch_project
from glue_jobs.s3 import S3Uri, list_keys
from lakehouse.environments import names
from lakehouse.environments.names import Zone
from lakehouse.environments.prefixes import CODE
from tests.infra.deployment import Deployment

PREFIXES = tuple(f"{CODE}/{part}/" for part in ("engine", "bundle", "releases"))


def job_definitions(target: Deployment) -> dict[str, tuple[dict[str, str], dict[str, Any]]]:
    """Glue job → its arguments and its command."""
    jobs = target.client("glue").get_jobs()["Jobs"]
    return {job["Name"]: (job["DefaultArguments"], job["Command"]) for job in jobs}


def release_objects(target: Deployment) -> dict[str, str]:
    """Key → version mark of every engine, bundle and manifest in the artifacts bucket."""
    bucket, s3 = names.bucket(target.env, Zone.ARTIFACTS), target.client("s3")
    keys = [key for prefix in PREFIXES for key in list_keys(s3, S3Uri(bucket, prefix))]
    return {key: s3.head_object(Bucket=bucket, Key=key)["ETag"] for key in keys}


def deployed_text(target: Deployment, path: str) -> str:
    """A file of the project as each deployed job unpacks it; all jobs name the same bundle."""
    arguments = {(named["--bundle"], named["--release"]) for named, _ in job_definitions(target).values()}
    ((bundle, release),) = arguments
    return (fetch_project(target.client("s3"), bundle, release) / path).read_text()
