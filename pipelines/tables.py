"""Jobs against contracts: every table that a job names has a contract, every job has a module."""

from __future__ import annotations

from pathlib import Path

from facts.faults import Collector
from pipelines.model import Job
from pipelines.params import ALL


def check_tables(jobs: list[Job], contracts: set[str], faults: Collector) -> None:
    """Notes a table without contract and a job whose module or SQL is missing from where its name says it is."""
    for job in jobs:
        file, line = job.place.rsplit(":", 1)
        at = (int(line), 0)
        for table in dict.fromkeys((*job.reads, *job.writes, *(t for t in job.maintains if t != ALL))):
            if table not in contracts:
                what = f"job '{job.name}' names {table}, which has no contract"
                faults.add("LK315", what, file=faults.root / file, at=at, wanted="a contract in schemas/", value=table, among=contracts)
        kinds = {Path(p.path).suffix for p in job.procs}
        if len(kinds) > 1 and job.kind == "batch":
            what = f"the procs of job '{job.name}' are of several kinds: {', '.join(sorted(kinds))}"
            faults.add("LK316", what, file=faults.root / file, at=at, wanted="procs of one kind; a job for each")
        own = [p.file.startswith("glue_jobs/") and p.file.endswith(".py") for p in job.procs]
        if any(own) and not (faults.root / "glue_jobs" / "jobs" / f"{job.name}.py").is_file():
            faults.add(
                "LK316",
                f"job '{job.name}' has no transform",
                file=faults.root / file,
                at=at,
                wanted=f"glue_jobs/jobs/{job.name}.py",
                value=job.name,
            )
