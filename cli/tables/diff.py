"""What differs between two states of a table: keys added, keys gone, and columns that changed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cli.tables.diff_sql import counts_sql, pairs_sql, quoted, samples_sql
from glue_jobs.errors import RunError
from lakehouse.contracts import Contract

if TYPE_CHECKING:
    import duckdb
    from pyarrow.dataset import Dataset

_OLD, _NEW = "before", "after"


@dataclass(frozen=True)
class TableDiff:
    """Numbers of keys, and of changed values by column. Rows without a key are compared whole: none changes.

    `samples`: (what, key as JSON).
    """

    added: int
    gone: int
    changed: int
    columns: dict[str, int] = field(default_factory=dict)
    new_columns: tuple[str, ...] = ()
    lost_columns: tuple[str, ...] = ()
    samples: list[tuple[str, str]] = field(default_factory=list)

    def lines(self) -> list[list[object]]:
        """(difference, number) for people."""
        return [
            ["keys added", self.added],
            ["keys gone", self.gone],
            ["keys changed", self.changed],
            *_pairs((f"changed {column}", number) for column, number in self.columns.items()),
            *_pairs(("new column", column) for column in self.new_columns),
            *_pairs(("lost column", column) for column in self.lost_columns),
        ]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.gone or self.changed or self.new_columns or self.lost_columns)


def _pairs(pairs: Iterable[tuple[object, object]]) -> list[list[object]]:
    return [list(pair) for pair in pairs]


def diff_tables(old: Dataset, new: Dataset, contract: Contract, samples: int = 0) -> TableDiff:
    """Joins the two by the contract's primary key, in DuckDB, which spills to disk what memory cannot hold.

    Files that both versions have hold the same rows, and are not read. Raises RunError (RUN607) when a state
    holds a key twice.
    """
    import duckdb

    before, after = _without_shared_files(old, new)
    names_before, names_after = before.schema.names, after.schema.names
    shared = [name for name in names_after if name in names_before]
    # Bronze keeps every version of a key, so its rows are compared whole.
    key = list(contract.primary_key) if contract.lake.write != "append" else []
    with tempfile.TemporaryDirectory(prefix="lakehouse-diff-") as spill, duckdb.connect() as connection:
        connection.execute(f"SET temp_directory = '{spill}'")
        connection.register(_OLD, before)
        connection.register(_NEW, after)
        diff = _by_key(connection, key, shared, samples, contract) if key else _by_row(connection, shared)
    lost = tuple(name for name in names_before if name not in shared)
    new_columns = tuple(name for name in names_after if name not in shared)
    return TableDiff(diff.added, diff.gone, diff.changed, diff.columns, new_columns, lost, diff.samples)


def _without_shared_files(old: Dataset, new: Dataset) -> tuple[Dataset, Dataset]:
    """Both, of the files that the other does not have. An addition is never written under a used name."""
    from pyarrow.dataset import FileSystemDataset

    def names(state: Dataset) -> set[str]:
        return {fragment.path.rsplit("/", 1)[-1] for fragment in state.get_fragments()}

    both = names(old) & names(new)

    def others(state: Dataset) -> Dataset:
        fragments = [f for f in state.get_fragments() if f.path.rsplit("/", 1)[-1] not in both]
        return FileSystemDataset(fragments, state.schema, state.format, state.filesystem)

    return others(old), others(new)


def _by_key(
    connection: duckdb.DuckDBPyConnection,
    key: Sequence[str],
    shared: Sequence[str],
    samples: int,
    contract: Contract,
) -> TableDiff:
    for state in (_OLD, _NEW):
        _refuse_repeated(connection, state, key, contract)
    values = [name for name in shared if name not in key]
    connection.execute(pairs_sql(_OLD, _NEW, key, values))
    row = connection.execute(counts_sql(len(values))).fetchone()
    assert row is not None
    changed = {name: number for name, number in zip(values, row[3:], strict=True) if number}
    rows = connection.execute(samples_sql(key, samples)).fetchall() if samples else []
    keys = [(str(kind), str(values)) for kind, values in rows]
    return TableDiff(int(row[0]), int(row[1]), int(row[2]), changed, samples=keys)


def _refuse_repeated(
    connection: duckdb.DuckDBPyConnection, state: str, key: Sequence[str], contract: Contract
) -> None:
    keys = ", ".join(map(quoted, key))
    row = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {state} GROUP BY {keys} HAVING count(*) > 1)"
    ).fetchone()
    if row and row[0]:
        raise RunError(
            f"{contract.table} holds {row[0]} keys ({', '.join(key)}) more than once in the state {state}; "
            "its rows cannot be paired",
            code="RUN607",
        )


def _by_row(connection: duckdb.DuckDBPyConnection, shared: Sequence[str]) -> TableDiff:
    columns = ", ".join(map(quoted, shared))
    numbers = []
    for one, other in ((_NEW, _OLD), (_OLD, _NEW)):
        row = connection.execute(
            f"SELECT count(*) FROM (SELECT {columns} FROM {one} EXCEPT ALL SELECT {columns} FROM {other})"
        ).fetchone()
        numbers.append(int(row[0]) if row else 0)
    return TableDiff(numbers[0], numbers[1], 0)
