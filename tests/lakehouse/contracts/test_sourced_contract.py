"""A contract with a source says so in its type."""

from __future__ import annotations

from lakehouse.contracts import SourcedContract
from tests.glue_jobs.builders import contract

SOURCE = {"kind": "landing", "object": "crm", "format": "csv", "system": "crm"}


def test_a_contract_with_a_source_gives_the_source() -> None:
    plain = contract("bronze.people", write="append", source=SOURCE)
    sourced = SourcedContract.of(plain)
    assert sourced
    assert (sourced.source.object, sourced.source.system) == ("crm", "crm")
    assert (sourced.table, sourced.ddl, sourced.lake) == (plain.table, plain.ddl, plain.lake)


def test_a_contract_without_a_source_gives_none() -> None:
    assert SourcedContract.of(contract()) is None
