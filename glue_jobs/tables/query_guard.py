"""Asks Spark's own parser and analyser whether a query reads its inputs and nothing else.

The check comes right before the query runs. `lakehouse validate` refuses the same queries by their text
(lakehouse/pipelines/sql_guard.py). This is the second lock: it sees the query as Spark does, whatever a
scanner may have overlooked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from glue_jobs.errors import RunError
from glue_jobs.tables.query_clock import clock_reads
from glue_jobs.tables.spark_plan import each, kind_of, nodes
from lakehouse.pipelines.sql_functions import ALLOWED, REASONS

# Nodes of a parsed query that only combine rows.
# A node that Spark adds in a later version is refused until it is added here.
COMBINES_ROWS = frozenset(
    """
    Aggregate Deduplicate Distinct Except Filter Generate GlobalLimit Intersect Join LateralJoin
    LocalLimit Offset OneRowRelation Pivot Project RepartitionByExpression Sample Sort SubqueryAlias
    Union Unpivot
    UnresolvedHaving UnresolvedHint UnresolvedInlineTable UnresolvedRelation
    UnresolvedSubqueryColumnAliases UnresolvedTVFAliases UnresolvedTableValuedFunction UnresolvedWith
    WithWindowDefinition
    """.split()  # noqa: SIM905 (one word a line would be hundreds of lines)
)
# Rows that a query states itself, or a reference to its WITH, whose plan is among the leaves' own.
OWN_ROWS = frozenset({"CTERelationRef", "LocalRelation", "OneRowRelation", "Range"})
REFUSED_EXPRESSIONS = frozenset({"ExpressionWithUnresolvedIdentifier"})


class QueryRefusedError(RunError):
    """A query would reach beyond the tables of its job."""

    code = "RUN215"


def check_parsed(spark: SparkSession, query: str, views: Collection[str]) -> None:
    """Parses a query without analysing it.

    Raises QueryRefusedError unless the query combines rows of `views` by allowed functions.
    """
    plan = spark._jsparkSession.sessionState().sqlParser().parsePlan(query)
    parts = list(nodes(plan))
    names = {name.lower() for name in views} | {name for node in parts for name in _ctes(node)}
    for node in parts:
        _check_node(node, names)
        for expression in each(node.expressions()):
            _check_expression(expression)


def check_analyzed(result: DataFrame, inputs: Sequence[DataFrame]) -> None:
    """Raises QueryRefusedError when a leaf of the analysed plan is not one of a frame in `inputs`."""
    given = [leaf.canonicalized() for frame in inputs for leaf in _leaves(frame)]
    for leaf in _leaves(result):
        kind = kind_of(leaf)
        if kind not in OWN_ROWS and not any(leaf.canonicalized().equals(other) for other in given):
            raise QueryRefusedError(f"the query reads a {kind} that is no table of its job")


def check_clock(result: DataFrame) -> None:
    """Raises QueryRefusedError when the rows of a query follow the clock or the session."""
    for read in clock_reads(result):
        raise QueryRefusedError(read.refusal)


def aggregates_stream(rows: DataFrame) -> bool:
    """Whether a streaming query gives running results of an aggregation."""
    plans = nodes(rows._jdf.queryExecution().analyzed())
    return any(kind_of(node) == "Aggregate" and bool(node.isStreaming()) for node in plans)


def _check_node(node: Any, names: Collection[str]) -> None:
    kind = kind_of(node)
    if kind not in COMBINES_ROWS:
        raise QueryRefusedError(f"the query holds {kind}, which does more than combine rows")
    if kind == "UnresolvedRelation":
        parts = _texts(node.multipartIdentifier())
        if len(parts) != 1 or parts[0].lower() not in names:
            raise QueryRefusedError(f"the query reads {'.'.join(parts)}, which is no table of its job")
    if kind == "UnresolvedTableValuedFunction":
        _check_function(_texts(node.name()))


def _check_expression(expression: Any) -> None:
    kind = kind_of(expression)
    if kind in REFUSED_EXPRESSIONS:
        raise QueryRefusedError("the query builds the name of a function or column from text")
    if kind == "UnresolvedFunction":
        _check_function(_texts(expression.nameParts()))
    if kind == "UnresolvedGenerator":
        _check_function([str(expression.name().unquotedString())])
    for child in each(expression.children()):
        _check_expression(child)


def _check_function(parts: Sequence[str]) -> None:
    name = ".".join(parts).lower()
    if name not in ALLOWED:
        raise QueryRefusedError(f"the query calls {name}, which {REASONS.get(name, 'no query may call')}")


def _ctes(node: Any) -> list[str]:
    return (
        [str(pair._1()).lower() for pair in each(node.cteRelations())]
        if kind_of(node) == "UnresolvedWith"
        else []
    )


def _leaves(frame: DataFrame) -> list[Any]:
    plan = frame._jdf.queryExecution().analyzed()
    return [leaf for part in (plan, *each(plan.subqueriesAll())) for leaf in each(part.collectLeaves())]


def _texts(items: Any) -> list[str]:
    return [str(item) for item in each(items)]
