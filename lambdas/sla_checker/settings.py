"""What the checker is told beyond what every function is; lakehouse/environments/stack.py says what the numbers mean."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.common.settings import Settings


@dataclass(frozen=True)
class CheckerSettings(Settings):
    grace_minutes: int = 30
    history_days: int = 14
    deviations: float = 5.0
