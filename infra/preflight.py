"""What AWS would refuse half-way through a deployment, found before anything is made."""

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
from lakehouse.environments import names
from lakehouse.environments.names import Zone
from lakehouse.platform_files import package_folder
from lakehouse.reading.faults import Collector

# https://docs.aws.amazon.com: the longest name of each kind, and IAM's bound on all of a role's own policies, without blanks.
MOST = {
    "S3 bucket": 63,
    "IAM role": 64,
    "Glue job": 255,
    "Lambda function": 64,
    "Glue connection": 255,
    "DynamoDB table": 255,
}
MOST_POLICY = 10_240


@dataclass(frozen=True)
class _Named:
    """A physical name, and the file and line of the fact that it is made from."""

    kind: str
    name: str
    file: Path
    line: int


def preflight(facts: Facts) -> None:
    """Raises FaultsError with everything that cannot be made of facts which are each sound."""
    faults = Collector(facts.root)
    for found in _names(facts):
        most = MOST[found.kind]
        if len(found.name) > most:
            what = f"{found.kind} '{found.name}' has {len(found.name)} characters"
            faults.add(
                "LK501",
                what,
                file=found.file,
                at=(found.line, 0),
                wanted=f"at most {most}: a shorter name or project",
            )
    _policies(facts, faults)
    _rotations(facts, faults)
    _deadlines(facts, faults)
    faults.raise_if_any()


def _names(facts: Facts) -> Iterator[_Named]:
    env, own = facts.env, facts.root / "environments" / f"{facts.env.name}.yml"
    for zone in Zone:
        yield _Named("S3 bucket", names.bucket(env, zone), own, 0)
        yield _Named("S3 bucket", names.replica_bucket(env, zone), own, 0)
    for bucket in (names.access_log_bucket(env), names.state_bucket(env)):
        yield _Named("S3 bucket", bucket, own, 0)
    for job in facts.jobs:
        file, line = _place(facts, job.place)
        yield _Named("Glue job", names.glue_job(env, job.name), file, line)
        yield _Named("IAM role", names.job_role(env, job.name), file, line)
    for name in function_names():
        folder = package_folder("lambdas") / name
        yield _Named("Lambda function", names.function(env, name), folder, 0)
        yield _Named("IAM role", names.service_role(env, name), folder, 0)
    for name in env.stack.connections:
        yield _Named("Glue connection", names.connection(env, name), own, 0)


def _place(facts: Facts, place: str) -> tuple[Path, int]:
    file, _, line = place.rpartition(":")
    return facts.root / file, int(line or 0)


def _policies(facts: Facts, faults: Collector) -> None:
    # As long as the longest that AWS gives: what is not known yet must not make a policy look short.
    key = f"arn:aws:kms:{facts.env.region}:{facts.env.account}:key/00000000-0000-0000-0000-000000000000"
    keys = KeyArns(key, key, key, key, key, key, (), "")
    for job in facts.jobs:
        size = len("".join(json.dumps(job_policy(facts, job, keys), separators=(",", ":")).split()))
        if size > MOST_POLICY:
            file, line = _place(facts, job.place)
            what = f"the policy of job '{job.name}' for {len({*job.reads, *job.writes, *job.maintains})} tables has {size} characters"
            faults.add(
                "LK502",
                what,
                file=file,
                at=(line, 0),
                wanted=f"at most {MOST_POLICY}: two jobs that share the tables",
            )


def _rotations(facts: Facts, faults: Collector) -> None:
    stated = declared_secrets(facts)
    for name in facts.env.stack.rotation:
        if name not in stated:
            file = facts.root / "environments" / f"{facts.env.name}.yml"
            what = f"stack.rotation names '{name}', which no job, system or channel reads"
            faults.add(
                "LK503", what, file=file, wanted=f"one of {', '.join(stated)}", value=name, among=stated
            )


def _deadlines(facts: Facts, faults: Collector) -> None:
    """Glue tells of a delay after whole minutes, one at least; a run that is over by then is never late."""
    for job in facts.jobs:
        most = job.timeout_minutes or facts.env.glue.timeout_minutes
        if any(p.name == "sla_minutes" for p in job.params) and not 1 <= job.sla_minutes <= most:
            file, line = _place(facts, job.place)
            what = f"sla_minutes of job '{job.name}' is {job.sla_minutes}"
            faults.add(
                "LK504",
                what,
                file=file,
                at=(line, 0),
                wanted=f"1 to {most}, its timeout in minutes",
                value=job.sla_minutes,
            )
