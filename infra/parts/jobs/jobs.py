"""One Glue job per job row of this environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdktf import TerraformResource
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.glue_job import GlueJob
from cdktf_cdktf_provider_aws.glue_security_configuration import GlueSecurityConfiguration
from cdktf_cdktf_provider_aws.iam_role import IamRole

from infra.facts import Facts
from infra.parts.catalog.catalog import Catalog
from infra.parts.encryption.keys import Keys
from infra.parts.jobs.base_policy import KeyArns, base_policy
from infra.parts.jobs.roles import job_role
from infra.parts.network.network import Network
from infra.parts.storage.artifacts import Artifacts
from infra.platform_stack import PlatformStack
from lakehouse.environments import names, prefixes
from lakehouse.environments.model import Environment
from lakehouse.environments.names import Zone
from lakehouse.environments.spark import settings
from lakehouse.pipelines import Job
from lakehouse.pipelines.job_jars import jar_key, job_jars

# Glue's own names of the two log groups below a prefix.
STREAMS = ("error", "output")


@dataclass(frozen=True)
class Jobs:
    """GlueJob and IamRole by the job's name."""

    jobs: dict[str, GlueJob]
    roles: dict[str, IamRole]
    log_groups: tuple[CloudwatchLogGroup, ...]


def add_jobs(
    stack: PlatformStack, keys: Keys, network: Network, artifacts: Artifacts, catalog: Catalog
) -> Jobs:
    key_arns = _key_arns(stack, keys, network)
    base = base_policy(stack, key_arns)
    secured = _security(stack, keys)
    groups = tuple(_log_group(stack, keys, stream) for stream in STREAMS)
    after = [*groups, artifacts.uploaded, artifacts.executor_logs]
    jobs, roles = {}, {}
    for job in stack.facts.jobs:
        role, policies = job_role(stack, job, key_arns, base)
        roles[job.name] = role
        jobs[job.name] = _job(stack, job, role, secured, artifacts, catalog, [*after, *policies])
    return Jobs(jobs, roles, groups)


def _key_arns(stack: PlatformStack, keys: Keys, network: Network) -> KeyArns:
    ec2 = f"arn:aws:ec2:{stack.env.region}:{stack.env.account}"
    of = {
        name: getattr(keys, name).arn
        for name in ("raw", "curated", "platform", "state", "secrets", "messages")
    }
    subnets = tuple(f"{ec2}:subnet/{subnet}" for subnet in network.subnet_ids)
    return KeyArns(**of, subnets=subnets, group=f"{ec2}:security-group/{network.jobs_group}")


def _security(stack: PlatformStack, keys: Keys) -> GlueSecurityConfiguration:
    """Bookmarks only: for files Glue knows one key, which it would use in place of each bucket's own and so
    put raw and curated rows under the same one; and groups of logs that it makes itself, one for each
    role, would be kept for ever. Both are encrypted where they are.
    """
    return GlueSecurityConfiguration(
        stack,
        "security_jobs",
        name=names.security_configuration(stack.env),
        encryption_configuration={
            "s3_encryption": {"s3_encryption_mode": "DISABLED"},
            "cloudwatch_encryption": {"cloudwatch_encryption_mode": "DISABLED"},
            "job_bookmarks_encryption": {
                "job_bookmarks_encryption_mode": "CSE-KMS",
                "kms_key_arn": keys.platform.arn,
            },
        },
    )


def _log_group(stack: PlatformStack, keys: Keys, stream: str) -> CloudwatchLogGroup:
    return CloudwatchLogGroup(
        stack,
        f"logs_jobs_{stream}",
        name=f"{names.log_group(stack.env, 'jobs')}/{stream}",
        retention_in_days=stack.env.stack.retention.log_days,
        kms_key_id=keys.platform.arn,
    )


def _job(
    stack: PlatformStack,
    job: Job,
    role: IamRole,
    secured: GlueSecurityConfiguration,
    artifacts: Artifacts,
    catalog: Catalog,
    after: list[TerraformResource],
) -> GlueJob:
    glue, streaming = stack.env.glue, job.kind == "streaming"
    return GlueJob(
        stack,
        f"job_{job.name}",
        name=names.glue_job(stack.env, job.name),
        description=job.description,
        role_arn=role.arn,
        glue_version=glue.version,
        worker_type=(glue.stream_worker_type if streaming else None) or job.worker_type or glue.worker_type,
        number_of_workers=job.workers or glue.workers,
        execution_class="FLEX" if glue.flex and not streaming else "STANDARD",
        command={
            "name": "gluestreaming" if streaming else "glueetl",
            "python_version": "3",
            "script_location": artifacts.entrypoint_uri,
        },
        # Airflow retries, with the row's backoff: a retry of Glue's own would be a run that nobody counts.
        max_retries=0,
        connections=[connection.name for connection in catalog.networks],
        security_configuration=secured.name,
        default_arguments={**arguments(stack.env, job, artifacts), **extra_jars(stack.facts, job)},
        tags={"pipeline": job.pipeline, "owner": job.owner},
        depends_on=after,
        **_run_limits(stack.env, job),
    )


def _run_limits(env: Environment, job: Job) -> dict[str, Any]:
    """How many runs of a job there may be at once, when each ends, and when AWS reports that it is late."""
    glue, streaming = env.glue, job.kind == "streaming"
    # Two of a stream would read the same messages twice, and each in turn lose its lease.
    runs = 1 if streaming else job.max_concurrent_runs or glue.max_concurrent_runs
    limits: dict[str, Any] = {"execution_property": {"max_concurrent_runs": runs}}
    sla_minutes = job.sla_within(glue.timeout_minutes)
    # A run that its timeout ends by then is never late: Glue would never send the event.
    if 0 < sla_minutes < job.ends_within(glue.timeout_minutes):
        limits["notification_property"] = {"notify_delay_after": sla_minutes}
    if streaming:
        limits["maintenance_window"] = glue.maintenance_window
    else:
        limits["timeout"] = job.ends_within(glue.timeout_minutes)
    return limits


def extra_jars(facts: Facts, job: Job) -> dict[str, str]:
    """The argument that names the jars of a job; none where Glue's own are enough."""
    root = names.zone_uri(facts.env, Zone.ARTIFACTS)
    uris = [f"{root}/{jar_key(jar)}" for jar in job_jars(job, facts.schemas, facts.env)]
    return {"--extra-jars": ",".join(uris)} if uris else {}


def arguments(env: Environment, job: Job, artifacts: Artifacts) -> dict[str, str]:
    """What every run of a job is given; a run may add a date and parameters, and never a secret."""
    return {
        "--job": job.name,
        "--env": env.name,
        "--bundle": artifacts.bundle_uri,
        "--release": artifacts.release_uri,
        "--datalake-formats": "delta",
        # Executors find it on their class path: what they log quotes no row.
        "--extra-files": artifacts.executor_logs_uri,
        # One argument holds them all, so each after the first brings its own word.
        "--conf": " --conf ".join(f"{key}={value}" for key, value in settings(env).items()),
        "--additional-python-modules": f"{artifacts.dependencies_uri},{artifacts.wheel_uri}",
        # The private subnets reach no index, and the zip holds exactly what the lock file names.
        "--python-modules-installer-option": "--no-index --no-deps",
        "--enable-auto-scaling": "true",
        "--enable-metrics": "true",
        "--enable-observability-metrics": "true",
        "--enable-spark-ui": "true",
        "--spark-event-logs-path": names.spark_logs_uri(env, job.name),
        "--custom-logGroup-prefix": names.log_group(env, "jobs"),
        "--TempDir": f"{names.zone_uri(env, Zone.CHECKPOINTS)}/{prefixes.staging(job.name)}/temp/",
        "--job-bookmark-option": "job-bookmark-disable",
    }
