"""What a table is made from, as its contract says it, against what its function or query reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from lakehouse.contracts.contract import Contract
from lakehouse.pipelines.model import Job
from lakehouse.reading.faults import Collector


def check_inputs(
    contract: Contract, inputs: Sequence[str], file: Path, at: tuple[int, int], faults: Collector
) -> None:
    """A table is made from what drives it, so its function or query must read that."""
    for driving in contract.lake.incremental_from:
        if driving == contract.table:
            message, expected = (
                f"{contract.table} is incremental_from itself",
                "tables that other jobs change",
            )
            faults.add("LK326", message, file=file, at=at, wanted=expected, value=driving)
        elif driving not in inputs:
            message = f"{contract.table} is incremental_from {driving}, which nothing here reads for it"
            expected = f"some of {', '.join(inputs) or 'no table'} in x-lake.incremental_from"
            faults.add("LK326", message, file=file, at=at, wanted=expected, value=driving, among=inputs)
    for dependency in contract.lake.depends_on:
        if dependency.table not in inputs:
            message = f"{contract.table} depends_on {dependency.table}, which nothing here reads for it"
            expected = f"some of {', '.join(inputs) or 'no table'} in x-lake.depends_on"
            faults.add(
                "LK326", message, file=file, at=at, wanted=expected, value=dependency.table, among=inputs
            )


def check_references(
    contract: Contract, inputs: Sequence[str], file: Path, at: tuple[int, int], faults: Collector
) -> None:
    """A table that is read beside what drives the rows must reach them when it changes."""
    lake = contract.lake
    if lake.write not in ("merge", "recompute") or not lake.incremental_from:
        return
    following = [*lake.incremental_from, *(d.table for d in lake.depends_on)]
    for table in inputs:
        if table not in following:
            message = f"{contract.table} reads {table}, whose changes would never reach its rows"
            expected = f"{table} in x-lake.depends_on (the rows look it up) or incremental_from (it has rows)"
            faults.add("LK336", message, file=file, at=at, wanted=expected, value=table)


def check_order(job: Job, inputs: Mapping[str, Sequence[str]], file: Path, faults: Collector) -> None:
    """Tables of one job are made one after the other; those that wait for one another never are."""
    try:
        dependencies = {
            table: [i for i in reads if i in inputs and i != table] for table, reads in inputs.items()
        }
        TopologicalSorter(dependencies).prepare()
    except CycleError as error:
        circle = " → ".join(error.args[1])
        message = f"tables of job '{job.name}' are made from one another: {circle}"
        faults.add("LK327", message, file=file, wanted="tables that can be made one after the other")
