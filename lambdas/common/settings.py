"""What a function is told by its environment variables, read once and before anything else is done."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import TypeVar, get_type_hints


@dataclass(frozen=True)
class Settings:
    """The field `owner_topic_arn` is the variable ALERT_TOPIC_ARN."""

    environment: str
    account: str
    region: str
    metrics_namespace: str
    watched_bucket: str
    watched_key: str
    owner_topic_arn: str
    undelivered_url: str
    told_table: str
    audit_table: str
    docs_url: str
    # Of the jobs' errors.
    log_group: str
    # Empty: this environment has no Slack.
    slack_secret: str = ""
    # Only a test has a Slack of its own.
    slack_url: str = "https://slack.com/api/"


Kind = TypeVar("Kind", bound=Settings)


def read_settings(kind: type[Kind], variables: Mapping[str, str] | None = None) -> Kind:
    """Raises KeyError with every variable that is missing."""
    given = os.environ if variables is None else variables
    missing = [f.name.upper() for f in fields(kind) if f.default is MISSING and not given.get(f.name.upper())]
    if missing:
        raise KeyError(f"the function lacks {', '.join(missing)}")
    types = get_type_hints(kind)
    return kind(
        **{f.name: types[f.name](given[f.name.upper()]) for f in fields(kind) if f.name.upper() in given}
    )
