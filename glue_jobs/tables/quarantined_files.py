"""The quarantine of files: the bytes of a landing file that cannot be read, and what is known of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FACTS = "file.json"
# Beside the facts: what became of the file.
DECISION = "decision.json"


@dataclass(frozen=True)
class QuarantinedFile:
    """One file. `file` and `copy` are S3 URIs: where it landed, and where its bytes are kept.

    `reason` follows the file's name. `modified` is the time of its upload in ISO 8601; `size` is in bytes.
    """

    table: str
    file: str
    reason: str
    copy: str
    etag: str
    size: int
    modified: str
    run_date: str
    run_id: str
    batch_id: str
    contract_version: int

    @property
    def id(self) -> str:
        """Of name and content: the same file has the same id in every try of its batch."""
        return file_id(self.file, self.etag)

    @property
    def folder(self) -> S3Uri:
        copy = S3Uri.parse(self.copy)
        return S3Uri(copy.bucket, copy.key.split("/bytes/")[0]).folder


def file_id(file: str, etag: str) -> str:
    """The id of a file by its URI and content."""
    return hashlib.sha256(f"{file}\n{etag}".encode()).hexdigest()[:16]


def copy_of(root: S3Uri, file: str, etag: str) -> S3Uri:
    """Where the bytes of a file are kept below `root`, the folder of one run."""
    name = file.rstrip("/").rsplit("/", 1)[-1]
    return root.child(f"{file_id(file, etag)}/bytes/{name}")


def quarantine_file(s3: S3Client, quarantined: QuarantinedFile) -> None:
    """Copies the file's bytes inside of S3, then writes its facts.

    Raises RunError (RUN203) when the file was overwritten or deleted since it was read.
    """
    from botocore.exceptions import ClientError

    source, copy = S3Uri.parse(quarantined.file), S3Uri.parse(quarantined.copy)
    try:
        s3.copy(
            {"Bucket": source.bucket, "Key": source.key},
            copy.bucket,
            copy.key,
            ExtraArgs={"CopySourceIfMatch": f'"{quarantined.etag}"', "TaggingDirective": "REPLACE"},
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in (
            "PreconditionFailed",
            "412",
            "404",
            "NoSuchKey",
        ):
            raise
        raise RunError(
            f"{quarantined.table}: {quarantined.file} was overwritten or deleted while it was read; "
            "start this run again",
            code="RUN203",
        ) from None
    facts = quarantined.folder.child(FACTS)
    body = json.dumps({"id": quarantined.id, **asdict(quarantined)}, ensure_ascii=False, indent=2)
    s3.put_object(Bucket=facts.bucket, Key=facts.key, Body=body.encode())


def from_facts(body: bytes) -> QuarantinedFile:
    """The file that a `file.json` describes."""
    facts = json.loads(body)
    del facts["id"]
    return QuarantinedFile(**facts)
