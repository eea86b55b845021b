"""Checks the facts against AWS's limits before a deployment, which AWS would refuse half-way through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.build.functions import function_names
from infra.facts import Facts
from infra.parts.encryption.secrets import declared_secrets
from infra.parts.jobs.base_policy import KeyArns
from infra.parts.jobs.job_access import job_policy
from infra.parts.jobs.policy_parts import MAX_ATTACHED, policy_parts
from lakehouse.environments import names
from lakehouse.environments.names import Zone
from lakehouse.pipelines import Job
from lakehouse.pipelines.deadline_checks import check_deadlines
from lakehouse.pipelines.egress_checks import check_egress
from lakehouse.platform_files import package_folder
from lakehouse.reading.faults import Collector

# The longest name of each type of resource, in characters: https://docs.aws.amazon.com
MAX_NAME = {
    "S3 bucket": 63,
    "IAM role": 64,
    "Glue job": 255,
    "Lambda function": 64,
    "Glue connection": 255,
    "DynamoDB table": 255,
}
STREAMS_ONLY = "G.025X"
# IAM's limit of all inline policies of a role, in characters without white space.
MAX_POLICY = 10_240
# The longest id of a key. A real ARN is not known yet and must not make a policy look shorter than it will
# be.
_KEY_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class _PhysicalName:
    """A name in AWS, and the file and line of the fact that it comes from."""

    kind: str
    name: str
    file: Path
    line: int = 0


def preflight(facts: Facts) -> None:
    """Raises FaultsError with everything that cannot be deployed although each fact is sound by itself."""
    faults = Collector(facts.root)
    for checked in (_check_names, _check_policies, _check_rotations, _check_workers):
        checked(facts, faults)
    check_deadlines(facts.env, facts.jobs, faults)
    check_egress(facts.env, facts.jobs, facts.schemas, faults)
    faults.raise_if_any()


def _check_names(facts: Facts, faults: Collector) -> None:
    for physical in _physical_names(facts):
        longest, length = MAX_NAME[physical.kind], len(physical.name)
        if length > longest:
            faults.add(
                "LK501",
                f"{physical.kind} '{physical.name}' has {length} characters",
                file=physical.file,
                at=(physical.line, 0),
                wanted=f"at most {longest}: a shorter name or project",
            )


def _physical_names(facts: Facts) -> Iterator[_PhysicalName]:
    env, file = facts.env, _environment_file(facts)
    for zone in Zone:
        yield _PhysicalName("S3 bucket", names.bucket(env, zone), file)
        yield _PhysicalName("S3 bucket", names.replica_bucket(env, zone), file)
    for bucket in (names.access_log_bucket(env), names.state_bucket(env)):
        yield _PhysicalName("S3 bucket", bucket, file)
    for job in facts.jobs:
        location = _location(facts, job)
        yield _PhysicalName("Glue job", names.glue_job(env, job.name), *location)
        yield _PhysicalName("IAM role", names.job_role(env, job.name), *location)
    for name in function_names():
        folder = package_folder("lambdas") / name
        yield _PhysicalName("Lambda function", names.function(env, name), folder)
        yield _PhysicalName("IAM role", names.service_role(env, name), folder)
    for name in env.stack.connections:
        yield _PhysicalName("Glue connection", names.connection(env, name), file)


def _check_policies(facts: Facts, faults: Collector) -> None:
    """Many tables in one job make a policy that IAM refuses."""
    key = f"arn:aws:kms:{facts.env.region}:{facts.env.account}:key/{_KEY_ID}"
    keys = KeyArns(key, key, key, key, key, key, (), "")
    for job in facts.jobs:
        if job.members:
            _check_parts(facts, job, keys, faults)
            continue
        policy = json.dumps(job_policy(facts, job, keys), separators=(",", ":"))
        length = len("".join(policy.split()))
        if length > MAX_POLICY:
            file, line = _location(facts, job)
            tables = len({*job.reads, *job.writes, *job.maintains})
            faults.add(
                "LK502",
                f"the policy of job '{job.name}' for {tables} tables has {length} characters",
                file=file,
                at=(line, 0),
                wanted=f"at most {MAX_POLICY}: two jobs that share the tables",
            )


def _check_parts(facts: Facts, job: Job, keys: KeyArns, faults: Collector) -> None:
    """A fused job has managed policies, of which one more is that of all jobs."""
    file, line = _location(facts, job)
    parts = len(policy_parts(job_policy(facts, job, keys))) + 1
    if parts > MAX_ATTACHED:
        faults.add(
            "LK502",
            f"the rights of the {len(job.members)} jobs of '{job.pipeline}' together make {parts} policies",
            file=file,
            at=(line, 0),
            wanted=f"at most {MAX_ATTACHED}: two pipelines, or no fuse",
        )


def _check_rotations(facts: Facts, faults: Collector) -> None:
    """A rotation has to name a secret that the stack makes."""
    secrets = declared_secrets(facts)
    for name in facts.env.stack.rotation:
        if name not in secrets:
            faults.add(
                "LK503",
                f"stack.rotation names '{name}', which no job, system or channel reads",
                file=_environment_file(facts),
                wanted=f"one of {', '.join(secrets)}",
                value=name,
                among=secrets,
            )


def _check_workers(facts: Facts, faults: Collector) -> None:
    """Glue runs the smallest worker for streams alone."""
    for job in facts.jobs:
        worker = job.worker_type or facts.env.glue.worker_type
        if worker == STREAMS_ONLY and job.kind != "streaming":
            file, line = _location(facts, job)
            faults.add(
                "LK511",
                f"job '{job.name}' is no stream, and its worker_type is {worker}",
                file=file,
                at=(line, 0),
                wanted="G.1X or larger: Glue runs G.025X for streaming jobs alone",
                value=worker,
            )


def _environment_file(facts: Facts) -> Path:
    return facts.root / "environments" / f"{facts.env.name}.yml"


def _location(facts: Facts, job: Job) -> tuple[Path, int]:
    """File and line of the job's row."""
    file, line = job.file_and_line
    return facts.root / file, line
