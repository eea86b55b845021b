"""Writes the rules that only the platform has as Spark SQL that returns the rows that break them.

`{batch}` is the table, as Great Expectations writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

TableName = Callable[[str], str]
# The arguments of a rule, as its suite states them.
Arguments = Mapping[str, Any]


def exists_in_table(kwargs: Arguments, run_date: date | None, table_name: TableName) -> str:
    """The rows whose value is unknown; with `mostly`, one row of counts when their share is too great."""
    value, existing = f"b.{quoted(kwargs['column'])}", f"k.{quoted(kwargs['table_column'])}"
    other = ".".join(quoted(part) for part in table_name(str(kwargs["table"])).split("."))
    join = f"LEFT ANTI JOIN {other} k ON {value} = {existing}"
    unknown_rows = f"SELECT b.* FROM {{batch}} b {join} WHERE {value} IS NOT NULL"
    mostly = float(kwargs.get("mostly", 1.0))
    if mostly >= 1:
        return unknown_rows
    return (
        f"SELECT * FROM (SELECT (SELECT count(*) FROM ({unknown_rows})) AS unexpected_count, "
        f"(SELECT count({quoted(kwargs['column'])}) FROM {{batch}}) AS considered) "
        f"WHERE considered > 0 AND CAST(considered - unexpected_count AS DOUBLE) / considered < {mostly!r}"
    )


def fresh(kwargs: Arguments, run_date: date | None, table_name: TableName) -> str:
    """One row with the newest value when it is too old."""
    today = f"DATE'{run_date.isoformat()}'" if run_date else "current_date()"
    newest = f"max(CAST({quoted(kwargs['column'])} AS DATE))"
    stale = f"newest IS NULL OR datediff({today}, newest) > {int(kwargs['max_age_days'])}"
    return f"SELECT * FROM (SELECT {newest} AS newest FROM {{batch}}) WHERE {stale}"


def contiguous(kwargs: Arguments, run_date: date | None, table_name: TableName) -> str:
    """The rows that do not end where the next interval of their key begins."""
    start, until = quoted(kwargs["valid_from"]), quoted(kwargs["valid_to"])
    end = f"CASE WHEN year({until}) < 9999 THEN {until} END"
    key = ", ".join(map(quoted, kwargs["column_list"]))
    history = f"PARTITION BY {key} ORDER BY {start} ASC NULLS FIRST, {end} ASC NULLS LAST"
    return (
        f"SELECT * FROM (SELECT *, lead({start}) OVER ({history}) AS next_from, "
        f"lead(false, 1, true) OVER ({history}) AS is_last FROM {{batch}}) "
        f"WHERE {start} IS NULL OR {end} <= {start} "
        f"OR NOT CASE WHEN is_last THEN {end} IS NULL ELSE {end} <=> next_from END"
    )


def quoted(name: object) -> str:
    """A Spark SQL identifier. Braces are doubled, for Great Expectations formats the query."""
    return "`" + str(name).replace("`", "``").replace("{", "{{").replace("}", "}}") + "`"


OWN_RULES: dict[str, Callable[[Arguments, date | None, TableName], str]] = {
    "expect_column_values_to_exist_in_table": exists_in_table,
    "expect_table_to_be_fresh": fresh,
    "expect_intervals_to_be_contiguous": contiguous,
}
