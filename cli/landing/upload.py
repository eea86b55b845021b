"""Uploads files to the folder of their source and day."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import typer
from botocore.exceptions import ClientError

from cli.deploy.account import check_account
from cli.landing.form import check_form
from cli.landing.sources import landing_source
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri
from lakehouse.environments import Environment, names

NEW, REPLACED, UNCHANGED = "new", "replaced", "unchanged: no run reads it again"


@dataclass(frozen=True)
class Upload:
    """One file in the landing zone, and the job that reads it. `size`: in bytes."""

    uri: str
    size: int
    outcome: str
    job: str


def put_files(env: Environment, files: Sequence[Path], source: str, day: date) -> list[Upload]:
    """Uploads every file, after all of them were checked.

    Raises FormError (RUN634, RUN102) for a file that the source would not take, BadParameter
    for two files of one name, RunError (RUN501, RUN502) without credentials of the environment's account.
    """
    job, contract = landing_source(env, source)
    twice = [name for name, number in Counter(file.name for file in files).items() if number > 1]
    if twice:
        raise typer.BadParameter(f"two files are named {twice[0]}: one would take the place of the other")
    for file in files:
        check_form(file, contract)
    if env.overlay is None:
        check_account(env)
    folder = S3Uri(names.bucket(env, names.Zone.LANDING), contract.source.object).folder
    return [_put(env, file, folder.child(f"dt={day.isoformat()}/{file.name}"), job) for file in files]


def _put(env: Environment, file: Path, to: S3Uri, job: str) -> Upload:
    s3 = clients(env).s3
    try:
        before = s3.head_object(Bucket=to.bucket, Key=to.key)["ETag"].strip('"')
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchKey", "NotFound"):
            raise
        before = ""
    size = file.stat().st_size
    if before and before == _md5(file):
        return Upload(str(to), size, UNCHANGED, job)
    s3.upload_file(str(file), to.bucket, to.key)
    return Upload(str(to), size, REPLACED if before else NEW, job)


def _md5(file: Path) -> str:
    """The ETag of a file that is uploaded in one part."""
    digest = hashlib.md5(usedforsecurity=False)
    with file.open("rb") as content:
        while part := content.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
