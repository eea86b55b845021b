"""Holds every query, function, row rule and regular expression of a project against Spark and Java."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import SparkSession

from glue_jobs.analysis.functions import check_functions
from glue_jobs.analysis.queries import check_queries
from glue_jobs.analysis.regexes import check_regexes
from glue_jobs.analysis.rules import check_rules
from lakehouse.contracts import Schemas
from lakehouse.pipelines import Job
from lakehouse.reading.faults import Collector


def check_project(spark: SparkSession, jobs: Sequence[Job], schemas: Schemas, faults: Collector) -> None:
    """Notes all that Spark and Java refuse. What has no sound contract is passed over: it has a fault."""
    check_regexes(spark, schemas, faults)
    check_rules(spark, schemas, faults)
    for job in jobs:
        check_queries(spark, job, schemas.contracts, faults)
        check_functions(spark, job, schemas.contracts, faults)
