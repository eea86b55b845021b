"""The seconds of a run, as the audit of an environment has them."""

from __future__ import annotations

from collections import defaultdict
from statistics import mean

from lakehouse.environments import Environment

RECENT = 500


def recent_seconds(env: Environment) -> tuple[dict[str, float], str]:
    """Job → mean seconds of its recent successes, and a word on why there is none, empty otherwise."""
    from botocore.exceptions import BotoCoreError, ClientError

    from glue_jobs.aws import require_up
    from glue_jobs.errors import RunError
    from glue_jobs.state.audit import Audit
    from glue_jobs.state.run_row import Status

    try:
        rows = Audit(require_up(env)).list(limit=RECENT)
    except (RunError, BotoCoreError, ClientError) as error:
        return {}, f"the audit of {env.name} cannot be read ({type(error).__name__})"
    seconds: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row.status == Status.SUCCEEDED:
            seconds[row.job].append(row.seconds)
    return {job: mean(values) for job, values in seconds.items()}, "" if seconds else "the audit has no run"
