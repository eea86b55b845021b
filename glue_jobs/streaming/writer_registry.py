"""Finds the writer of a table that a stream fills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glue_jobs.errors import RunError
from glue_jobs.streaming.append_writer import AppendWriter
from glue_jobs.streaming.lakebase_writer import LakebaseStreamWriter
from glue_jobs.streaming.merge_writer import MergeWriter
from glue_jobs.streaming.message_metadata import is_cdc
from glue_jobs.streaming.stream_writer import StreamWriter
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    from glue_jobs.run_context import RunContext


def require_writable(contract: Contract) -> None:
    """Raises RunError (RUN123) for a table that a stream cannot write as its contract says."""
    lake = contract.lake
    if lake.write not in ("append", "merge"):
        raise RunError(
            f"{contract.table}: its contract says write '{lake.write}'; a stream can append or merge",
            code="RUN123",
        )
    if is_cdc(contract) and (lake.write != "merge" or not lake.delete_flag or not lake.sequence):
        raise RunError(
            f"{contract.table}: changes of a database need a table with write 'merge', a sequence, "
            "such as a column from cdc:ts_ms, and a delete_flag",
            code="RUN123",
        )


def writer_for(run: RunContext, contract: Contract, *, in_order: bool) -> StreamWriter:
    """The writer that the contract's `store` and `write` ask for.

    Raises RunError (RUN123) when a stream cannot write so. `in_order`: of equally new rows the last one wins.
    """
    require_writable(contract)
    lake = contract.lake
    if lake.store == "postgres":
        return LakebaseStreamWriter(run, contract)
    return AppendWriter(run, contract) if lake.write == "append" else MergeWriter(contract, in_order=in_order)
