"""Settings from environment variables."""

from __future__ import annotations

from dataclasses import fields

import pytest

from lambdas.common.settings import Settings, read_settings
from lambdas.sla_checker.settings import CheckerSettings

REQUIRED = {field.name.upper(): "x" for field in fields(Settings) if not field.name.startswith("slack")}


def test_every_missing_variable_is_named() -> None:
    with pytest.raises(KeyError, match="the function lacks ENVIRONMENT, ACCOUNT"):
        read_settings(Settings, {"REGION": "eu-central-1"})


def test_a_variable_gets_the_type_of_its_field() -> None:
    variables = {**REQUIRED, "GRACE_MINUTES": "45", "DEVIATIONS": "3.5"}
    settings = read_settings(CheckerSettings, variables)
    assert (settings.grace_minutes, settings.deviations, settings.history_days) == (45, 3.5, 14)


def test_an_environment_without_slack_has_an_empty_secret() -> None:
    assert read_settings(Settings, REQUIRED).slack_secret == ""
