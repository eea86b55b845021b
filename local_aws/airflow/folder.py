"""Brings what was deployed for Airflow onto this machine: DAG folder, requirements and startup script."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local_aws.airflow.settings import S3File, Settings

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)$", re.MULTILINE)
_VERSIONS = (
    "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
)
_SECONDS = 60


class AirflowError(Exception):
    """Airflow cannot start; the message says why, in one line."""


def bring_dags(s3: Any, settings: Settings, folder: Path) -> None:
    """Make `folder` what lies below the environment's DAG path."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=settings.bucket, Prefix=f"{settings.dags}/")
    for entry in (entry for page in pages for entry in page.get("Contents", [])):
        target = (folder / entry["Key"].removeprefix(f"{settings.dags}/")).resolve()
        if target.is_relative_to(folder.resolve()) and not entry["Key"].endswith("/"):
            target.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(settings.bucket, entry["Key"], str(target))


def require_installed(s3: Any, settings: Settings, python: Path) -> None:
    """Raises AirflowError when the installed Airflow lacks a pin of the deployed requirements.

    MWAA would install it. Here nothing is installed behind anyone's back.
    """
    if settings.requirements is None:
        return
    pins = _PIN.findall(_text(s3, settings, settings.requirements))
    done = subprocess.run([python, "-c", _VERSIONS], capture_output=True, text=True, timeout=_SECONDS)
    installed = {_normal(name): version for name, version in json.loads(done.stdout or "{}").items()}
    missing = [f"{name}=={version}" for name, version in pins if installed.get(_normal(name)) != version]
    if missing:
        names = ", ".join(missing)
        raise AirflowError(f"the Airflow of this machine lacks {names} of {settings.requirements.key}")


def startup_variables(s3: Any, settings: Settings, folder: Path, variables: dict[str, str]) -> dict[str, str]:
    """`variables` and those that the startup script exports. Raises AirflowError when it fails."""
    if settings.startup is None:
        return variables
    script = folder / "startup.sh"
    script.write_text(_text(s3, settings, settings.startup), encoding="utf-8")
    done = subprocess.run(
        ["bash", "-c", f"set -e; . {script}; env -0"],
        env=variables,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        cwd=folder,
    )
    if done.returncode:
        raise AirflowError(f"the startup script failed: {done.stderr.strip()[-300:]}")
    return dict(pair.split("=", 1) for pair in done.stdout.split("\0") if "=" in pair)


def _text(s3: Any, settings: Settings, file: S3File) -> str:
    version = {"VersionId": file.version} if file.version else {}
    try:
        answer = s3.get_object(Bucket=settings.bucket, Key=file.key, **version)
    except ClientError as error:
        raise AirflowError(f"s3://{settings.bucket}/{file.key}: {error.response['Error']['Code']}") from error
    return str(answer["Body"].read().decode())


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
