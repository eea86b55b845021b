"""What the places of one erasure share: the environment, the person, the jobs, and how S3 is asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from cli.personal_data.masking_key import MaskingKey
from cli.personal_data.subject import Subject
from cli.personal_data.subject_tables import SubjectTable
from lakehouse.environments import Environment
from lakehouse.pipelines import Job

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROWS = "rows"


@dataclass(frozen=True)
class Left:
    """Why a place may hold the person still, and the last day on which it can. `expires`: ISO 8601, or ""."""

    reason: str
    expires: str = ""

    def __str__(self) -> str:
        return f"{self.reason}; until {self.expires}" if self.expires else self.reason


class Place(Protocol):
    """Somewhere the person may be. `unit`: of what `count` and `erase` give the number."""

    @property
    def name(self) -> str: ...

    @property
    def unit(self) -> str: ...

    def count(self) -> int: ...

    def erase(self) -> int: ...

    def left(self) -> dict[str, Left]:
        """Place → what `count` or `erase` met and cannot erase."""
        ...


@dataclass(frozen=True)
class Scope:
    """`delete_files`: files that cannot be rewritten are deleted whole where they may hold the person."""

    env: Environment
    s3: S3Client
    subject: Subject
    jobs: list[Job]
    run_id: str
    delete_files: bool = False

    @cached_property
    def key(self) -> bytes:
        """The masking key. Raises SecretError where there is none."""
        return bytes.fromhex(MaskingKey.read(self.env).key)

    def subject_in(self, of: SubjectTable) -> Subject:
        """The person as the table's column names them: by value, or by its keyed hash."""
        return self.subject.masked(of.column, self.key) if of.masked == "hash" else self.subject
