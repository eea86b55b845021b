"""Judges a table by its suite.

One aggregate pass answers all rules about rows and aggregates, and one more the rules that need a row's
neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from typing import Any

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from glue_jobs.errors import first_line
from glue_jobs.quality.bounds import RuleError
from glue_jobs.quality.frame_rules import COUNT, KNOWN, FrameRule, ReferenceRule, Tables, frame_rule
from glue_jobs.quality.result import Result, counted, observed, unjudged
from glue_jobs.quality.row_rules import ROW_RULES, RowRule
from glue_jobs.quality.samples import sample_keys
from glue_jobs.quality.table_rules import AGGREGATES, SCHEMA_RULES, TableRule
from lakehouse.contracts import Expectation, Suite
from lakehouse.contracts.consistency_fit import misfits

Rule = RowRule | TableRule | FrameRule | ReferenceRule


@dataclass(frozen=True)
class SchemaFinding:
    """A rule about the columns, which needs no pass."""

    holds: bool
    value: Any


@dataclass(frozen=True)
class Unfit:
    """A rule that does not fit the table, and why."""

    reason: str


Compiled = Rule | SchemaFinding | Unfit


def judge(df: DataFrame, suite: Suite, *, run_date: date, tables: Tables, key: Sequence[str]) -> list[Result]:
    """One result per expectation of the suite, in its order.

    `tables` reads another table by its name, `key` is the primary key that identifies failing rows,
    `run_date` is the logical date. Reads the table once, the few columns of uniqueness and intervals once
    more, and again only for failed rules.
    """
    keep = [k for k in key if k in df.columns]
    types = {field.name: field.dataType.simpleString() for field in df.schema.fields}
    compiled = [_unfit(e, types) or _compile(df, e, keep, tables) for e in suite.expectations]
    rules, aggregates = _fitting(df, compiled)
    counts = _counts(aggregates, {i: r.suspects for i, r in enumerate(rules) if isinstance(r, FrameRule)})
    counts |= _exact(rules, counts)
    results = [
        _result(suite.table, e, r, i, counts, run_date)
        for i, (e, r) in enumerate(zip(suite.expectations, rules, strict=True))
    ]
    return _with_samples(df, rules, results, keep)


def _unfit(e: Expectation, types: Mapping[str, str]) -> Unfit | None:
    """Why the rule cannot judge a table of these columns: Spark would cast, and the rule would hold."""
    missing = [name for name in e.columns if name not in types]
    if missing and e.type not in SCHEMA_RULES:
        return Unfit(f"the table has no column '{missing[0]}'")
    misfit = next(misfits(e, types), None)
    return Unfit(f"{misfit.message}; it needs {misfit.wanted}") if misfit else None


def _compile(df: DataFrame, e: Expectation, keep: Sequence[str], tables: Tables) -> Compiled:
    if e.type in SCHEMA_RULES:
        return SchemaFinding(*SCHEMA_RULES[e.type](e.kwargs, df.columns))
    try:
        if e.type in ROW_RULES:
            return ROW_RULES[e.type](e.kwargs, df.schema)
        if e.type in AGGREGATES:
            return AGGREGATES[e.type](e.kwargs, df.schema)
        return frame_rule(df, e.type, e.kwargs, keep, tables) or Unfit(f"unknown expectation '{e.type}'")
    except (RuleError, ArithmeticError, PySparkException) as error:
        # Such as a bound that no type of Spark holds: the other rules are judged.
        return Unfit(first_line(error)[:300])


def _fitting(df: DataFrame, rules: list[Compiled]) -> tuple[list[Compiled], DataFrame]:
    """The rules and their aggregate; a rule that Spark cannot type on this table becomes an Unfit.

    The rules are tried one by one only when not all of them fit.
    """
    try:
        return rules, _typed(df, rules)
    except AnalysisException:
        fitting = [_fit(df, r) for r in rules]
        return fitting, _typed(df, fitting)


def _fit(df: DataFrame, rule: Compiled) -> Compiled:
    try:
        _typed(df, [rule])
        return rule
    except AnalysisException as error:
        return Unfit(first_line(error)[:300])


def _typed(df: DataFrame, rules: Sequence[Compiled]) -> DataFrame:
    """The aggregate of the rules. Spark Connect reports a wrong type only when it is asked for the schema."""
    for i, rule in enumerate(rules):
        if isinstance(rule, ReferenceRule):
            df = rule.joined(df, f"{KNOWN}_{i}")
    aggregates = df.agg(*_aggregates(rules))
    _ = aggregates.schema
    return aggregates


def _aggregates(rules: Sequence[Compiled]) -> list[Column]:
    """All columns of the one aggregate over the table. Spark computes equal counts once."""
    columns = [F.count(F.lit(1)).alias("rows")]
    for i, rule in enumerate(rules):
        if isinstance(rule, RowRule | FrameRule | ReferenceRule):
            columns.append(F.count(rule.considered).alias(f"considered_{i}"))
        if isinstance(rule, RowRule):
            columns.append(F.count(F.when(rule.unexpected, 1)).alias(f"unexpected_{i}"))
        if isinstance(rule, ReferenceRule):
            unknown = rule.considered.isNotNull() & ~F.col(f"{KNOWN}_{i}")
            columns.append(F.count(F.when(unknown, 1)).alias(f"unexpected_{i}"))
        if isinstance(rule, TableRule):
            columns.append(rule.aggregate.alias(f"value_{i}"))
    return columns


def _counts(aggregates: DataFrame, suspects: Mapping[int, DataFrame]) -> dict[str, Any]:
    """Runs all passes as one Spark job.

    A union: a join would broadcast, and a broadcast gives up after five minutes.
    """
    none = F.lit(None).cast(aggregates.schema)
    first = aggregates.select(
        F.lit(-1).alias("rule"), F.lit(None).cast("bigint").alias(COUNT), F.struct("*").alias("values")
    )
    rest = [
        df.select(F.lit(i).alias("rule"), F.col(COUNT), none.alias("values")) for i, df in suspects.items()
    ]
    rows = reduce(DataFrame.unionAll, rest, first).collect()
    unexpected = {f"unexpected_{row['rule']}": row[COUNT] for row in rows if row["values"] is None}
    values: dict[str, Any] = next(row["values"] for row in rows if row["values"] is not None).asDict()
    return values | unexpected


def _exact(rules: Sequence[Compiled], counts: Mapping[str, Any]) -> dict[str, Any]:
    """The exact counts of the rules whose suspects only may break them."""
    inexact = {
        i: r
        for i, r in enumerate(rules)
        if isinstance(r, FrameRule) and not r.exact and counts[f"unexpected_{i}"]
    }
    frames = [
        r.unexpected().agg(F.lit(i).alias("rule"), F.count(F.lit(1)).alias(COUNT)) for i, r in inexact.items()
    ]
    rows = reduce(DataFrame.unionAll, frames).collect() if frames else []
    return {f"unexpected_{row['rule']}": row[COUNT] for row in rows}


def _result(
    table: str, e: Expectation, rule: Compiled, i: int, counts: dict[str, Any], run_date: date
) -> Result:
    rows = int(counts["rows"])
    match rule:
        case Unfit(reason):
            return unjudged(table, e, rows, reason)
        case SchemaFinding(holds, value):
            return observed(table, e, rows, holds, value)
        case TableRule(_, judged):
            try:
                return observed(table, e, rows, *judged(counts[f"value_{i}"], run_date))
            except RuleError as error:
                return unjudged(table, e, rows, first_line(error))
        case _:
            return counted(table, e, rows, int(counts[f"considered_{i}"]), int(counts[f"unexpected_{i}"]))


def _with_samples(
    df: DataFrame, rules: Sequence[Compiled], results: list[Result], key: Sequence[str]
) -> list[Result]:
    failing: dict[int, DataFrame] = {}
    for i, (rule, result) in enumerate(zip(rules, results, strict=True)):
        if key and not result.success and result.unexpected_count:
            if isinstance(rule, RowRule):
                failing[i] = df.filter(rule.unexpected)
            elif isinstance(rule, FrameRule | ReferenceRule):
                failing[i] = rule.unexpected()
    keys = sample_keys(failing, key)
    return [replace(r, sample_keys=keys[i]) if i in keys else r for i, r in enumerate(results)]
