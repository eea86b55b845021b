"""Where a job's tables come from, where the job and not the contract says it: a copy template, or the topic
of a stream.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lakehouse.contracts.contract import Column, Contract
from lakehouse.contracts.files import stated_tables
from lakehouse.contracts.source_document import Source
from lakehouse.pipelines.copy_template import CopyTemplate
from lakehouse.pipelines.job_fault import note_job
from lakehouse.pipelines.model import Job
from lakehouse.reading.faults import Collector

TOPIC = "kafka_topic"


def sourced(job: Job, contract: Contract) -> Contract:
    """The contract with the source that the job names, if it names one."""
    copy = _copy_of(job, contract.table)
    if copy:
        source = Source(kind=copy.kind, object=copy.object, format=copy.format, system=copy.system)
        named = {sink: name for name, sink in copy.columns}
        columns = tuple(_from(column, named.get(column.name)) for column in contract.columns)
        return replace(contract, columns=columns, lake=contract.lake.model_copy(update={"source": source}))
    topic = next((p.value for p in job.params if p.name == TOPIC), None)
    source_of = contract.lake.source
    if topic and source_of and source_of.kind == "kafka":
        return replace(
            contract,
            lake=contract.lake.model_copy(update={"source": source_of.model_copy(update={"object": topic})}),
        )
    return contract


def check_origins(jobs: Sequence[Job], contracts: Mapping[str, Contract], faults: Collector) -> None:
    """Notes bronze tables whose rows come from nowhere, and templates that do not fit their table."""
    copied = {p.copy.table: (p.copy, p.file) for job in jobs for p in job.procs if p.copy}
    for table, contract in contracts.items():
        if (
            contract.layer == "bronze"
            and contract.lake.write == "append"
            and contract.lake.source is None
            and table not in copied
        ):
            contract_file = stated_tables(faults.root).get(table, faults.root / "schemas")
            faults.add(
                "LK205",
                f"{table} names no source, and no job copies into it",
                file=contract_file,
                wanted="x-lake.source",
            )
    for table, (copy, file) in copied.items():
        if table in contracts:
            _check_copy(copy, contracts[table], file, faults)
    for job in jobs:
        _check_topic(job, contracts, faults)


def _check_topic(job: Job, contracts: Mapping[str, Contract], faults: Collector) -> None:
    topic = next((p.value for p in job.params if p.name == TOPIC), None)
    for table in job.writes if topic else ():
        source = contracts[table].lake.source if table in contracts else None
        if source and source.kind == "kafka" and source.object != topic:
            message = (
                f"job '{job.name}' reads topic '{topic}', and the contract of {table} says '{source.object}'"
            )
            note_job(faults, "LK321", job, message, "one topic", str(topic))


def _check_copy(copy: CopyTemplate, contract: Contract, file: str, faults: Collector) -> None:
    path = faults.root / file
    if contract.lake.source is not None:
        message = f"{contract.table} has a source already, in its contract"
        faults.add("LK321", message, file=path, wanted="the source in one place: here, or in the contract")
    for _, sink in copy.columns:
        if sink not in contract.by_name:
            faults.add(
                "LK321",
                f"maps to '{sink}', which is no column of {contract.table}",
                file=path,
                wanted="a column of the contract",
                value=sink,
                among=contract.column_names,
            )
    mapped = {sink for _, sink in copy.columns}
    lacking = [c.name for c in contract.columns if c.required and c.name not in mapped]
    if lacking:
        message = f"maps nothing to {', '.join(lacking)} of {contract.table}"
        faults.add("LK321", message, file=path, wanted="a mapping for each required column")


def _copy_of(job: Job, table: str) -> CopyTemplate | None:
    return next((p.copy for p in job.procs if p.copy and p.copy.table == table), None)


def _from(column: Column, name: str | None) -> Column:
    """A column that is mapped from nothing keeps its own name."""
    if name is None or name == column.name:
        return column
    lake = column.schema.x_lake.model_copy(update={"source": name})
    return replace(column, schema=column.schema.model_copy(update={"x_lake": lake}))
