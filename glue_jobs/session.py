"""Creates and configures Spark sessions; no other module does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import reduce
from typing import IO, TYPE_CHECKING, Any

from glue_jobs.jvm_logs import hide_rows
from glue_jobs.session_settings import local_settings, quiet_driver
from lakehouse.environments import Environment
from lakehouse.environments.spark import COMMON, TUNING, settings, tuning

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ROCKS_DB = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
_END_SECONDS = 20
# Settings that name classes of Delta's jars.
_OF_DELTA = (
    "spark.sql.extensions",
    "spark.sql.catalog.spark_catalog",
    "spark.delta.logStore.s3.impl",
)


def spark_session(env: Environment, output: IO[str] | None = None) -> SparkSession:
    """The session of this process: Glue's own on AWS, otherwise one that is configured by the environment.

    `output`: the file that takes what a new JVM writes; without it, its lines come to the terminal.
    """
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        hide_rows(active)
        _keep_classes(active)
        return active
    builder = SparkSession.builder.appName(f"{env.project}-{env.name}")
    values = {**settings(env), **local_settings(env)}
    for key, value in values.items():
        builder = builder.config(key, value)
    if output is not None:
        _launch(f"{env.project}-{env.name}", values, output)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    hide_rows(spark)
    _keep_classes(spark)
    return spark


def _launch(name: str, values: Mapping[str, Any], output: IO[str]) -> None:
    """Starts the JVM with its output in a file: the session that is built next finds its context."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    if SparkContext._active_spark_context is not None:
        return
    conf = SparkConf().setAppName(name)
    for key, value in values.items():
        conf.set(key, str(value))
    launch: Any = launch_gateway
    gateway = launch(conf, {"stdout": output, "stderr": output})
    SparkContext(conf=conf, gateway=gateway)


def _keep_classes(spark: SparkSession) -> None:
    """Looks up once the Java classes behind `pyspark.sql.functions`.

    PySpark asks Java for them by their short names at each call, and Java looks through eight packages and
    every jar: 0.8 ms for a column that then takes 0.1.
    """
    jvm: Any = spark._jvm
    for name in ("functions", "PythonUtils", "PythonSQLUtils", "SparkSession"):
        setattr(jvm, name, getattr(jvm, name))


def java_class(spark: SparkSession, name: str) -> Any:
    """The Java class of a full name, which is looked up once for each JVM.

    PySpark asks Java about each package of the name, and Java then looks through every jar.
    """
    jvm: Any = spark._jvm
    classes: dict[str, Any] = vars(jvm).setdefault("_classes_of_lakehouse", {})
    if name not in classes:
        classes[name] = reduce(getattr, name.split("."), jvm)
    return classes[name]


@contextmanager
def analysis_session(java_home: str) -> Iterator[SparkSession]:
    """A session that analyses queries as a run's does, without storage: one core, and no jar beyond Spark's.

    A session that exists is used, and stays. Otherwise a process of the Java in `java_home` starts, and
    ends with the block: a run that follows in this process needs one with the jars of Delta and S3.
    """
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        yield job_session(active)
        return
    os.environ["JAVA_HOME"] = java_home
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.appName("lakehouse-validate").master("local[1]")
    common = {k: v for k, v in COMMON.items() if k not in _OF_DELTA}
    for key, value in {**common, **quiet_driver()}.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    try:
        yield spark
    finally:
        _end_java(spark)


def _end_java(spark: SparkSession) -> None:
    """Stops the session and its Java process, which PySpark would use for the next session too."""
    context: Any = type(spark.sparkContext)
    gateway = context._gateway
    spark.stop()
    gateway.shutdown()
    context._gateway = context._jvm = None
    # The process ends with its standard input; what is left of it holds nothing.
    gateway.proc.stdin.close()
    try:
        gateway.proc.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        gateway.proc.kill()


def job_session(spark: SparkSession) -> SparkSession:
    """A session with settings of its own, such as Delta's transaction ids. Executors are shared.

    A new session of Spark has the settings of its process; the sizes of the job are set again.
    """
    session = spark.newSession()
    for name in (setting for settings_of in TUNING.values() for setting in settings_of):
        value = spark.conf.get(name, None)
        if value is not None:
            session.conf.set(name, value)
    return session


def tuned_session(spark: SparkSession, params: Mapping[str, Any]) -> SparkSession:
    """A session with the sizes that parameters state, such as `broadcast_threshold_mb`; else `spark`."""
    sizes = tuning(params)
    session = job_session(spark) if sizes else spark
    for key, value in sizes.items():
        session.conf.set(key, value)
    return session


def stream_session(spark: SparkSession, env: Environment) -> SparkSession:
    """A session for a streaming application, with settings of its own."""
    session = job_session(spark)
    # A partition of state is a task in every micro-batch, however few its rows: one for each core.
    partitions = env.spark.shuffle_partitions or cores(spark)
    session.conf.set("spark.sql.shuffle.partitions", str(partitions))
    # State lies on disk, not in the heap, and a micro-batch uploads what it changed, not all of it.
    session.conf.set("spark.sql.streaming.stateStore.providerClass", _ROCKS_DB)
    session.conf.set("spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", "true")
    # Java never compiles a method of more than 8,000 bytes. Generated methods that parse many columns of a
    # message would be interpreted, at half the speed.
    session.conf.set("spark.sql.codegen.hugeMethodLimit", "8000")
    return session


def broadcast_bytes(spark: SparkSession) -> int:
    """The size up to which one side of a join is sent to every task; 0 where none is."""
    threshold = spark.conf.get(TUNING["broadcast_threshold_mb"][0], None) or ""
    size = re.fullmatch(r"(\d+)(MB|B)?", threshold.upper())
    return int(size[1]) * (2**20 if size[2] == "MB" else 1) if size else 0


def cores(spark: SparkSession) -> int:
    """The number of tasks that run at the same time."""
    context = spark.sparkContext
    # A local master names its cores; there the default parallelism is a setting of the environment.
    local = re.fullmatch(r"local\[(\d+)\]", str(context.master))
    return int(local[1]) if local else int(context.defaultParallelism)
