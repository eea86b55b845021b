"""The contract of a table whose rows come from a source."""

from __future__ import annotations

from dataclasses import dataclass

from lakehouse.contracts.contract import Contract
from lakehouse.contracts.source_document import Source


@dataclass(frozen=True)
class SourcedContract(Contract):
    """A contract with the source that the contract, or the job that fills the table, names."""

    source: Source

    @classmethod
    def of(cls, contract: Contract) -> SourcedContract | None:
        """The same contract with its source; None where it has none."""
        source = contract.lake.source
        if source is None:
            return None
        return cls(
            contract.table, contract.title, contract.description, contract.columns, contract.lake, source
        )
