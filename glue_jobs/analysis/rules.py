"""Holds the row rules of contracts against Spark: each is a condition over the columns of its table."""

from __future__ import annotations

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.analysis.empty_tables import empty_rows
from glue_jobs.analysis.regexes import refused_regexes
from glue_jobs.contract.conditions import rule_condition
from glue_jobs.errors import first_line
from lakehouse.contracts import Contract, Schemas
from lakehouse.contracts.files import read_table_files, stated_tables
from lakehouse.contracts.row_rule import RowRule
from lakehouse.reading.faults import Collector


def check_rules(spark: SparkSession, schemas: Schemas, faults: Collector) -> None:
    """Notes each rule that Spark refuses, or that is no condition (LK238)."""
    for table, file in stated_tables(faults.root).items():
        contract = schemas.contracts.get(table)
        for number, rule in enumerate(contract.lake.rules if contract else ()):
            problem = _problem(spark, contract, rule) if contract else ""
            located = read_table_files(file, Collector(faults.root)).contract if problem else None
            if located:
                faults.add(
                    "LK238",
                    f"rule '{rule.name}' {problem}",
                    file=located.file,
                    at=located.at(("x-lake", "rules", number, "sql")),
                    wanted="a condition of Spark SQL over columns of the row",
                    value=rule.sql,
                )


def _problem(spark: SparkSession, contract: Contract, rule: RowRule) -> str:
    """What Spark says against a rule; empty for a condition."""
    rows = empty_rows(spark, [(c.name, c.type) for c in contract.columns])
    try:
        kind = rows.select(F.expr(f"(\n{rule.sql}\n)")).schema[0].dataType.simpleString()
        if kind != "boolean":
            return f"is {kind}, and no condition"
        judged = rows.select(F.expr(rule_condition(rule)))
        judged.schema  # noqa: B018 (an error is the answer)
        for pattern, refusal in refused_regexes(spark, judged):
            return f"has the regular expression '{pattern}', which Java refuses: {refusal}"
    except PySparkException as error:
        return f"is refused by Spark: {first_line(error)}"
    return ""
