"""Changes of the tables of a `Tree`, which tests apply before they read it."""

from __future__ import annotations

from collections.abc import Callable

from tests.lakehouse.pipelines.loans import Tree

Change = Callable[[Tree], None]


def drop(table: str, column: str) -> Change:
    """Removes a column, its header and all of its cells."""

    def change(tree: Tree) -> None:
        rows = getattr(tree, table)
        at = rows[0].index(column)
        setattr(tree, table, [row[:at] + row[at + 1 :] for row in rows])

    return change


def put(table: str, line: int, column: str, value: str) -> Change:
    """Sets one cell; the header is line 1."""
    return lambda tree: tree.set(table, line, column, value)


def rename(table: str, old: str, new: str) -> Change:
    """Renames a column."""
    return lambda tree: tree.set(table, 1, old, new)


def add(table: str, *row: str) -> Change:
    """Adds a row at the end of a table."""
    return lambda tree: getattr(tree, table).append(list(row))


def add_proc(
    proc_id: str, job_id: str, path: str = "src/a.sql", order: str = "1", dependencies: str = ""
) -> Change:
    """Adds a proc that Airflow runs, at line 8."""
    return add("proc", proc_id, job_id, "n", path, order, "1", "9", "Airflow", "d", dependencies)


def tables(*rows: tuple[str, str, str]) -> Change:
    """Adds parameters of type tables; a row is the proc, `reads` or `writes`, and the tables."""
    return lambda tree: tree.param.extend([proc, name, value, "tables", "No"] for proc, name, value in rows)


def both(*changes: Change) -> Change:
    """Applies all changes, in their order."""

    def change(tree: Tree) -> None:
        for one in changes:
            one(tree)

    return change
