"""Rewrites landing and quarantine files without the rows of a person; every other byte stays as it is."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cli.personal_data.subject import Subject
from glue_jobs.s3 import S3Uri, list_keys

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Rewritten:
    """A file without the person's rows: how many went, when it had come, the ETag that it had and has."""

    key: str
    rows: int
    modified: datetime
    before: str
    after: str


def json_lines_without(data: bytes, subject: Subject, names: tuple[str, ...]) -> tuple[bytes, int]:
    """(the lines that are not of the person, how many are).

    Of a quarantined row its `row` and `raw` are looked at.
    """
    lines = data.splitlines(keepends=True)
    rest = [line for line in lines if not _is_of(line, subject, names)]
    return b"".join(rest), len(lines) - len(rest)


def _is_of(line: bytes, subject: Subject, names: tuple[str, ...]) -> bool:
    text = line.decode("utf-8", "replace")
    try:
        document: Any = json.loads(text)
    except ValueError:
        return subject.is_in_text(text, names)
    if not isinstance(document, dict):
        return False
    inner = document.get("row")
    if isinstance(inner, dict) and "reasons" in document:
        raw = document.get("raw")
        return subject.is_in_row(inner, names) or (bool(raw) and subject.is_in_text(str(raw), names))
    return subject.is_in_row(document, names)


def csv_without(data: bytes, subject: Subject, names: tuple[str, ...]) -> tuple[bytes, int]:
    """The same for CSV with a header; a row may go over several lines."""
    lines = data.splitlines(keepends=True)
    texts = [line.decode("utf-8", "replace") for line in lines]
    reader, begin, rest, gone = csv.reader(texts), 0, list[bytes](), 0
    header: list[str] = []
    for fields in reader:
        raw, begin = lines[begin : reader.line_num], reader.line_num
        if not header:
            header = [name.lstrip("\ufeff").strip() for name in fields]
            rest += raw
        elif subject.is_in_row(dict(zip(header, fields, strict=False)), names):
            gone += 1
        else:
            rest += raw
    return b"".join(rest), gone


def rewrite(
    s3: S3Client, prefix: S3Uri, form: str, subject: Subject, names: tuple[str, ...], *, dry_run: bool
) -> Iterator[Rewritten]:
    """Every file below `prefix` with rows of the person; with `dry_run` they are only counted."""
    for key in list(list_keys(s3, prefix)):
        stored = s3.get_object(Bucket=prefix.bucket, Key=key)
        data = stored["Body"].read()
        rest, rows = (csv_without if form == "csv" else json_lines_without)(data, subject, names)
        if not rows:
            continue
        before = after = stored["ETag"].strip('"')
        if not dry_run:
            after = s3.put_object(Bucket=prefix.bucket, Key=key, Body=rest)["ETag"].strip('"')
        yield Rewritten(key, rows, stored["LastModified"], before, after)


def delete_older_versions(s3: S3Client, prefix: S3Uri) -> int:
    """Deletes what a versioned bucket keeps below `prefix` beside the newest objects; how many versions."""
    deleted = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=prefix.bucket, Prefix=prefix.key):
        versions = [v for v in page.get("Versions", []) if not v["IsLatest"]]
        for old in [*versions, *page.get("DeleteMarkers", [])]:
            s3.delete_object(Bucket=prefix.bucket, Key=old["Key"], VersionId=old["VersionId"])
            deleted += 1
    return deleted
