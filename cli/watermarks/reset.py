"""Plans and does the reset of one watermark, under the lease of what it guards and with an audit row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli.operations.audit import actor
from cli.operations.audit_cost import PastRuns, runs_since
from cli.watermarks.positions import described
from glue_jobs.errors import RunError
from glue_jobs.state.audit import Audit
from glue_jobs.state.lease import lease
from glue_jobs.state.operations import audited
from glue_jobs.state.watermark import Watermarks, WatermarkState
from lakehouse.environments import Environment
from lakehouse.pipelines.watermark_owners import WatermarkOwner
from lakehouse.reading.days import day_of

Json = Any
VERB = "watermark_reset"
# Beyond the seconds after which the lease of a dead run is free; a run that lives holds it for longer.
_MORE_SECONDS = 5.0


@dataclass(frozen=True)
class ResetPlan:
    """A watermark, where it stands, and where it is to stand."""

    env: Environment
    owner: WatermarkOwner
    state: WatermarkState
    position: Json

    def lines(self) -> list[tuple[str, str]]:
        """(what, value) of all that a person is to know before agreeing."""
        pending = self.state.pending
        lines = [
            ("watermark", f"{self.owner.key} of job {self.owner.job}"),
            ("stands at", described(self.state.position)),
            ("will stand at", described(self.position)),
        ]
        if pending is not None:
            dropped = f"batch {self.state.batch}, up to {described(pending)}, which a run left"
            lines.append(("is dropped", dropped))
        return [*lines, ("read since then", str(self._read_again()))]

    def _read_again(self) -> PastRuns:
        since = None
        if isinstance(self.position, Mapping):
            text = str(self.position.get("high") or self.position.get("dt") or "")
            since = day_of(text[:10])
        return runs_since(self.env, self.owner.job, self.owner.table, since)

    def execute(self) -> str:
        """Moves the watermark; the run id of the audit row, which keeps the position before.

        Raises RunError: RUN020 while a run of the job writes, RUN030 when the watermark has moved since it
        was shown.
        """
        action = {
            "watermark": self.owner.key,
            "before": self.state.position,
            "dropped": self.state.pending,
            "after": self.position,
        }
        with (
            audited(self.env, VERB, action, by=actor(self.env)) as run_id,
            lease(self.env, self.owner.lease, run_id, wait_seconds=self.env.lease_seconds + _MORE_SECONDS),
        ):
            watermark = Watermarks(self.env).open(self.owner.key)
            if watermark.state != self.state:
                raise RunError(
                    f"'{self.owner.key}' has moved since it was shown: it stands at "
                    f"{described(watermark.position)}; nothing was reset, start again",
                    code="RUN030",
                )
            watermark.reset(self.position)
        return run_id


def position_before(env: Environment, key: str, run_id: str) -> Json:
    """The position that a reset has replaced.

    Raises RunError (RUN601) when that run reset no such watermark.
    """
    row = Audit(env).get(run_id)
    if row is None or row.job != VERB or row.action.get("watermark") != key:
        raise RunError(f"run {run_id} has not reset '{key}'; `lakehouse runs` lists resets", code="RUN601")
    return row.action["before"]
