"""Reads the landing files in quarantine from S3."""

from __future__ import annotations

from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.tables.quarantined_files import FACTS, QuarantinedFile, from_facts
from lakehouse.environments import Environment, names, prefixes
from lakehouse.environments.names import Zone


def quarantined_files(env: Environment, table: str | None = None) -> list[QuarantinedFile]:
    """The landing files that could not be read, by table, day and name; of one table when it is given."""
    bucket, s3 = names.bucket(env, Zone.QUARANTINE), clients(env).s3
    prefix = f"{prefixes.quarantined_files(table) if table else prefixes.QUARANTINE}/"
    keys = [key for key in list_keys(s3, S3Uri(bucket, prefix)) if _is_facts(key)]
    files = [from_facts(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
    return sorted(files, key=lambda file: (file.table, file.run_date, file.file))


def replay_command(env: Environment, file: QuarantinedFile) -> str:
    """The command that drops the very same bytes again, under a name that no run has read."""
    landed = S3Uri.parse(file.file)
    folder, _, name = landed.key.rpartition("/")
    again = S3Uri(landed.bucket, f"{folder}/{file.id}-{name}")
    return f"aws s3 cp --region {env.region} '{file.copy}' '{again}'"


def _is_facts(key: str) -> bool:
    # <_errors>/<layer>/<table>/files/dt=…/run_id=…/<id>/file.json
    parts = key.split("/")
    return len(parts) == 8 and parts[3] == "files" and parts[7] == FACTS
