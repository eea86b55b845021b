"""Compiles the regular expressions of contracts and suites by Java, which Spark asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.errors import first_line
from glue_jobs.tables.spark_plan import each, kind_of, nodes
from lakehouse.contracts import Schemas
from lakehouse.contracts.files import read_table_files, stated_tables
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Loc, Located

# Expressions of Spark whose second child is a regular expression.
_OF_SPARK = ("RLike", "RegExpExtract", "RegExpExtractAll", "RegExpInStr", "RegExpReplace", "StringSplit")


def check_regexes(spark: SparkSession, schemas: Schemas, faults: Collector) -> None:
    """Notes each pattern that Java does not compile (LK345)."""
    for located, loc, pattern in _patterns(schemas, faults):
        refusal = _refusal(spark, pattern)
        if refusal:
            faults.add(
                "LK345",
                f"Java refuses the regular expression '{pattern}': {refusal}",
                file=located.file_at(loc),
                at=located.at(loc),
                wanted="a pattern that java.util.regex compiles",
                value=pattern,
            )


def _patterns(schemas: Schemas, faults: Collector) -> Iterator[tuple[Located, Loc, str]]:
    # What cannot be read has its fault already.
    silent = Collector(faults.root)
    for table, file in stated_tables(faults.root).items():
        contract, suite = schemas.contracts.get(table), schemas.suites.get(table)
        patterns = [
            (c.name, c.schema.pattern) for c in (contract.columns if contract else ()) if c.schema.pattern
        ]
        expectations = suite.expectations if suite else ()
        regexes = [(i, e.kwargs["regex"]) for i, e in enumerate(expectations) if "regex" in e.kwargs]
        if not patterns and not regexes:
            continue
        files = read_table_files(file, silent)
        if files.contract:
            for name, pattern in patterns:
                yield files.contract, ("properties", name, "pattern"), pattern
        if files.suite:
            for i, regex in regexes:
                yield files.suite, ("expectations", i, "kwargs", "regex"), str(regex)


def refused_regexes(spark: SparkSession, rows: DataFrame) -> Iterator[tuple[str, str]]:
    """(pattern, Java's own words) of each stated pattern of a query that Java does not compile.

    Spark compiles a pattern when it reads the first row.
    """
    for node in nodes(rows._jdf.queryExecution().analyzed()):
        for expression in each(node.expressions()):
            for pattern in dict.fromkeys(_stated(expression)):
                if refusal := _refusal(spark, pattern):
                    yield pattern, refusal


def _stated(expression: Any) -> Iterator[str]:
    children = list(each(expression.children()))
    if kind_of(expression) in _OF_SPARK and kind_of(children[1]) == "Literal":
        yield str(children[1].toString())
    for child in children:
        yield from _stated(child)


def _refusal(spark: SparkSession, pattern: str) -> str:
    """Java's own words; empty when it compiles the pattern."""
    jvm: Any = spark._jvm
    try:
        jvm.java.util.regex.Pattern.compile(pattern)
    except (Py4JJavaError, PySparkException) as error:
        return first_line(error)
    return ""
