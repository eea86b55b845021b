"""The secrets that a job reads."""

from __future__ import annotations

from collections.abc import Iterable

from lakehouse.contracts import Schemas
from lakehouse.contracts.contract import Contract
from lakehouse.contracts.masking import masks_on_read, masks_on_write
from lakehouse.environments import Environment
from lakehouse.environments.stack import MASKING_SECRET, SUBJECT_SECRET
from lakehouse.environments.systems import LAKEBASE
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job

# Jobs that take rows from outside take none of a forgotten person.
TAKING = (JobType.INGEST, JobType.STREAM)


def job_secrets(
    job: Job, env: Environment, schemas: Schemas, contracts: Iterable[Contract], *, reads_topics: bool
) -> tuple[str, ...]:
    """Secrets that the row names, those of the systems that its tables come from, lie in or go to, the
    masking key where the job hashes personal data, and the key of forgotten persons where it takes rows.
    """
    of_system = {
        "kafka": env.kafka.secret,
        "snowflake": env.snowflake.secret,
        "redshift": env.redshift.secret,
    }
    systems: set[str] = {c.lake.source.kind for c in contracts if c.lake.source}
    systems |= {"kafka"} if reads_topics else set()
    systems |= {job.warehouse} if job.type is JobType.PUBLISH else set()
    secrets = {*job.secrets, *(of_system[s] for s in systems if s in of_system)}
    in_lakebase = any(c.lake.store == "postgres" for c in contracts)
    named = any(p.name == LAKEBASE and p.secret_name for p in job.params)
    if in_lakebase and not named and LAKEBASE in env.stack.connections:
        secrets.add(env.stack.connections[LAKEBASE].secret)
    secrets |= {SUBJECT_SECRET} if job.type in TAKING else set()
    return tuple(sorted(secrets | ({MASKING_SECRET} if hashes_rows(job, schemas) else set())))


def hashes_rows(job: Job, schemas: Schemas) -> bool:
    """Whether rows that the job reads or writes are masked by a keyed hash on their way."""
    if job.type not in (JobType.TRANSFORM, JobType.SQL, JobType.STREAM):
        return False
    on_read = [masks_on_read(schemas.contracts[t]) for t in job.reads]
    on_write = [masks_on_write(schemas.contracts[t]) for t in job.writes]
    return any("hash" in rules.values() for rules in [*on_read, *on_write])
