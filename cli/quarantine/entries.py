"""The rejected rows of a table with what became of them, and the choice of some."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.common import unknown
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.tables import quarantine_ledger as ledger
from glue_jobs.tables.quarantined_lines import QuarantinedLine, line_folder, quarantined_lines
from lakehouse.contracts import Contract, load_schemas
from lakehouse.environments import Environment, names, prefixes
from lakehouse.environments.names import Zone
from lakehouse.pipelines import Job, jobs_in, load_pipelines
from lakehouse.pipelines.source_binding import sourced


@dataclass(frozen=True)
class Entry:
    """One rejected row: the line of the quarantine, and the decision about it where there is one."""

    line: QuarantinedLine
    decision: ledger.Decision | None = None

    @property
    def state(self) -> str:
        return self.decision.state if self.decision else ledger.OPEN

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not in the table: what the last replay said, else what the run said."""
        failed = self.decision is not None and self.decision.state == ledger.OPEN
        return self.decision.reasons if self.decision and failed else self.line.reasons

    def source(self, contract: Contract | None) -> str | None:
        """Where it came from: file and line, topic and offset, or the source's table and its key."""
        origin = contract.lake.source if contract else None
        if self.line.source_position or contract is None or origin is None:
            return self.line.source_position
        key = " ".join(f"{k}={self.line.row.get(k)}" for k in contract.primary_key)
        return f"{origin.system}:{origin.object} {key}".strip()

    def facts(self, contract: Contract | None) -> dict[str, Any]:
        """The row for people and machines."""
        line = self.line
        facts: dict[str, Any] = {"id": line.id, "table": line.table, "day": line.day, "run_id": line.run_id}
        facts |= {"state": self.state, "reasons": list(self.reasons), "source": self.source(contract)}
        if self.state == ledger.DISCARDED and self.decision:
            facts["discarded"] = self.decision.reasons[0]
        return {**facts, "raw": line.raw, "row": line.row}


@dataclass(frozen=True)
class Selection:
    """Which rows: those that match everything that is given. `rule` is a part of a reason."""

    ids: tuple[str, ...] = ()
    run_id: str = ""
    day: str = ""
    rule: str = ""
    state: str = ledger.OPEN

    def takes(self, entry: Entry) -> bool:
        return (
            (not self.ids or entry.line.id in self.ids)
            and self.run_id in ("", entry.line.run_id)
            and self.day in ("", entry.line.day)
            and any(self.rule in reason for reason in entry.reasons)
            and self.state in ("", entry.state)
        )


def entries(env: Environment, table: str) -> Iterator[Entry]:
    """Every rejected row of a table, by day and run."""
    s3, bucket = clients(env).s3, names.bucket(env, Zone.QUARANTINE)
    decided = ledger.decisions(s3, bucket, table)
    for line in quarantined_lines(s3, bucket, table):
        yield Entry(line, decided.get(line.id))


def tables_with_rows(env: Environment) -> list[str]:
    """The tables that have rejected rows, sorted."""
    root = S3Uri(names.bucket(env, Zone.QUARANTINE), prefixes.QUARANTINE).folder
    matches = map(line_folder, list_keys(clients(env).s3, root))
    return sorted({f"{match['layer']}.{match['name']}" for match in matches if match})


def writer_of(env: Environment, table: str) -> tuple[Job, Contract]:
    """The job that writes a table in the environment, and the contract as that job reads it.

    Raises BadParameter for a table that no job writes there.
    """
    jobs = jobs_in(env)
    job = next((job for job in jobs if table in job.writes), None)
    if job is None:
        raise unknown("table", table, sorted({t for job in jobs for t in job.writes}))
    return job, sourced(job, load_schemas().contracts[table])


def contracts_by_table(env: Environment, tables: list[str]) -> dict[str, Contract]:
    """The contracts of those tables that some job writes."""
    by_table: dict[str, Contract] = {}
    schemas = load_schemas().contracts
    for pipeline in load_pipelines().values():
        for job in pipeline.jobs:
            for table in job.writes:
                if table in tables and table in schemas:
                    by_table.setdefault(table, sourced(job, schemas[table]))
    return by_table
