"""Checks of a suite beyond the model: expectations exist, their arguments fit, and the table has their
columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lakehouse.contracts.consistency_arguments import argument_fits, check_arguments
from lakehouse.contracts.consistency_fit import check_fit, fault_of_reference
from lakehouse.contracts.consistency_references import check_column_names, check_regex
from lakehouse.contracts.contract import Contract
from lakehouse.contracts.suite import TABLE_COLUMNS, Expectation, Suite
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Loc, Located


def check_suite(
    table: str,
    suite: Suite,
    located: Located,
    contracts: Mapping[str, Contract],
    declared: Sequence[str],
    faults: Collector,
) -> bool:
    """True when the suite adds no fault to `faults`. Columns are checked only against a valid contract."""
    before = len(faults.faults)
    file = located.file
    if suite.table != table:
        faults.add(
            "LK201",
            f"table '{suite.table}' is not this file's",
            file=file,
            at=located.at(("table",)),
            wanted=table,
            value=suite.table,
        )
    if table not in declared:
        faults.add(
            "LK208",
            f"table '{table}' has no contract",
            file=file,
            wanted="a .schema.json beside it",
            value=table,
            among=declared,
        )
    for i, expectation in enumerate(suite.expectations):
        if check_arguments(i, expectation, located, faults) and table in contracts:
            check_fit(i, expectation, dict(contracts[table].stored), located, faults)
        _check_columns(i, _well_typed(expectation), table, located, contracts, declared, faults)
    return len(faults.faults) == before


def _well_typed(e: Expectation) -> Expectation:
    """The expectation without the arguments that are of a wrong type, which have a fault already."""
    return e.model_copy(update={"kwargs": {k: v for k, v in e.kwargs.items() if argument_fits(k, v)}})


def _check_columns(
    i: int,
    e: Expectation,
    table: str,
    located: Located,
    contracts: Mapping[str, Contract],
    declared: Sequence[str],
    faults: Collector,
) -> None:
    loc = ("expectations", i, "kwargs")
    if table in contracts:
        columns = [name for name, _ in contracts[table].stored]
        for key in TABLE_COLUMNS:
            if key in e.kwargs:
                check_column_names([e.kwargs[key]], columns, located, (*loc, key), faults)
        for key in ("column_list", "column_set"):
            check_column_names(e.kwargs.get(key, []), columns, located, (*loc, key), faults)
    if "regex" in e.kwargs:
        check_regex(e.kwargs["regex"], located, (*loc, "regex"), faults)
    if "table" in e.kwargs:
        _check_other_table(e, table, loc, located, contracts, declared, faults)


def _check_other_table(
    e: Expectation,
    table: str,
    loc: Loc,
    located: Located,
    contracts: Mapping[str, Contract],
    declared: Sequence[str],
    faults: Collector,
) -> None:
    """Notes LK208 for a table without a contract, and faults of the column that is looked up there."""
    other = e.kwargs["table"]
    if other is not None and other not in declared:
        at = located.at((*loc, "table"))
        faults.add(
            "LK208",
            f"table '{other}' has no contract",
            file=located.file,
            at=at,
            wanted="a table of schemas/",
            value=other,
            among=declared,
        )
    elif other is not None and other in contracts and "table_column" in e.kwargs:
        check_column_names(
            [e.kwargs["table_column"]],
            [name for name, _ in contracts[other].stored],
            located,
            (*loc, "table_column"),
            faults,
        )
        if table in contracts:
            _check_reference(
                e, dict(contracts[table].stored), dict(contracts[other].stored), loc, located, faults
            )


def _check_reference(
    e: Expectation,
    types: Mapping[str, str],
    of_other: Mapping[str, str],
    loc: Loc,
    located: Located,
    faults: Collector,
) -> None:
    """Notes LK226 for a column that is looked up among values of another kind."""
    column, other = types.get(str(e.kwargs.get("column"))), of_other.get(str(e.kwargs["table_column"]))
    if column and other and (fault := fault_of_reference(column, other)):
        faults.add(
            "LK226",
            fault,
            file=located.file,
            at=located.at((*loc, "table_column")),
            wanted="two columns of one kind",
            value=str(e.kwargs["table_column"]),
        )
