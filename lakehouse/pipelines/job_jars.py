"""The jars that a deployed job gets beside Glue's own, and where they lie in the bucket of artifacts."""

from __future__ import annotations

from lakehouse.contracts import Schemas
from lakehouse.environments import Environment
from lakehouse.environments.prefixes import CODE
from lakehouse.environments.systems import LAKEBASE
from lakehouse.pipelines.job_needs import job_needs
from lakehouse.pipelines.model import Job

FOLDER = f"{CODE}/jars"
# Glue documents Kafka as a source of streaming jobs alone: a batch job that reads a topic brings the
# connector.
KAFKA = (
    "commons-pool2-2.11.1.jar",
    "kafka-clients-3.4.1.jar",
    "spark-sql-kafka-0-10_2.12-3.5.7.jar",
    "spark-token-provider-kafka-0-10_2.12-3.5.7.jar",
)
# The driver whose TLS options the platform states.
POSTGRES = ("postgresql-42.7.8.jar",)


def job_jars(job: Job, schemas: Schemas, env: Environment) -> tuple[str, ...]:
    """The names of a job's jars: Kafka's connector in a batch, PostgreSQL's driver for what uses JDBC."""
    if job.members:
        jars = (jar for member in job.members for jar in job_jars(member, schemas, env))
        return tuple(dict.fromkeys(jars))
    needs = job_needs(job, schemas, env)
    kafka = KAFKA if needs.topics and job.kind != "streaming" else ()
    by_jdbc = {LAKEBASE, *([env.redshift.secret] if env.redshift.transfer == "jdbc" else [])}
    return (*kafka, *(POSTGRES if by_jdbc & set(needs.secrets) else ()))


def jar_key(name: str) -> str:
    """The key of a jar. Its name has its version, so what lies there never changes."""
    return f"{FOLDER}/{name}"
