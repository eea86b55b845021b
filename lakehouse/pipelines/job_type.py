"""What a job does. The reader decides it once; the stack, the graph and Glue ask `job.type`."""

from __future__ import annotations

from enum import StrEnum


class JobType(StrEnum):
    """ingest: a source into bronze. transform: Python functions. sql: queries in files. stream: topics,
    without end. gate: quality rules that stop a pipeline. register: Glue catalog. publish: gold into a
    warehouse. maintain: OPTIMIZE and VACUUM.
    """

    INGEST = "ingest"
    TRANSFORM = "transform"
    SQL = "sql"
    STREAM = "stream"
    GATE = "gate"
    REGISTER = "register"
    PUBLISH = "publish"
    MAINTAIN = "maintain"


# A notebook_path that is one of these words needs no file: the platform holds the code.
BUILT_IN = (JobType.INGEST, JobType.GATE, JobType.REGISTER, JobType.PUBLISH, JobType.MAINTAIN)
WAREHOUSES = ("redshift", "snowflake")
# The parameter that says where a publish goes.
WAREHOUSE = "warehouse"
