"""The settings of start_run."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.common.settings import FunctionSettings


@dataclass(frozen=True)
class StartSettings(FunctionSettings):
    """`function_name` is the function's own: a caller signs it, so that no other function takes the proof."""

    function_name: str = ""
