"""What a person may give a run of a job beside its date, as patterns that need no reader of facts."""

from __future__ import annotations

from collections.abc import Sequence

from lakehouse.pipelines.backfill import WINDOW
from lakehouse.pipelines.full_refresh import REFRESHABLE, forced
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.params import argument_pattern
from lakehouse.pipelines.rewind import REWIND_ID

# As the CLI makes the id of a replay.
_REPLAY_ID = "[0-9a-f]{16}"
# A moment as a rewind names it: 2017-01-31T00:00:00+00:00.
_MOMENT = r"\d{4}-\d\d-\d\dT[0-9:.]{5,15}[+-]\d\d:\d\d"


def param_patterns(job: Job) -> dict[str, str]:
    """Parameter → the pattern of a whole value. Secrets and the tables of a job are no arguments."""
    patterns = {param.name: argument_pattern(param) for param in job.params}
    return {name: pattern for name, pattern in patterns.items() if pattern}


def argument_patterns(job: Job) -> dict[str, str]:
    """Argument of the job's type, without dashes → the pattern of a whole value. A fused run takes none."""
    if job.members:
        return {}
    tables = _alternatives(job.writes)
    force = _alternatives(forced(job, (*job.writes, *job.reads)))
    return {
        "smoke": "true",
        **({"backfill": WINDOW.pattern} if job.type is JobType.INGEST else {}),
        **({"full-refresh": "true"} if job.type in REFRESHABLE else {}),
        **({"force": f"({force})(,({force}))*"} if force else {}),
        **({"replay": f"({tables})/{_REPLAY_ID}"} if tables else {}),
        **({"rewind": f"({tables})/{REWIND_ID}/{_MOMENT}"} if job.type in REFRESHABLE and tables else {}),
    }


def _alternatives(tables: Sequence[str]) -> str:
    return "|".join(table.replace(".", r"\.") for table in dict.fromkeys(tables))
