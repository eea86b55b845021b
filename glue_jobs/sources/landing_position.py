"""Which landing files a position has read: pure, and small however many files there are.

Position: {"dt": newest day folder read, "through": newest LastModified read, "recent": fingerprints of the
files read whose LastModified is at most a day before `through`, "files": the keys of the last batch, by
folder date and name}. S3 stamps an object with the start of its upload, so an object may appear after others
with later stamps. Within that day the fingerprints say what was read, not the stamps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from glue_jobs.sources.source import Position, SourceError

WINDOW = timedelta(days=1)
# Of the files that an error names.
SHOWN = 3


@dataclass(frozen=True)
class LandingFile:
    """One object. `day`: of its dt= folder, the earliest date without one. `size`: in bytes."""

    key: str
    day: date
    modified: datetime
    etag: str
    size: int

    @property
    def fingerprint(self) -> str:
        """Of key and content: an overwritten file has another, the same content written again has not."""
        return hashlib.sha256(f"{self.key}\n{self.etag}".encode()).hexdigest()[:16]


def first_line(bucket: str, files: list[LandingFile]) -> str:
    """How errors name the header, or the first object, of the first of some files."""
    more = f" (and {len(files) - 1} more files)" if len(files) > 1 else ""
    return f"s3://{bucket}/{files[0].key}:1{more}" if files else f"s3://{bucket}/"


@dataclass(frozen=True)
class LandingPosition:
    """A parsed position."""

    day: date
    through: datetime
    recent: frozenset[str]

    def has_read(self, file: LandingFile) -> bool:
        return file.day <= self.day and (
            file.modified <= self.through - WINDOW or file.fingerprint in self.recent
        )

    def as_json(self) -> Position:
        return {
            "dt": self.day.isoformat(),
            "through": self.through.isoformat(),
            "recent": sorted(self.recent),
        }


def parse(position: Position) -> LandingPosition | None:
    """The position as an object; None before the first read."""
    if position is None:
        return None
    return LandingPosition(
        date.fromisoformat(position["dt"]),
        datetime.fromisoformat(position["through"]),
        frozenset(position["recent"]),
    )


def new_files(files: Iterable[LandingFile], position: Position) -> list[LandingFile]:
    """The files that `position` has not read."""
    last = parse(position)
    return [file for file in files if last is None or not last.has_read(file)]


def files_between(files: Iterable[LandingFile], position: Position, until: Position) -> list[LandingFile]:
    """The files that `until` has read and `position` has not, sorted by key.

    Raises SourceError (RUN140) when a file that was planned is gone. One that was overwritten is not: its new
    content is read by the next batch.
    """
    files, end = list(files), parse(until)
    missing = sorted(set((until or {}).get("files", ())) - {file.key for file in files})
    if missing:
        more = f" (and {len(missing) - SHOWN} more)" if len(missing) > SHOWN else ""
        raise SourceError(
            f"landing files that were planned are gone: {', '.join(missing[:SHOWN])}{more}; bring them back, "
            "or drop the batch (docs/errors/RUN140.md)",
            code="RUN140",
        )
    batch = (file for file in new_files(files, position) if end is not None and end.has_read(file))
    return sorted(batch, key=lambda file: file.key)


def _delivery(file: LandingFile) -> tuple[date, str]:
    """Files of newer folders were delivered later, and in a folder those of later names."""
    return file.day, file.key


def advance(position: Position, files: Iterable[LandingFile], run_date: date) -> Position:
    """The position after all new files of folders up to `run_date`; `position` itself when there are none."""
    due = [file for file in files if file.day <= run_date]
    new = new_files(due, position)
    if not new:
        return position
    last = parse(position)
    newest = max(file.modified.astimezone(UTC) for file in new)
    backfill = last is not None and run_date < last.day
    if last is None:
        through, day, recent = newest, run_date, frozenset[str]()
    elif backfill:
        # Newer days may hold files that are not read yet: a later `through` would skip them.
        through, day, recent = last.through, last.day, last.recent
    else:
        # Files that have left the bucket need no fingerprint any more. A backfill does not list all folders.
        through, day = max(newest, last.through), run_date
        recent = last.recent & {file.fingerprint for file in due}
    expired = {file.fingerprint for file in due if file.modified <= through - WINDOW}
    fingerprints = (recent | {file.fingerprint for file in new}) - expired
    end = LandingPosition(day, through, frozenset(fingerprints)).as_json()
    return {**(end or {}), "files": [file.key for file in sorted(new, key=_delivery)]}
