"""A function's settings, read once from its environment variables before it does anything else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import TypeVar, get_type_hints


@dataclass(frozen=True)
class FunctionSettings:
    """What every function knows. Each field is an environment variable: `account` is ACCOUNT."""

    environment: str
    account: str
    region: str
    metrics_namespace: str
    job_catalog_bucket: str
    job_catalog_key: str


@dataclass(frozen=True)
class Settings(FunctionSettings):
    """What a function that notifies people knows, too."""

    owner_topic_arn: str
    undelivered_url: str
    notified_table: str
    audit_table: str
    docs_url: str
    # The log group of the jobs' errors.
    log_group: str
    # Empty in an environment without Slack.
    slack_secret: str = ""
    # Tests replace it.
    slack_url: str = "https://slack.com/api/"


Kind = TypeVar("Kind", bound=FunctionSettings)


def read_settings(kind: type[Kind], variables: Mapping[str, str] | None = None) -> Kind:
    """Raises KeyError with every variable that is missing."""
    values = os.environ if variables is None else variables
    missing = [
        f.name.upper() for f in fields(kind) if f.default is MISSING and not values.get(f.name.upper())
    ]
    if missing:
        raise KeyError(f"the function lacks {', '.join(missing)}")
    types = get_type_hints(kind)
    return kind(
        **{f.name: types[f.name](values[f.name.upper()]) for f in fields(kind) if f.name.upper() in values}
    )
