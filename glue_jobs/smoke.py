"""Tries, under a job's own role and in its own network, everything that a run of the job would need.

No row is read or written: a list and one byte of each prefix, an upload that is begun and given up, the job's
items and leases, its secrets, and a connection to each system.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from glue_jobs.aws import clients
from glue_jobs.error_text import public_text
from glue_jobs.errors import RunError
from glue_jobs.observability.secrets import Secrets
from glue_jobs.state.control_table import ControlTable
from glue_jobs.state.lease import LeaseTakenError, lease
from glue_jobs.state.operations import audited
from lakehouse.contracts import Schemas
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Control
from lakehouse.environments.secret_fields import missing_fields
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_needs import JobNeeds, job_needs
from lakehouse.pipelines.job_prefixes import Prefix

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

VERB = "smoke"
CONNECT_SECONDS = 10.0
_HTTPS = 443


class SmokeError(RunError):
    """Something that the job needs does not work; each fault with its subject."""

    code = "RUN690"


@dataclass(frozen=True)
class Finding:
    """One thing that was tried; `fault` is empty where it works."""

    subject: str
    fault: str = ""


def smoke_run(env: Environment, schemas: Schemas, job: Job, requested_by: str) -> None:
    """Tries what the job needs, as an operation of the audit. Raises SmokeError with every fault."""
    with audited(env, VERB, {"job": job.name}, by=requested_by) as run_id:
        findings = [*try_needs(env, schemas, job, run_id), *try_engine(env, schemas, job)]
        faults = [f"{finding.subject}: {finding.fault}" for finding in findings if finding.fault]
        if faults:
            raise SmokeError(f"{job.name}: {len(faults)} of {len(findings)} fail: {'; '.join(faults)}")


def try_needs(env: Environment, schemas: Schemas, job: Job, run_id: str) -> list[Finding]:
    """What a run of the job needs, each tried once. No error ends it: it is the fault of its subject."""
    needs, secrets = job_needs(job, schemas, env), Secrets(env)
    tries = [*_objects(env, needs, run_id), *_items(env, needs, run_id), *_databases(env, needs)]
    findings = [_tried(subject, attempt) for subject, attempt in tries]
    for name in needs.secrets:
        findings.append(_tried(f"secret {name}", partial(_read_secret, env, secrets, name)))
        if not findings[-1].fault:
            addresses = addresses_of(secrets.get(name))
            findings += [_tried(f"{host}:{port}", partial(_connect, host, port)) for host, port in addresses]
    return findings


def try_engine(env: Environment, schemas: Schemas, job: Job) -> list[Finding]:
    """Starts Spark, and takes rows through Python's packages and the logs of the job's tables through Delta.

    Glue brings builds of its own of all of these: where one differs, every job fails.
    """
    from glue_jobs.session import spark_session

    tables = [table for table in (*job.reads, *job.writes) if table in schemas.on_lake]
    spark = spark_session(env)
    findings = [_tried("Spark and Python's packages", partial(_through_python, spark))]
    return findings + [_tried(f"log of {table}", partial(_read_log, spark, env, table)) for table in tables]


def _through_python(spark: SparkSession) -> str | None:
    """pandas, numpy and pyarrow carry rows to Spark and back."""
    rows = spark.createDataFrame([(1, "a"), (2, "b")], "id bigint, name string")
    total = int(rows.toPandas()["id"].sum())
    return None if total == 3 else f"two rows come back with the sum {total}, not 3"


def _read_log(spark: SparkSession, env: Environment, table: str) -> None:
    from glue_jobs.tables import delta_log

    delta_log.version(spark, names.table_uri(env, table))


# Returns the fault, or nothing.
_Attempt = Callable[[], str | None]


def _tried(subject: str, attempt: _Attempt) -> Finding:
    from botocore.exceptions import ClientError

    try:
        return Finding(subject, attempt() or "")
    except ClientError as error:
        return Finding(subject, f"{error.operation_name}: {error.response['Error']['Code']}")
    except Exception as error:  # the other things are tried all the same
        return Finding(subject, public_text(error) or type(error).__name__)


def _objects(env: Environment, needs: JobNeeds, run_id: str) -> Iterator[tuple[str, _Attempt]]:
    for prefix in needs.reads:
        yield f"read {prefix.zone}/{prefix.path}", partial(_read, env, prefix)
    for prefix in needs.writes:
        yield f"write {prefix.zone}/{prefix.path}", partial(_begin_upload, env, prefix, run_id)


def _read(env: Environment, prefix: Prefix) -> None:
    """Lists the prefix and reads a byte of its first object, which needs the key of the bucket."""
    s3, bucket = clients(env).s3, names.bucket(env, prefix.zone)
    path = f"{prefix.path}/" if prefix.path else ""
    objects = s3.list_objects_v2(Bucket=bucket, Prefix=path, MaxKeys=1).get("Contents", [])
    if objects and objects[0]["Size"]:
        s3.get_object(Bucket=bucket, Key=objects[0]["Key"], Range="bytes=0-0")["Body"].read()


def _begin_upload(env: Environment, prefix: Prefix, run_id: str) -> None:
    """Begins an upload and gives it up: nobody ever sees an object."""
    s3, bucket = clients(env).s3, names.bucket(env, prefix.zone)
    key = f"{prefix.path}/_{VERB}/{run_id}".lstrip("/")
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)


def _items(env: Environment, needs: JobNeeds, run_id: str) -> Iterator[tuple[str, _Attempt]]:
    """Keys with `*` stand for many items, which only a run can name."""
    for key in (*needs.watermarks, *needs.reads_watermarks):
        if "*" not in key:
            yield f"watermark {key}", partial(_read_watermark, env, key)
    for key in needs.leases:
        if "*" not in key:
            yield f"lease {key}", partial(_take_lease, env, key, run_id)


def _read_watermark(env: Environment, key: str) -> None:
    ControlTable(env, Control.WATERMARKS).get(key)


def _take_lease(env: Environment, key: str, run_id: str) -> None:
    try:
        with lease(env, key, run_id, wait_seconds=0):
            pass
    except LeaseTakenError:
        return  # A run holds it, so leases work.


def _databases(env: Environment, needs: JobNeeds) -> Iterator[tuple[str, _Attempt]]:
    for layer in needs.databases:
        yield f"database {names.database(env, layer)}", partial(_read_database, env, layer)


def _read_database(env: Environment, layer: str) -> None:
    clients(env).glue.get_database(Name=names.database(env, layer))


def _read_secret(env: Environment, secrets: Secrets, name: str) -> str | None:
    missing = missing_fields(env, name, secrets.get(name))
    return f"lacks {', '.join(missing)}" if missing else None


def addresses_of(fields: Mapping[str, str]) -> list[tuple[str, int]]:
    """(host, port) of each server that a secret's fields name; none where it is a key or a token."""
    if fields.get("bootstrap_servers"):
        servers = [server.strip().rpartition(":") for server in fields["bootstrap_servers"].split(",")]
        return [(host.strip("[]"), int(port)) for host, _, port in servers if port.isdigit()]
    if fields.get("host"):
        return [(fields["host"], int(fields.get("port") or _HTTPS))]
    if fields.get("account"):
        return [(f"{fields['account']}.snowflakecomputing.com", _HTTPS)]
    return []


def _connect(host: str, port: int) -> str | None:
    try:
        socket.create_connection((host, port), CONNECT_SECONDS).close()
    except socket.gaierror:
        return "DNS knows no such host"
    except TimeoutError:
        return f"no answer in {CONNECT_SECONDS:g} s: a route, a firewall or a security group is missing"
    except OSError as error:
        return f"refuses: {error.strerror or type(error).__name__}"
    return None
