"""Parts of a parsed query that other dialects have and Spark 3.5 has not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlglot import exp

from lakehouse.pipelines.sql_refusal import Refusal

# Functions that give rows and may stand where a table stands.
_TABLE_FUNCTIONS = """
explode explode_outer inline inline_outer json_tuple posexplode posexplode_outer range sql_keywords stack
"""
TABLE_FUNCTIONS = frozenset(_TABLE_FUNCTIONS.split())
_VALUES = (exp.Column, exp.Identifier, exp.Parameter, exp.Placeholder, exp.Query)
_CASTS = (exp.Cast, exp.TryCast, exp.TsOrDsToDate)
_IN_ORDER = (
    exp.RowNumber,
    exp.Rank,
    exp.DenseRank,
    exp.Ntile,
    exp.PercentRank,
    exp.CumeDist,
    exp.Lag,
    exp.Lead,
)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def _has(*names: str) -> Callable[[Any], bool]:
    return lambda node: any(node.args.get(name) for name in names)


def _always(_: Any) -> bool:
    return True


def _compares(node: Any) -> bool:
    return isinstance(node.parent, _COMPARISONS)


def _compares_with_all(node: Any) -> bool:
    """Whether a comparison has ALL (1, 2), which a parser may take for a function."""
    return any(isinstance(side, exp.Anonymous) and side.name.upper() == "ALL" for side in node.args.values())


def _is_empty(node: Any) -> bool:
    return not any(node.args.values())


def _is_to_time(node: Any) -> bool:
    kind = node.args.get("to")
    return kind is None or bool(kind.is_type(*exp.DataType.TEMPORAL_TYPES))


def _casts_stated_text(node: Any) -> bool:
    """Whether a time is made of a text that is put together of literals, which Spark does beforehand."""
    return (
        _is_to_time(node)
        and not isinstance(node.this, exp.Literal)
        and node.this.find(*_VALUES) is None
        and not any(map(_is_to_time, node.this.find_all(*_CASTS)))
        and any(literal.is_string for literal in node.this.find_all(exp.Literal))
    )


def _is_no_decimal(node: Any) -> bool:
    """Whether a type is a decimal of more than 38 digits, or of more places than digits."""
    if not node.is_type(exp.DType.DECIMAL):
        return False
    numbers = [int(p.name) for p in node.expressions if p.name.isdecimal()]
    return bool(numbers) and not (1 <= numbers[0] <= 38 and numbers[-1] <= numbers[0])


def _is_without_values(node: Any) -> bool:
    return not any(node.args.get(name) for name in ("expressions", "query", "unnest", "field"))


def _counts_without_order(node: Any) -> bool:
    """Whether a window that states no order is one of a function that counts in order."""
    named = node.args.get("alias") is not None
    return isinstance(node.this, _IN_ORDER) and not node.args.get("order") and not named


def _chooses_from_rows(node: Any) -> bool:
    return any(value.find(exp.Query, exp.PivotAny) for value in node.args.get("fields") or [])


# Kind of node, when it is refused, what Spark 3.5 lacks, what to write.
_NODES: tuple[tuple[Any, Callable[[Any], bool], str, str], ...] = (
    (exp.Qualify, _always, "filters by QUALIFY, which Spark 3.5 lacks", "a subquery with WHERE"),
    (exp.Version, _always, "reads an older version of a table", "the table: a batch says which version"),
    (exp.Fetch, _always, "limits by FETCH, which Spark lacks", "LIMIT"),
    (exp.SimilarTo, _always, "compares by SIMILAR TO, which Spark lacks", "RLIKE"),
    (exp.Glob, _always, "compares by GLOB, which Spark lacks", "LIKE or RLIKE"),
    (exp.Collate, _always, "orders by COLLATE, which Spark 3.5 lacks", "lower(…), or no collation"),
    (exp.Connect, _always, "follows rows by CONNECT BY, which Spark lacks", "joins"),
    (exp.Unnest, _always, "makes rows by UNNEST, which Spark lacks", "explode(…)"),
    (exp.AtTimeZone, _always, "has AT TIME ZONE, which Spark lacks", "from_utc_timestamp(time, 'zone')"),
    (exp.Slice, _always, "takes a part by [a:b], which Spark lacks", "slice(array, start, length)"),
    (
        exp.Lateral,
        lambda node: node.args.get("cross_apply") is not None,
        "joins by APPLY, which Spark lacks",
        "LATERAL",
    ),
    *(
        (kind, _casts_stated_text, "makes a time of a text that is put together", "the text as one literal")
        for kind in _CASTS
    ),
    (exp.Any, _compares, "compares with ANY (…), which Spark lacks", "IN (…)"),
    (exp.All, _compares, "compares with ALL (…), which Spark lacks", "a comparison with max or min"),
    *(
        (kind, _compares_with_all, "compares with ALL (…), which Spark lacks", "a comparison with max or min")
        for kind in _COMPARISONS
    ),
    (exp.Distinct, _has("on"), "has DISTINCT ON, which Spark lacks", "row_number() in a subquery"),
    (exp.With, _has("recursive"), "has WITH RECURSIVE, which Spark 3.5 lacks", "a query without recursion"),
    (
        exp.Star,
        _has("except", "except_", "replace", "rename"),
        "takes columns out of *, which Spark 3.5 cannot",
        "the names of the columns",
    ),
    (exp.Select, _has("locks"), "locks rows, which Spark cannot", "a query without FOR UPDATE"),
    (exp.Select, lambda node: not node.expressions, "selects nothing", "SELECT with columns"),
    (exp.Group, _is_empty, "groups by nothing", "GROUP BY with columns"),
    (exp.Join, lambda node: node.method == "ASOF", "joins by ASOF, which Spark lacks", "a range join"),
    (
        exp.TableSample,
        lambda node: not node.args.get("seed") and not node.args.get("size"),
        "samples other rows in each run",
        "TABLESAMPLE (…) REPEATABLE (number)",
    ),
    (exp.DataType, _is_no_decimal, "has a decimal that Spark lacks", "DECIMAL(p, s), s <= p <= 38"),
    (exp.National, _always, "has a text as N'…', which Spark lacks", "'…'"),
    (
        exp.Order,
        lambda node: isinstance(node.parent, exp.Func),
        "orders inside of a function, which Spark 3.5 cannot",
        "array_sort(…) of the values",
    ),
    (exp.SetOperation, _has("by_name"), "unites BY NAME, which Spark lacks", "columns in one order"),
    (exp.In, _is_without_values, "has an empty list", "IN (…) with values"),
    (
        exp.WindowSpec,
        lambda node: node.args.get("kind") == "GROUPS" or node.args.get("exclude"),
        "has a window of GROUPS or EXCLUDE, which Spark lacks",
        "ROWS or RANGE",
    ),
    (exp.Window, _counts_without_order, "counts rows without an order", "OVER (… ORDER BY …)"),
    (exp.Pivot, _chooses_from_rows, "pivots by the values of rows", "IN (…) with the values"),
    (exp.Limit, _has("limit_options"), "limits WITH TIES, which Spark lacks", "rank() in a subquery"),
)


def foreign_nodes(tree: Any) -> Iterator[Refusal]:
    """Each part of a parsed query that Spark 3.5 does not know."""
    nodes = list(tree.find_all(exp.Expression))
    for kind, refused, message, expected in _NODES:
        for node in nodes:
            if isinstance(node, kind) and refused(node):
                yield Refusal(message, _offset(node), expected)
    for node in tree.find_all(exp.Table, exp.Lateral):
        name = _function_name(node.this)
        if name and name not in TABLE_FUNCTIONS and not node.args.get("view"):
            message = f"reads rows of {name}(…), which is no table function of Spark"
            yield Refusal(message, _offset(node), ", ".join(sorted(TABLE_FUNCTIONS)))


def _function_name(node: Any) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.name).lower()
    return node.sql_name().lower() if isinstance(node, exp.Func) else ""


def _offset(node: Any) -> int:
    return int(next((n.meta["start"] for n in node.walk() if "start" in n.meta), 0))
