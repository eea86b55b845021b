"""How a dimension is rewound: which jobs give the states that it is made again from, in which order.

A dimension follows tables that keep the newest row of each key, so these no longer hold its past. Each job
between bronze and the dimension therefore writes, of the table that it makes, all the rows that the table
ever had; the last job makes the dimension again out of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from lakehouse.contracts import Contract
from lakehouse.pipelines.job_type import JobType
from lakehouse.pipelines.model import Job

REWIND_ID = "[a-z0-9_-]{4,160}"
# The types of jobs that make their tables by a function or a query.
_MAKERS = (JobType.TRANSFORM, JobType.SQL)


@dataclass(frozen=True)
class RewindRequest:
    """One step of a rewind: a table, the id of the rewind, and the source time from which it is made again.

    As an argument of a job: `gold.dim_customer/r-1a2b/2017-01-31T00:00:00+00:00`.
    """

    table: str
    id: str
    start: datetime

    @classmethod
    def parse(cls, text: str) -> RewindRequest | None:
        """The step of an argument; None for anything else."""
        table, _, rest = text.partition("/")
        name, _, start = rest.partition("/")
        try:
            moment = datetime.fromisoformat(start)
        except ValueError:
            return None
        if not table or not re.fullmatch(REWIND_ID, name):
            return None
        return cls(table, name, moment if moment.tzinfo else moment.replace(tzinfo=UTC))

    def __str__(self) -> str:
        return f"{self.table}/{self.id}/{self.start.isoformat()}"


@dataclass(frozen=True)
class RewindRoute:
    """The jobs with the tables that they make, the dimension's own last, and where its states come from.

    `sources` keep all rows, or are read from their change feed.
    """

    steps: tuple[tuple[Job, str], ...]
    sources: tuple[str, ...]


def rewind_route(jobs: Iterable[Job], contracts: Mapping[str, Contract], table: str) -> RewindRoute | None:
    """The route to a dimension; None when no function or query of a job makes it as a dimension (scd2)."""
    makers = {t: job for job in jobs if job.type in _MAKERS for t in job.writes}
    if table not in makers or contracts[table].lake.write != "scd2":
        return None
    steps: dict[str, Job] = {}
    sources: list[str] = []

    def visit(name: str) -> None:
        for origin in contracts[name].lake.incremental_from or makers[name].reads:
            if origin in steps or origin in sources or origin == name:
                continue
            if keeps_newest(contracts[origin]) and origin in makers:
                visit(origin)
            else:
                sources.append(origin)
        steps[name] = makers[name]

    visit(table)
    return RewindRoute(tuple((job, name) for name, job in steps.items()), tuple(sources))


def keeps_newest(contract: Contract) -> bool:
    """Whether a table keeps the newest row of each key, so that its rows of the past are gone."""
    return contract.lake.write == "merge" and contract.lake.store == "delta"
