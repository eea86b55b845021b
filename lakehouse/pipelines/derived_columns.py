"""Which job derives the columns of a contract, and whether they are those of its query or function now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from lakehouse.contracts.contract import Contract
from lakehouse.contracts.files import is_short, stated_tables
from lakehouse.contracts.short.derived import COMMAND, derived_file, leaves_out, read_derived
from lakehouse.digest import digest_of
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.sql import Statement
from lakehouse.pipelines.sql_lint import readable_statements
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import read_yaml
from lakehouse.reading.text import read_text


def check_derived(jobs: Sequence[Job], contracts: Mapping[str, Contract], faults: Collector) -> None:
    """Notes LK273 for derived columns of a query, a function or inputs that have changed since."""
    for table, file in stated_tables(faults.root).items():
        beside = derived_file(file)
        if not is_short(file) or not beside.exists() or table not in contracts:
            continue
        located = read_yaml(file, Collector(faults.root))
        if located and not leaves_out(located.value):
            message = "nobody reads these columns: the contract beside them states its own"
            faults.add("LK212", message, file=beside, wanted="no such file, or derive: true in the contract")
            continue
        derived = read_derived(beside, Collector(faults.root))
        job = next((job for job in jobs if table in job.writes), None)
        if derived and job and derivation_digest(job, table, contracts, faults) != derived.digest:
            message = f"{table}: its query or what it reads has changed since its columns were derived"
            faults.add("LK273", message, file=beside, wanted=f"`{COMMAND}`")


def derivation_digest(job: Job, table: str, contracts: Mapping[str, Contract], faults: Collector) -> str:
    """The digest of all that decides which columns a table has: its code, and its inputs with their tags."""
    statement = statement_of(job, table, faults)
    reads = statement.reads if statement else tuple(sorted(job.reads))
    parts = {"code": statement.query.encode() if statement else b""}
    for path in () if statement else [p.file for p in job.procs]:
        parts[path] = (read_text(faults.root / path, Collector(faults.root)) or "").encode()
    for read in reads:
        columns = contracts[read].columns if read in contracts else ()
        parts[read] = json.dumps([[c.name, c.type, c.lake.tags, c.lake.mask] for c in columns]).encode()
    return digest_of(parts)


def statement_of(job: Job, table: str, faults: Collector) -> Statement | None:
    """The query that is the table; None where a function makes it."""
    return next((s for s in _statements(job, faults) if s.table == table), None)


def _statements(job: Job, faults: Collector) -> Iterator[Statement]:
    for path in dict.fromkeys(p.file for p in job.procs if p.file.endswith(".sql")):
        text = read_text(faults.root / path, Collector(faults.root)) or ""
        yield from readable_statements(text)
