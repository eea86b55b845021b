"""The columns that a query or a function gives, by Spark's analysis on empty tables."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.analysis.empty_tables import empty_tables
from glue_jobs.analysis.functions import rows_of_function
from glue_jobs.analysis.queries import RUN_DATE, parameters
from glue_jobs.errors import RunError, first_line
from glue_jobs.sql_query import Query
from glue_jobs.user_code import function_of, load_module
from lakehouse.contracts import Contract
from lakehouse.pipelines import Job
from lakehouse.pipelines.derived_columns import statement_of
from lakehouse.reading.faults import Collector


class DeriveError(RunError):
    """The columns of a table cannot be derived."""

    code = "RUN680"
    exit_code = 2


def given_columns(
    spark: SparkSession, job: Job, table: str, contracts: Mapping[str, Contract], faults: Collector
) -> dict[str, str]:
    """Column → Spark type, in the order of the query or function. Raises DeriveError (RUN680)."""
    try:
        rows = _rows(spark, job, table, contracts, faults)
    except DeriveError:
        raise
    except PySparkException as error:
        raise DeriveError(f"{table}: Spark refuses it: {first_line(error)}") from None
    except Exception as error:  # the project's code may raise anything
        raise DeriveError(f"{table}: {type(error).__name__}: {first_line(error)}") from None
    return {f.name: f.dataType.simpleString() for f in rows.schema.fields if not f.name.startswith("_")}


def _rows(
    spark: SparkSession, job: Job, table: str, contracts: Mapping[str, Contract], faults: Collector
) -> DataFrame:
    statement = statement_of(job, table, faults)
    if statement is not None:
        frames = empty_tables(spark, statement.reads, contracts, statement.streams)
        return Query(statement)(spark=spark, run_date=RUN_DATE, params=parameters(job), **frames)
    for path in dict.fromkeys(proc.file for proc in job.procs if proc.file.endswith(".py")):
        return rows_of_function(spark, job, function_of(load_module(faults.root, path), table), contracts)
    raise DeriveError(f"{table}: job {job.name} has no query and no function of it")
