"""Checks of row filters against the contracts: expressions can be parsed, rows are filtered, and no personal
data is shown that the filter does not name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lakehouse.access import vocabulary
from lakehouse.access.evaluate import column_tags, selects
from lakehouse.access.expression import ExpressionError, check_expression
from lakehouse.access.model import Policy, RowFilter
from lakehouse.contracts.contract import Contract
from lakehouse.contracts.masking import NONE, PII
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Loc, Located


def check_filters(
    policy: Policy,
    located: Located,
    contracts: Mapping[str, Contract],
    declared: Sequence[str],
    faults: Collector,
) -> None:
    names: set[tuple[str, str]] = set()
    for i, row_filter in enumerate(policy.filters):
        loc = ("filters", i)
        role_known = vocabulary.check_role(row_filter.role, policy, located, (*loc, "role"), faults)
        vocabulary.check_table(row_filter.table, located, (*loc, "table"), declared, faults)
        if (row_filter.table, row_filter.name) in names:
            _note(
                "LK005",
                f"'{row_filter.name}' stands twice",
                "each name once for a table",
                row_filter.name,
                located,
                (*loc, "name"),
                faults,
            )
        names.add((row_filter.table, row_filter.name))
        contract = contracts.get(row_filter.table)
        if contract is None:
            continue
        for key in ("columns", "except_columns"):
            vocabulary.check_columns(getattr(row_filter, key) or [], contract, located, (*loc, key), faults)
        _check_rows(row_filter, contract, located, loc, faults)
        _check_personal(policy, row_filter, contract, located, loc, faults)
        if role_known:
            _check_filters(policy, row_filter, contract, located, loc, faults)


def _check_rows(
    row_filter: RowFilter, contract: Contract, located: Located, loc: Loc, faults: Collector
) -> None:
    columns = dict(contract.stored)
    try:
        check_expression(row_filter.rows, columns)
    except ExpressionError as e:
        value, among = (e.name, columns) if e.name else (row_filter.rows, {})
        faults.add(
            "LK406",
            f"rows: {e}",
            file=located.file,
            at=located.at((*loc, "rows")),
            wanted=e.wanted,
            value=value,
            among=among,
        )


def _check_personal(
    policy: Policy, row_filter: RowFilter, contract: Contract, located: Located, loc: Loc, faults: Collector
) -> None:
    """Reports personal columns that a filter shows without naming them.

    A filter must name its columns: a column that becomes personal later would be shown otherwise.
    """
    if row_filter.columns is not None:
        return
    for name in row_filter.shown(contract):
        pii = column_tags(policy, contract, name).get(PII, NONE)
        if pii != NONE:
            message, expected = (
                f"shows '{name}', whose pii is {pii}, without naming it",
                "columns that name it, or except_columns with it",
            )
            _note("LK408", message, expected, name, located, (*loc, "name"), faults)


def _check_filters(
    policy: Policy, row_filter: RowFilter, contract: Contract, located: Located, loc: Loc, faults: Collector
) -> None:
    """Reports a filter without effect: a role that has a grant on every row sees every row."""
    for name in row_filter.shown(contract):
        grant = selects(policy, row_filter.role, contract, name)
        if grant is not None:
            message = (
                f"filters nothing: role '{row_filter.role}' sees every row of '{name}' by its grant "
                f"{grant.text}"
            )
            expected = f"no grant that reaches {contract.table}, such as by the tag rows"
            _note("LK407", message, expected, row_filter.name, located, (*loc, "name"), faults)
            return


def _note(
    code: str, what: str, wanted: str, value: str, located: Located, loc: Loc, faults: Collector
) -> None:
    faults.add(code, what, file=located.file, at=located.at(loc), wanted=wanted, value=value)
