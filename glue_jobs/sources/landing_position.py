"""Which landing files a position has seen: pure, and small whatever the number of files.

Position: {"dt": newest day folder read, "through": newest LastModified read, "recent": fingerprints of the files read whose
LastModified is within a day before `through`}. S3 stamps an object with the moment its upload began, so that one may appear after
others with later stamps; within that day the fingerprints tell what was read, not the stamp.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from glue_jobs.sources.source import Position

WINDOW = timedelta(days=1)


@dataclass(frozen=True)
class File:
    """One object: its key, the day of its dt= folder (the earliest date without one), when S3 got it, its ETag, its bytes."""

    key: str
    day: date
    modified: datetime
    etag: str
    size: int

    @property
    def fingerprint(self) -> str:
        """Changes when the content does: an overwritten file is a new one, the same content once more is not."""
        return hashlib.sha256(f"{self.key}\n{self.etag}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Seen:
    """A position, read."""

    day: date
    through: datetime
    recent: frozenset[str]

    def has(self, file: File) -> bool:
        return file.day <= self.day and (
            file.modified <= self.through - WINDOW or file.fingerprint in self.recent
        )

    def as_position(self) -> Position:
        return {
            "dt": self.day.isoformat(),
            "through": self.through.isoformat(),
            "recent": sorted(self.recent),
        }


def seen(position: Position) -> Seen | None:
    if position is None:
        return None
    return Seen(
        date.fromisoformat(position["dt"]),
        datetime.fromisoformat(position["through"]),
        frozenset(position["recent"]),
    )


def unseen(files: Iterable[File], position: Position) -> list[File]:
    before = seen(position)
    return [file for file in files if before is None or not before.has(file)]


def between(files: Iterable[File], position: Position, until: Position) -> list[File]:
    """What `until` has seen and `position` has not, by key."""
    last = seen(until)
    return sorted(
        (file for file in unseen(files, position) if last is not None and last.has(file)),
        key=lambda file: file.key,
    )


def advanced(position: Position, files: Iterable[File], run_date: date) -> Position:
    """The position after all unseen files of folders up to `run_date`; `position` itself when there are none."""
    there = [file for file in files if file.day <= run_date]
    new = unseen(there, position)
    if not new:
        return position
    before = seen(position)
    newest = max(file.modified.astimezone(UTC) for file in new)
    if before is None:
        through, day, known = newest, run_date, frozenset[str]()
    elif run_date < before.day:
        # A backfill: newer days may hold files not read yet, and a later `through` would pass over them.
        through, day, known = before.through, before.day, before.recent
    else:
        through, day, known = max(newest, before.through), run_date, before.recent
    # What has left the window, or the bucket, need not be remembered; in a backfill the rest of the listing has not been looked at.
    gone = {file.fingerprint for file in there if file.modified <= through - WINDOW}
    still = (
        known
        if before is not None and run_date < before.day
        else known & {file.fingerprint for file in there}
    )
    return Seen(day, through, frozenset((still | {file.fingerprint for file in new}) - gone)).as_position()
