"""Settings of a Spark that runs on this machine."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lakehouse.environments import Environment
from lakehouse.environments.model import Aws

_COLLECTOR = "-XX:+UseParallelGC"
_JAVA_OPTIONS = (
    # Spark generates code for each query; when the code cache is full, Java stops compiling and runs slowly.
    "-XX:ReservedCodeCacheSize=512m",
    "-Dio.netty.tryReflectionSetAccessible=true",
    # Java's warnings go to stderr: commands print JSON to stdout.
    "-Xlog:disable",
    "-Xlog:all=warning:stderr",
)


def local_settings(env: Environment) -> dict[str, str]:
    """Settings of a Spark on this machine; none where Glue starts it. Sets the process's Java and Python."""
    if env.spark.master is None:
        return {}
    if env.spark.java_home:
        os.environ["JAVA_HOME"] = env.spark.java_home
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    config = {
        "spark.master": env.spark.master,
        "spark.driver.memory": env.spark.driver_memory or "2g",
        "spark.sql.shuffle.partitions": str(env.spark.shuffle_partitions or 200),
        "spark.default.parallelism": str(env.spark.shuffle_partitions or 2),
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        **quiet_driver(env.spark.java_options),
        **s3a_settings(env.aws),
    }
    if env.spark.jars_dir:
        # Spark would copy the 300 MB of `spark.jars` at every start.
        config["spark.driver.extraClassPath"] = str(Path(env.spark.jars_dir) / "*")
    return config


def quiet_driver(java_options: Sequence[str] = ()) -> dict[str, str]:
    """A driver of this machine alone, without a web page. `java_options` are added to our own."""
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": " ".join(
            [*_collector(), *_JAVA_OPTIONS, *map(shlex.quote, java_options)]
        ),
        "spark.log.level": "ERROR",
        # Spark's own catalog stays empty, because queries name views; its folder must not appear in the
        # working folder.
        "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir()) / "lakehouse-warehouse"),
    }


def _collector() -> tuple[str, ...]:
    """The garbage collector, unless the environment names one: Java does not start with two."""
    return () if "GC" in os.environ.get("JAVA_TOOL_OPTIONS", "") else (_COLLECTOR,)


def s3a_settings(aws: Aws) -> dict[str, str]:
    """How Spark reaches S3: with an endpoint, at that one and with its keys."""
    if aws.endpoint is None:
        return {"spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem"}
    s3a = {
        "impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "endpoint": aws.endpoint,
        "path.style.access": "true",
        "access.key": aws.access_key or "",
        "secret.key": aws.secret_key or "",
        "connection.ssl.enabled": str(aws.endpoint.startswith("https")).lower(),
        "aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
        # Fewer requests: no probe of the bucket, and no deletion of directory markers above each new file.
        "bucket.probe": "0",
        "directory.marker.retention": "keep",
        "fast.upload.buffer": "bytebuffer",
        "connection.maximum": "64",
        "threads.max": "32",
    }
    config = {f"spark.hadoop.fs.s3a.{name}": value for name, value in s3a.items() if name != "impl"}
    return {**config, "spark.hadoop.fs.s3.impl": s3a["impl"], "spark.hadoop.fs.s3a.impl": s3a["impl"]}
