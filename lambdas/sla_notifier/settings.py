"""What the notifier is told beyond what every function is."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.common.settings import Settings


@dataclass(frozen=True)
class NotifierSettings(Settings):
    """`tell_success` is `yes` where a run that succeeded is worth a message."""

    tell_success: str = "no"
