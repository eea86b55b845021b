"""The SQL of a diff: a full join of two states by their key, and what is counted in it."""

from __future__ import annotations

from collections.abc import Sequence

# The pairs that differ: columns k0, k1 … of the key, `is_added`, `is_gone`, and c0, c1 … of changed values.
PAIRS = "pairs"
_CHANGED = "NOT is_added AND NOT is_gone"


def quoted(name: str) -> str:
    """An identifier of DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def pairs_sql(old: str, new: str, key: Sequence[str], values: Sequence[str]) -> str:
    """Makes the table of pairs. Null equals null, in keys and in values."""
    on = " AND ".join(f"o.{quoted(k)} IS NOT DISTINCT FROM n.{quoted(k)}" for k in key)
    differs = [f"o.{quoted(v)} IS DISTINCT FROM n.{quoted(v)}" for v in values]
    keys = [f"coalesce(o.{quoted(k)}, n.{quoted(k)}) AS k{i}" for i, k in enumerate(key)]
    flags = [f"{condition} AS c{i}" for i, condition in enumerate(differs)]
    sides = ["o._there IS NULL AS is_added", "n._there IS NULL AS is_gone"]
    either = " OR ".join(["o._there IS NULL", "n._there IS NULL", *differs])
    return (
        f"CREATE TEMP TABLE {PAIRS} AS SELECT {', '.join([*keys, *sides, *flags])} "
        f"FROM (SELECT *, true AS _there FROM {old}) o "
        f"FULL JOIN (SELECT *, true AS _there FROM {new}) n ON {on} WHERE {either}"
    )


def counts_sql(values: int) -> str:
    """One row: keys added, gone and changed, and then the changes of each value column."""
    kinds = ["is_added", "is_gone", _CHANGED, *(f"{_CHANGED} AND c{i}" for i in range(values))]
    return f"SELECT {', '.join(f'count(*) FILTER ({kind})' for kind in kinds)} FROM {PAIRS}"


def samples_sql(key: Sequence[str], number: int) -> str:
    """(kind of difference, key as JSON) of so many pairs."""
    kind = "CASE WHEN is_added THEN 'added' WHEN is_gone THEN 'gone' ELSE 'changed' END"
    fields = ", ".join(f"{quoted(name)} := k{i}" for i, name in enumerate(key))
    return f"SELECT {kind}, to_json(struct_pack({fields}))::VARCHAR FROM {PAIRS} ORDER BY 1, 2 LIMIT {number}"
