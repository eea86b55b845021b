"""Every S3 prefix of the platform, below the bucket of its zone."""

from __future__ import annotations

QUARANTINE = "_errors"
STAGING = "staging"
STREAMS = "streams"
CODE = "code"
LINEAGE = "lineage"
SPARK_UI = "spark_ui"
DQ_RESULTS = "dq_results"
TOMBSTONES = "personal_data/tombstones"


def quarantine(table: str) -> str:
    """The rejected rows of a table, in the quarantine zone."""
    layer, name = table.split(".")
    return f"{QUARANTINE}/{layer}/{name}"


def quarantined_files(table: str) -> str:
    """The landing files of a table that cannot be read, in the zone of quarantine."""
    return f"{quarantine(table)}/files"


def replays(table: str) -> str:
    """What was tried again of a table's rejected rows, in the quarantine zone: a folder for each replay."""
    return f"{quarantine(table)}/replays"


def discards(table: str) -> str:
    """Which of a table's rejected rows and files were discarded, and why, in the quarantine zone."""
    return f"{quarantine(table)}/discards"


def staging(job: str) -> str:
    """Files that a run deletes at its end, in the checkpoints zone."""
    return f"{STAGING}/{job}"


def checkpoint(job: str, task: str, declared: str = "") -> str:
    """Position and state of a stream, in the checkpoints zone; `declared` is a path that the job names."""
    return f"{declared.strip('/') or f'{STREAMS}/{job}'}/{task}"


def lineage(job: str) -> str:
    """OpenLineage events of a job, in the artifacts zone."""
    return f"{LINEAGE}/job={job}"


def spark_ui(job: str) -> str:
    """Spark's event logs of a job, in the artifacts zone."""
    return f"{SPARK_UI}/{job}"


def dq_results(layer: str) -> str:
    """Results of the gates of a layer, in the artifacts zone."""
    return f"{DQ_RESULTS}/{layer}"
