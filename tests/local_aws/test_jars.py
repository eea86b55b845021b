"""The jars of Spark and Kafka are fetched once, and an incomplete set is fetched again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lakehouse.pipelines.job_jars import KAFKA as CONNECTOR
from lakehouse.pipelines.job_jars import POSTGRES
from local_aws.ivy import JarsError
from local_aws.jars import KAFKA, SPARK, check_digests, ensure_jars, is_whole


def test_second_call_reads_only_the_marker() -> None:
    jars = ensure_jars()
    started = time.perf_counter()
    assert ensure_jars() == jars
    assert time.perf_counter() - started < 0.5
    assert is_whole(jars.spark, SPARK)
    assert is_whole(jars.kafka, KAFKA)


@pytest.mark.parametrize("damage", ["missing", "cut short"])
def test_an_incomplete_set_is_not_taken_for_whole(tmp_path: Path, damage: str) -> None:
    whole = ensure_jars().kafka
    for jar in whole.iterdir():
        (tmp_path / jar.name).symlink_to(jar)
    assert is_whole(tmp_path, KAFKA)
    victim = next(tmp_path.glob("kafka-clients-*.jar"))
    victim.unlink()
    if damage == "cut short":
        victim.write_bytes(b"PK")
    assert not is_whole(tmp_path, KAFKA)


def test_other_coordinates_are_resolved_anew() -> None:
    assert not is_whole(ensure_jars().spark, (*SPARK, "org.example:new:1"))


def test_spark_set_brings_no_second_spark_scala_or_hadoop_client() -> None:
    jars = {jar.name for jar in ensure_jars().spark.glob("*.jar")}
    assert not [
        name
        for name in jars
        if name.startswith(("spark-core", "spark-sql_", "scala-library", "hadoop-client", "hadoop-common"))
    ]


def test_projects_share_the_cache_that_the_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = ensure_jars().spark.parent.parent
    (tmp_path / "lakehouse.yml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LAKEHOUSE_PROJECT", raising=False)
    monkeypatch.setenv("LAKEHOUSE_CACHE", str(shared))
    assert ensure_jars().spark == shared / "jars" / "spark"
    assert not (tmp_path / ".cache").exists()


def test_a_jar_of_other_bytes_is_refused_by_its_name(tmp_path: Path) -> None:
    jars = ensure_jars()
    for folder in (jars.spark, jars.kafka):
        check_digests(folder)
    name = "kafka-clients-3.4.1.jar"
    changed = bytearray((jars.spark / name).read_bytes())
    changed[-1] ^= 1
    (tmp_path / name).write_bytes(changed)
    with pytest.raises(JarsError, match=r"kafka-clients-3\.4\.1\.jar .*differ from jars\.sha256"):
        check_digests(tmp_path)


def test_a_jar_that_no_line_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "another-1.0.jar").write_bytes(b"PK")
    with pytest.raises(JarsError, match=r"another-1\.0\.jar"):
        check_digests(tmp_path)


def test_deployed_jobs_get_jars_that_this_machine_runs_with() -> None:
    there = {jar.name for jar in ensure_jars().spark.glob("*.jar")}
    assert {*CONNECTOR, *POSTGRES} <= there
