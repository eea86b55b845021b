"""Published tables against the warehouse that takes them: column types, and keys that must be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from lakehouse.contracts.contract import Contract
from lakehouse.contracts.files import read_table_files, stated_tables
from lakehouse.contracts.masking import readable_columns
from lakehouse.contracts.sink_types import misfit
from lakehouse.pipelines.model import Job
from lakehouse.reading.faults import Collector

# (code, column, message, wanted)
Misfit = tuple[str, str, str, str]


def check_publish(job: Job, contracts: Mapping[str, Contract], faults: Collector) -> None:
    """Notes every column of a published table that the job's warehouse would refuse, at its contract."""
    if not job.warehouse:
        return
    for table in job.reads:
        misfits = list(_misfits(job.warehouse, contracts[table])) if table in contracts else []
        if misfits:
            _note(table, job, misfits, faults)


def _misfits(warehouse: str, contract: Contract) -> Iterator[Misfit]:
    withheld = readable_columns(contract)
    for name, kind in contract.stored:
        wrong = misfit(warehouse, kind) if name not in withheld else None
        if wrong:
            yield "LK250", name, f"column '{name}' cannot be published: {wrong[0]}", wrong[1]
    day = [contract.lake.recompute_by] if contract.lake.recompute_by else []
    for name in dict.fromkeys([*contract.primary_key, *day]):
        if name in withheld:
            message = f"column '{name}' is a key, and personal data in the clear is not published"
            yield (
                "LK251",
                name,
                message,
                "a key that is masked, or no personal data",
            )


def _note(table: str, job: Job, misfits: list[Misfit], faults: Collector) -> None:
    """The contract is read once more for its lines: a table that fits is not."""
    file = stated_tables(faults.root).get(table)
    located = read_table_files(file, Collector(faults.root)).contract if file else None
    for code, name, message, expected in misfits:
        message = f"{message} (job '{job.name}')"
        at = located.at(("properties", name), key=True) if located else (0, 0)
        of: Path = located.file if located else faults.root / job.file_and_line[0]
        faults.add(code, message, file=of, at=at, wanted=expected, value=name)
