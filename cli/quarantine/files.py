"""The landing files in quarantine: reads, replays and discards them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from cli.operations.audit import actor
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.tables import quarantine_ledger as ledger
from glue_jobs.tables.quarantined_files import DECISION, FACTS, QuarantinedFile, from_facts
from lakehouse.environments import Environment, names, prefixes
from lakehouse.environments.names import Zone


def quarantined_files(env: Environment, table: str | None = None) -> list[QuarantinedFile]:
    """The landing files that could not be read, by table, day and name; of one table when it is given."""
    bucket, s3 = names.bucket(env, Zone.QUARANTINE), clients(env).s3
    prefix = f"{prefixes.quarantined_files(table) if table else prefixes.QUARANTINE}/"
    keys = [key for key in list_keys(s3, S3Uri(bucket, prefix)) if _is_facts(key)]
    files = [from_facts(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
    return sorted(files, key=lambda file: (file.table, file.run_date, file.file))


@dataclass(frozen=True)
class FileDecision:
    """What became of a quarantined file. `to`: where a replayed one was dropped again."""

    state: str = ledger.OPEN
    reason: str = ""
    to: str = ""
    by: str = ""
    at: str = ""


def decision_of(env: Environment, file: QuarantinedFile) -> FileDecision:
    """The decision about a file; an open one without any."""
    text = ledger.read_text(clients(env).s3, file.folder.child(DECISION))
    return FileDecision(**json.loads(text)) if text else FileDecision()


def replay_file(env: Environment, file: QuarantinedFile) -> FileDecision:
    """Drops the very same bytes again, once, under a name that no run has read; the next run reads them."""
    landed = S3Uri.parse(file.file)
    folder, _, name = landed.key.rpartition("/")
    again = S3Uri(landed.bucket, f"{folder}/{file.id}-{name}")
    source, s3 = S3Uri.parse(file.copy), clients(env).s3
    try:
        # A replay that was killed has dropped them: a second time would be another delivery.
        s3.head_object(Bucket=again.bucket, Key=again.key)
    except ClientError:
        s3.copy({"Bucket": source.bucket, "Key": source.key}, again.bucket, again.key)
    return _decide(env, file, FileDecision(ledger.REPLAYED, to=str(again)))


def discard_file(env: Environment, file: QuarantinedFile, reason: str) -> FileDecision:
    """Notes that nobody needs the file any more, and why."""
    return _decide(env, file, FileDecision(ledger.DISCARDED, reason))


def _decide(env: Environment, file: QuarantinedFile, decision: FileDecision) -> FileDecision:
    signed = replace(decision, by=actor(env), at=datetime.now(UTC).isoformat())
    note = file.folder.child(DECISION)
    clients(env).s3.put_object(Bucket=note.bucket, Key=note.key, Body=json.dumps(asdict(signed)).encode())
    return signed


def _is_facts(key: str) -> bool:
    # <_errors>/<layer>/<table>/files/dt=…/run_id=…/<id>/file.json
    parts = key.split("/")
    return len(parts) == 8 and parts[3] == "files" and parts[7] == FACTS
