"""Puts the repository's data files into the wheel; an editable install reads the checkout's."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# lakehouse/platform_files.py finds them there.
DATA_FOLDER = "lakehouse/platform_data"


class PlatformData(BuildHookInterface):
    """`version` is "standard" for a wheel that is given to others, and "editable" for a checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"] |= {
                folder: f"{DATA_FOLDER}/{folder}" for folder in ("templates", "docs/errors")
            }
