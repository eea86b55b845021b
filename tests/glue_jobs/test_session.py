"""Sessions of one process share executors and nothing else; a deployed environment configures no master."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from glue_jobs.session import cores, job_session, spark_session, stream_session, tuned_session
from lakehouse.environments import Environment, load_environment


def test_settings_of_a_job_session_reach_no_other(spark: SparkSession) -> None:
    one, two = job_session(spark), job_session(spark)
    one.conf.set("spark.databricks.delta.write.txnAppId", "one")
    assert two.conf.get("spark.databricks.delta.write.txnAppId", None) is None
    assert one.sparkContext is two.sparkContext


def test_a_stream_session_does_not_generate_methods_that_java_would_not_compile(spark: SparkSession) -> None:
    session = stream_session(spark, load_environment("local"))
    assert session.conf.get("spark.sql.codegen.hugeMethodLimit") == "8000"
    assert session.conf.get("spark.sql.shuffle.partitions") == "4"


def test_the_session_of_the_process_is_used_again(spark: SparkSession, local_env: Environment) -> None:
    assert spark_session(local_env).sparkContext is spark.sparkContext


def test_spark_reads_s3_where_the_environment_says(spark: SparkSession, local_env: Environment) -> None:
    endpoint = spark.conf.get("spark.hadoop.fs.s3a.endpoint")
    assert endpoint
    assert urlsplit(endpoint).hostname == "127.0.0.1"
    assert spark.conf.get("spark.hadoop.fs.s3.impl") == "org.apache.hadoop.fs.s3a.S3AFileSystem"
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"


@pytest.mark.parametrize(
    ("master", "default", "expected"), [("local[3]", 8, 3), ("yarn", 8, 8), ("local[*]", 8, 8)]
)
def test_cores_are_those_of_a_local_master_or_of_the_cluster(
    master: str, default: int, expected: int
) -> None:
    class Context:
        defaultParallelism = default

    class Session:
        sparkContext: Any = Context()

    Context.master = master  # type: ignore[attr-defined]
    assert cores(Session()) == expected  # type: ignore[arg-type]


def test_sizes_of_a_job_replace_those_of_the_environment_for_this_job_alone(spark: SparkSession) -> None:
    name = "spark.sql.autoBroadcastJoinThreshold"
    assert tuned_session(spark, {"run_date": "2017-01-01"}) is spark
    session = tuned_session(spark, {"broadcast_threshold_mb": 0, "skew_factor": 3})
    assert (spark.conf.get(name), session.conf.get(name)) == ("10MB", "-1")
    assert job_session(session).conf.get("spark.sql.adaptive.skewJoin.skewedPartitionFactor") == "3"


def test_java_classes_of_the_column_functions_are_looked_up_once(spark: SparkSession) -> None:
    jvm = spark._jvm
    assert all(name in vars(jvm) for name in ("functions", "PythonUtils", "PythonSQLUtils"))
    assert spark.range(1).select(F.coalesce(F.lit(None), F.lit("x")).alias("x")).collect() == [("x",)]


RUN_AFTER_ANALYSIS = """
import sys
from glue_jobs.session import analysis_session, spark_session
from lakehouse.environments import load_environment
from local_aws.java import java_home

with analysis_session(str(java_home())) as spark:
    assert spark.sql("SELECT 1").columns == ["1"]
spark = spark_session(load_environment("local"))
spark.range(3).write.format("delta").save(sys.argv[1])
print(spark.read.format("delta").load(sys.argv[1]).count())
"""


def test_run_after_an_analysis_in_one_process_has_the_jars_of_delta(
    local_env: Environment, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", RUN_AFTER_ANALYSIS, str(tmp_path / "table")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "3\n"), done.stderr[-2000:]
