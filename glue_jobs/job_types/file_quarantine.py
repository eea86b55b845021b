"""Puts the landing files of a batch that cannot be read into quarantine."""

from __future__ import annotations

from glue_jobs.errors import RunError
from glue_jobs.run_context import Batch, RunContext
from glue_jobs.s3 import S3Uri
from glue_jobs.sources.source import Extract
from glue_jobs.tables.quarantined_files import QuarantinedFile, copy_of, quarantine_file
from lakehouse.contracts import Contract
from lakehouse.environments import names


def quarantine_files(run: RunContext, contract: Contract, batch: Batch, extract: Extract) -> None:
    """Copies every rejected file. A repeated batch writes the same copies again."""
    uri = names.quarantined_files_uri(run.env, contract.table, batch.run_date, batch.run_id)
    for rejected in extract.rejected:
        copy = copy_of(S3Uri.parse(uri), rejected.uri, rejected.etag)
        quarantined = QuarantinedFile(
            table=contract.table,
            file=rejected.uri,
            reason=rejected.reason,
            copy=str(copy),
            etag=rejected.etag,
            size=rejected.size,
            modified=rejected.modified.isoformat(),
            run_date=batch.run_date.isoformat(),
            run_id=batch.run_id,
            batch_id=batch.batch_id,
            contract_version=contract.lake.version,
        )
        quarantine_file(run.aws.s3, quarantined)
        run.log.warning(
            "RUN130 %s: %s %s; it is in quarantine, and no row of it is in the table",
            contract.table,
            rejected.uri,
            rejected.reason,
            extra={"table": contract.table, "file": rejected.uri, "lane": quarantined.copy},
        )


def report_unreadable_files(run: RunContext, contract: Contract, extract: Extract) -> None:
    """Adds a problem (RUN131) when more files were quarantined than the environment tolerates."""
    count = len(extract.rejected)
    if count > run.env.quarantine.fail_above_ratio * extract.files:
        first = extract.rejected[0]
        run.problems.append(
            RunError(
                f"{contract.table}: {count} of {extract.files} landing files cannot be read; "
                f"{first.uri} {first.reason}",
                code="RUN131",
            )
        )
