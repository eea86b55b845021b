"""What a job does. The reader decides it once; the stack, the graph and Glue ask `job.type`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lakehouse.pipelines.model import Proc


class JobType(StrEnum):
    """ingest: a source into bronze. transform: Python functions. sql: queries in files. stream: topics, without end.

    gate: quality rules that stop a pipeline. register: Glue catalog. publish: gold into a warehouse.
    maintain: OPTIMIZE and VACUUM.
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


def job_types(
    kind: Literal["batch", "streaming"], procs: Sequence[Proc], reads: Sequence[str], writes: Sequence[str]
) -> list[JobType]:
    """The types that the procs of one job ask for, each once; a sound job has exactly one.

    A stream is one by its row. Otherwise the path decides: a word of `BUILT_IN` is that type, `.sql` is sql,
    `.json` (a copy template) is ingest. `.py` is transform, or ingest where the job reads no table and writes
    bronze only: its functions parse the documents of a source.
    """
    if kind == "streaming":
        return [JobType.STREAM]
    parses = not reads and bool(writes) and all(t.startswith("bronze.") for t in writes)
    of_code = JobType.INGEST if parses else JobType.TRANSFORM
    endings = {"sql": JobType.SQL, "json": JobType.INGEST, "py": of_code}
    types = [JobType(p.path) if p.path in BUILT_IN else endings.get(_ending(p)) for p in procs]
    return list(dict.fromkeys(t for t in types if t))


def _ending(proc: Proc) -> str:
    return (proc.file or proc.path).rpartition(".")[2]
