"""What every job type offers to the runner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from glue_jobs.run_context import RunContext


class Executable(Protocol):
    """A job type, ready to run."""

    def execute(self, run: RunContext) -> None:
        """Does the work of one run.

        Raises RunError when it cannot; adds to `run.problems` what failed beside the rest.
        """
