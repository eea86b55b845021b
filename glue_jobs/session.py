"""The only place that configures Spark."""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lakehouse.environments import Environment
from lakehouse.environments.spark import COMMON

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


# Spark makes code for each query, and where the room for compiled code is full, Java compiles no more and all that follows crawls. Java writes its
# warnings to standard output, where a command may print JSON.
_JAVA = (
    "-XX:+UseParallelGC", "-XX:ReservedCodeCacheSize=512m", "-Dio.netty.tryReflectionSetAccessible=true",
    "-Xlog:disable", "-Xlog:all=warning:stderr",
)  # fmt: skip


def spark_session(env: Environment) -> SparkSession:
    """The session of this process: Glue's own on AWS, one made from the environment elsewhere."""
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    builder = SparkSession.builder.appName(f"{env.project}-{env.name}")
    for key, value in {**COMMON, **_own_machine(env)}.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def job_session(spark: SparkSession) -> SparkSession:
    """A session for one run: its settings, such as Delta's transaction ids, are its own; the executors are shared."""
    return spark.newSession()


def stream_session(spark: SparkSession) -> SparkSession:
    """A session for a streaming application."""
    session = job_session(spark)
    # Java never compiles a method of more than 8,000 bytes: one that reads many columns of a message would be interpreted, at half the speed.
    session.conf.set("spark.sql.codegen.hugeMethodLimit", "8000")
    return session


def cores(spark: SparkSession) -> int:
    """Tasks that run at a time."""
    context = spark.sparkContext
    # On a machine of one's own the default parallelism is a setting.
    own = re.fullmatch(r"local\[(\d+)\]", str(context.master))
    return int(own[1]) if own else int(context.defaultParallelism)


def _own_machine(env: Environment) -> dict[str, str]:
    if env.spark.master is None:
        return {}
    if env.spark.java_home:
        os.environ["JAVA_HOME"] = env.spark.java_home
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    conf = {
        "spark.master": env.spark.master,
        "spark.driver.memory": env.spark.driver_memory or "2g",
        "spark.sql.shuffle.partitions": str(env.spark.shuffle_partitions or 200),
        "spark.default.parallelism": str(env.spark.shuffle_partitions or 2),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": " ".join([*_JAVA, *map(shlex.quote, env.spark.java_options)]),
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.log.level": "ERROR",
        # A query names its tables as views; Spark's own catalog holds nothing, and its folder need not lie where somebody works.
        "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir()) / "lakehouse-warehouse"),
        **_s3a(env),
    }
    if env.spark.jars_dir:
        # Not `spark.jars`: Spark would copy 300 MB at every start.
        conf["spark.driver.extraClassPath"] = str(Path(env.spark.jars_dir) / "*")
    return conf


def _s3a(env: Environment) -> dict[str, str]:
    if env.aws.endpoint is None:
        return {"spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem"}
    s3a = {
        "impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "endpoint": env.aws.endpoint,
        "path.style.access": "true",
        "access.key": env.aws.access_key or "",
        "secret.key": env.aws.secret_key or "",
        "connection.ssl.enabled": str(env.aws.endpoint.startswith("https")).lower(),
        "aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
        # Fewer requests: no probe of the bucket, no delete of the markers above each new file.
        "bucket.probe": "0",
        "directory.marker.retention": "keep",
        "fast.upload.buffer": "bytebuffer",
        "connection.maximum": "64",
        "threads.max": "32",
    }
    conf = {f"spark.hadoop.fs.s3a.{k}": v for k, v in s3a.items() if k != "impl"}
    return {**conf, "spark.hadoop.fs.s3.impl": s3a["impl"], "spark.hadoop.fs.s3a.impl": s3a["impl"]}
