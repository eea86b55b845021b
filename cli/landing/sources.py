"""The landing sources of a project: prefixes of the landing zone that some job ingests."""

from __future__ import annotations

from cli.common import unknown
from lakehouse.contracts import SourcedContract, load_schemas
from lakehouse.environments import Environment
from lakehouse.pipelines import jobs_in
from lakehouse.pipelines.source_binding import sourced


def landing_sources(env: Environment) -> dict[str, tuple[str, SourcedContract]]:
    """Prefix → (job, contract) of every landing source that a job reads in the environment."""
    schemas = load_schemas().contracts
    by_prefix: dict[str, tuple[str, SourcedContract]] = {}
    for job in jobs_in(env):
        for table in job.writes:
            contract = SourcedContract.of(sourced(job, schemas[table])) if table in schemas else None
            if contract is not None and contract.source.kind == "landing":
                by_prefix[contract.source.object.rstrip("/")] = (job.name, contract)
    return by_prefix


def landing_source(env: Environment, name: str) -> tuple[str, SourcedContract]:
    """The job and contract of a source, by its prefix or its table.

    Raises BadParameter for a name of none.
    """
    by_prefix = landing_sources(env)
    by_name = dict(by_prefix)
    for job, contract in by_prefix.values():
        by_name[contract.table] = by_name[contract.name] = (job, contract)
    if name.rstrip("/") not in by_name:
        raise unknown("source", name, sorted(by_prefix))
    return by_name[name.rstrip("/")]
