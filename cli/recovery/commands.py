"""The verbs of `lakehouse dr`."""

from __future__ import annotations

from cli.recovery import (
    backups_command,
    drill_command,
    export_commands,
    fill_command,
    readers_command,
    replicate_command,
    restore_command,
    restore_lakebase_command,
    restore_state_command,
    stop_command,
)
from cli.recovery.dr import dr

__all__ = [
    "backups_command",
    "dr",
    "drill_command",
    "export_commands",
    "fill_command",
    "readers_command",
    "replicate_command",
    "restore_command",
    "restore_lakebase_command",
    "restore_state_command",
    "stop_command",
]
