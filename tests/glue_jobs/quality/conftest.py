"""A plain Spark for the gate's tests: no Delta, no S3."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from local_aws.java import java_home
from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    os.environ.setdefault("JAVA_HOME", str(java_home()))
    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.sql.session.timeZone": "UTC"}
    builder = SparkSession.builder.master("local[2]").appName("quality")
    for name, value in settings.items():
        builder = builder.config(name, value)
    yield builder.getOrCreate()
