"""The settings of sla_checker."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.common.settings import Settings


@dataclass(frozen=True)
class CheckerSettings(Settings):
    """The thresholds that lakehouse/environments/stack.py describes."""

    grace_minutes: int = 30
    history_days: int = 14
    deviations: float = 5.0
