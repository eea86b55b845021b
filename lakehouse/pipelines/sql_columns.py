"""The columns that queries name, by sqlglot: one that exists nowhere is a fault of validate.

It says only what is sure without Spark: a name that no input, alias or variable of the query has, a name that
the one table before its dot lacks, and columns of the contract that the query does not give. `--deep` asks
Spark for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakehouse.contracts.contract import Contract
from lakehouse.pipelines.model import Job
from lakehouse.pipelines.sql import Statement, word
from lakehouse.pipelines.sql_lint import readable_statements
from lakehouse.pipelines.sql_tree import tree_of
from lakehouse.reading.faults import Collector
from lakehouse.reading.text import read_text

# Units of time, and the one word of GROUP BY ALL: names to sqlglot, words to Spark.
_WORDS = """
all year years quarter quarters month months week weeks day days dayofyear hour hours minute minutes second
seconds millisecond milliseconds microsecond microseconds
"""
_WORD = frozenset(_WORDS.split())
# Columns of functions that make rows, where no alias names them.
_GENERATED = re.compile(r"col\d*|c\d+|pos|key|value|id|window|session_window")
# Their columns are the fields of what they are given, which only Spark knows.
_UNKNOWN_COLUMNS = (exp.Pivot, exp.Inline)


@dataclass(frozen=True)
class ColumnFault:
    """A column that a query names or lacks. `offset` is that of its name in the query, 0 of the whole one."""

    code: str
    message: str
    wanted: str
    offset: int = 0
    value: str = ""
    among: Sequence[str] = ()


def check_columns(jobs: Sequence[Job], contracts: Mapping[str, Contract], faults: Collector) -> None:
    """Notes (LK246) each column of a query that exists nowhere, and (LK341) what its contract lacks of it."""
    for path in dict.fromkeys(p.file for job in jobs for p in job.procs if p.file.endswith(".sql")):
        file = faults.root / path
        text = read_text(file, Collector(faults.root)) or ""
        for statement in readable_statements(text):
            for fault in column_faults(statement, contracts):
                faults.add(
                    fault.code,
                    f"{statement.table}: {fault.message}",
                    file=file,
                    at=statement.position(text, fault.offset),
                    wanted=fault.wanted,
                    value=fault.value,
                    among=fault.among,
                )


def column_faults(statement: Statement, contracts: Mapping[str, Contract]) -> Iterator[ColumnFault]:
    """The faults of one query. None for a query that is no SQL, and where an input has no sound contract."""
    inputs = {word(table): contracts.get(table) for table in statement.reads}
    if not all(inputs.values()):
        return
    try:
        tree = tree_of(statement.query)
    except (SqlglotError, RecursionError):
        return  # a fault of the grammar's own check
    columns = {name: [c for c, _ in of.stored] for name, of in inputs.items() if of}
    yield from _strangers(tree, columns)
    contract = contracts.get(statement.table)
    if contract is not None:
        yield from _given(tree, contract)


def _strangers(tree: Any, columns: Mapping[str, list[str]]) -> Iterator[ColumnFault]:
    """Each name of a column that exists nowhere."""
    tables = _aliases(tree, columns)
    anywhere = {name for names in columns.values() for name in names} | _made(tree)
    unsure = tree.find(*_UNKNOWN_COLUMNS) is not None or bool(
        re.search(r"\binline", str(tree), re.IGNORECASE)
    )
    for column in tree.find_all(exp.Column):
        first = column.parts[0].name.lower()
        qualified = len(column.parts) > 1 and first in tables
        part = column.parts[1] if qualified else column.parts[0]
        name, among = part.name.lower(), tables[first] if qualified else None
        if among is not None:
            message, is_known = f"names '{name}', which {first} does not have", name in among
        else:
            message = f"names '{name}', which is no column of what it reads"
            is_known = unsure or name in anywhere or name in _WORD or bool(_GENERATED.fullmatch(name))
        if not is_known:
            offset, names = int(part.meta.get("start", 0)), among or sorted(anywhere)
            yield ColumnFault("LK246", message, "a column of a table that is read", offset, name, names)


def _aliases(tree: Any, columns: Mapping[str, list[str]]) -> dict[str, list[str] | None]:
    """Name before a dot → columns of the stored table that it stands for; None where it stands for a query
    or for several tables.
    """
    aliases: dict[str, list[str] | None] = {}
    for table in tree.find_all(exp.Table):
        name, alias = table.name.lower(), table.alias_or_name.lower()
        renames = table.args.get("alias") is not None and bool(table.args["alias"].columns)
        of = None if renames else columns.get(name)
        aliases[alias] = of if alias not in aliases or aliases[alias] == of else None
    for query in [*tree.find_all(exp.CTE), *tree.find_all(exp.Subquery), *tree.find_all(exp.Lateral)]:
        aliases[query.alias.lower()] = None
    return aliases


def _made(tree: Any) -> set[str]:
    """Names that the query itself gives: aliases, columns of aliases, and variables of functions."""
    names = {
        node.alias.lower() for node in tree.find_all(exp.Alias, exp.PivotAlias, exp.PropertyEQ) if node.alias
    }
    for alias in tree.find_all(exp.TableAlias):
        names |= {column.name.lower() for column in alias.columns} | {alias.name.lower()}
    for aliases in tree.find_all(exp.Aliases):
        names |= {alias.name.lower() for alias in aliases.expressions}
    for function in tree.find_all(exp.Lambda):
        names |= {variable.name.lower() for variable in function.expressions}
    return names


def _given(tree: Any, contract: Contract) -> Iterator[ColumnFault]:
    """Columns of the contract that the query does not give, and the reverse, where it lists what it gives."""
    selects = tree.named_selects if isinstance(tree, exp.Query) else []
    if not selects or any(name in ("*", "") for name in selects) or _has_star(tree):
        return
    given = {name.lower() for name in selects}
    names = written_columns(contract)
    for name in names:
        if name not in given:
            expected = "every column of the contract"
            yield ColumnFault("LK341", f"gives no column {name}", expected, 0, name, selects)
    for name in selects:
        if name.lower() not in contract.by_name and not name.startswith("_") and name.lower() not in names:
            message, expected = (
                f"gives column {name}, which its contract lacks",
                f"the columns {', '.join(names)}",
            )
            yield ColumnFault("LK341", message, expected, 0, name, names)


def _has_star(tree: Any) -> bool:
    select = tree.find(exp.Select)
    return select is not None and any(e.find(exp.Star) for e in select.expressions if not e.find(exp.Count))


def written_columns(contract: Contract) -> tuple[str, ...]:
    """The columns that a query gives; those of a history's intervals and surrogate key are the platform's."""
    if contract.lake.write == "scd2":
        return tuple(dict.fromkeys([*contract.lake.business_key, "valid_since", *contract.lake.tracked]))
    return contract.column_names
