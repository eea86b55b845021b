"""The settings of sla_notifier."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.common.settings import Settings


@dataclass(frozen=True)
class NotifierSettings(Settings):
    """`tell_success` is `yes` where the owner also receives a message about a run that succeeded."""

    tell_success: str = "no"
