"""Compiles the regular expressions of contracts and suites by Java, which Spark asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from glue_jobs.errors import first_line
from lakehouse.contracts import Schemas
from lakehouse.contracts.reader import SUITE, stated_tables
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Loc, Located, read_json, read_yaml


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
    silent, files = Collector(faults.root), stated_tables(faults.root)
    for table, contract in schemas.contracts.items():
        if any(c.schema.pattern for c in contract.columns):
            located = read_json(files[table], silent)
            for column in contract.columns if located else ():
                if located and column.schema.pattern:
                    yield located, ("properties", column.name, "pattern"), column.schema.pattern
    for table, suite in schemas.suites.items():
        if any("regex" in e.kwargs for e in suite.expectations):
            located = read_yaml(faults.root / "schemas" / f"{table.replace('.', '/')}{SUITE}", silent)
            for i, e in enumerate(suite.expectations if located else ()):
                if located and "regex" in e.kwargs:
                    yield located, ("expectations", i, "kwargs", "regex"), str(e.kwargs["regex"])


def _refusal(spark: SparkSession, pattern: str) -> str:
    """Java's own words; empty when it compiles the pattern."""
    jvm: Any = spark._jvm
    try:
        jvm.java.util.regex.Pattern.compile(pattern)
    except (Py4JJavaError, PySparkException) as error:
        return first_line(error)
    return ""
