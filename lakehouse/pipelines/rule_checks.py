"""The row rules of contracts: each is a condition over columns of its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lakehouse.contracts.contract import Contract
from lakehouse.contracts.files import read_table_files, stated_tables
from lakehouse.contracts.row_rule import RowRule
from lakehouse.pipelines.sql_condition import condition_refusals
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located

NAME = "which is no column of the table"


def check_rules(contracts: Mapping[str, Contract], faults: Collector) -> None:
    """Notes each rule that is no condition (LK238), or that names no column (LK239) or has no name of its own
    (LK005).
    """
    for table, file in stated_tables(faults.root).items():
        contract = contracts.get(table)
        if contract is None or not contract.lake.rules:
            continue
        # What cannot be read has its fault already.
        located = read_table_files(file, Collector(faults.root)).contract
        if located is None:
            continue
        names: set[str] = set()
        for number, rule in enumerate(contract.lake.rules):
            if rule.name in names:
                at = located.at(("x-lake", "rules", number, "name"))
                message, expected = f"rule '{rule.name}' stands twice", "each name once"
                faults.add("LK005", message, file=located.file, at=at, wanted=expected, value=rule.name)
            names.add(rule.name)
            _check(contract, rule, number, located, faults)


def rule_columns(contract: Contract) -> Sequence[str]:
    """The columns that a rule may name: those of the rows before the platform adds its own."""
    if contract.lake.write == "scd2":
        # The surrogate key and the interval of a version come after its rows were checked.
        return [
            c for c in contract.column_names if c in (*contract.lake.business_key, *contract.lake.tracked)
        ]
    return contract.column_names


def _check(contract: Contract, rule: RowRule, number: int, located: Located, faults: Collector) -> None:
    columns = rule_columns(contract)
    at = located.at(("x-lake", "rules", number, "sql"))
    for refusal in condition_refusals(rule.sql, columns):
        stranger = refusal.message.endswith(NAME)
        faults.add(
            "LK239" if stranger else "LK238",
            f"rule '{rule.name}' {refusal.message}",
            file=located.file,
            at=at,
            wanted=f"some of {', '.join(columns)}" if stranger else refusal.expected,
            value=refusal.expected if stranger else rule.sql,
            among=columns if stranger else (),
        )
