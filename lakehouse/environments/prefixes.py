"""Where objects lie below the bucket of a zone. Every S3 prefix of the platform is written here once."""

from __future__ import annotations

QUARANTINE = "_errors"
STAGING = "staging"
STREAMS = "streams"
CODE = "code"
LINEAGE = "lineage"
SPARK_UI = "spark_ui"
DQ_RESULTS = "dq_results"


def quarantine(table: str) -> str:
    """The rejected rows of a table, in the zone of quarantine."""
    layer, name = table.split(".")
    return f"{QUARANTINE}/{layer}/{name}"


def staging(job: str) -> str:
    """Files that live no longer than a run of the job, in the zone of checkpoints."""
    return f"{STAGING}/{job}"


def checkpoint(job: str, task: str, declared: str = "") -> str:
    """Position and state of a stream, in the zone of checkpoints; `declared` is a path that the job names."""
    return f"{declared.strip('/') or f'{STREAMS}/{job}'}/{task}"


def lineage(job: str) -> str:
    """OpenLineage events of a job, in the zone of artifacts."""
    return f"{LINEAGE}/job={job}"


def spark_ui(job: str) -> str:
    """Spark's event logs of a job, in the zone of artifacts."""
    return f"{SPARK_UI}/{job}"


def dq_results(layer: str) -> str:
    """Results of the gates of a layer, in the zone of artifacts."""
    return f"{DQ_RESULTS}/{layer}"
