"""The verbs of `lakehouse dr`."""

from __future__ import annotations

from cli.recovery import (
    drill_command,
    export_commands,
    restore_command,
    restore_state_command,
    stop_command,
)
from cli.recovery.dr import dr

__all__ = [
    "dr",
    "drill_command",
    "export_commands",
    "restore_command",
    "restore_state_command",
    "stop_command",
]
