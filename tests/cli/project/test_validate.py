"""`lakehouse validate`: silent but for one line on a sound tree; every fault, once, on a broken one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lakehouse.contracts import load_schemas
from lakehouse.pipelines import load_pipelines
from tests.cli.calls import Call
from tests.project_marker import copy_project, mark

STATS = "pipelines/kafka_to_lakebase/sql/customer_stats.sql"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the project's own facts, to break."""
    return copy_project(tmp_path)


def change(tree: Path, file: str, old: str, new: str) -> None:
    path = tree / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_facts_of_this_project_are_sound(lakehouse: Call) -> None:
    answer = lakehouse("validate")
    assert (answer.code, answer.err) == (0, "")
    pipelines, tables = load_pipelines(), len(load_schemas().contracts)
    jobs = sum(len(p.jobs) for p in pipelines.values())
    assert (
        answer.out == f"sound: 4 environments, {tables} contracts, {tables} suites, "
        f"{len(pipelines)} pipelines, {jobs} jobs, 6 roles\n"
    )


def test_a_sound_tree_is_an_empty_list_for_machines(lakehouse: Call) -> None:
    answer = lakehouse("validate", "--json")
    assert (answer.code, answer.out) == (0, "[]\n")


def break_every_room(tree: Path) -> None:
    change(tree, "environments/base.yml", "workers: 2", "workers: 1")
    change(tree, "environments/prices.yml", "glue_minimum_seconds: 60", "glue_minimum_second: 60")
    change(tree, "schemas/silver/orders.schema.json", '"write": ', '"writ": ')
    change(tree, "pipelines/retail/job.csv", "0 3 * * *", "0 25 * * *")
    change(
        tree,
        "pipelines/retail/proc_param.csv",
        "bronze.redshift_behavior,tables",
        "bronze.redshift_behaviour,tables",
    )
    (tree / "pipelines" / "retail" / "transforms" / "silver_to_gold.py").unlink()


def test_every_fault_of_every_room_comes_at_once_with_exit_code_2(lakehouse: Call, tree: Path) -> None:
    break_every_room(tree)
    answer = lakehouse("validate", "--project", str(tree))
    assert (answer.code, answer.out) == (2, "")
    lines = answer.err.splitlines()
    for expected in (
        "environments/base.yml:12:12: LK103 glue.workers = 1; wanted greater than or equal to 2",
        "environments/prices.yml:6:1: LK101 unknown key 'glue_minimum_second'",
        "did you mean 'glue_minimum_seconds'?",
        "schemas/silver/orders.schema.json",
        "pipelines/retail/job.csv:7:3: LK303 schedule '0 25 * * *': hour 25 is not in 0-23",
        "LK315 job 'redshift_to_bronze' names bronze.redshift_behaviour, which has no contract",
        "did you mean 'bronze.redshift_behavior'?",
        "LK313 job 'bronze_to_silver' reads bronze.redshift_behavior, which no job writes",
        "LK308 notebook_path 'transforms/silver_to_gold.py' does not exist",
    ):
        assert any(expected in line for line in lines), (expected, lines)
    # The contract of silver.orders is broken, but it is there.
    assert not any("silver.orders, which has no contract" in line for line in lines)


def test_each_fault_is_said_once_to_people_and_to_machines(lakehouse: Call, tree: Path) -> None:
    break_every_room(tree)
    lines = lakehouse("validate", "--project", str(tree)).err.splitlines()
    answer = lakehouse("validate", "--project", str(tree), "--json")
    faults = json.loads(answer.out)
    assert (answer.code, answer.err) == (2, "")
    assert len(lines) == len(set(lines)) == len(faults)
    assert [f"{f['file']}:{f['line']}" for f in faults] == sorted(
        [f"{f['file']}:{f['line']}" for f in faults],
        key=lambda p: (p.rsplit(":", 1)[0], int(p.rsplit(":", 1)[1])),
    )
    assert all(
        set(f) == {"file", "line", "column", "code", "what", "wanted", "value", "nearest"} for f in faults
    )


def test_a_root_that_holds_no_facts_is_no_sound_tree(lakehouse: Call, tmp_path: Path) -> None:
    answer = lakehouse("validate", "--project", str(mark(tmp_path)))
    assert answer.code == 2
    assert "LK001" in answer.err


def test_deep_asks_spark_and_says_so(lakehouse: Call, tree: Path, spark: SparkSession) -> None:
    """`spark` is the Java process of the tests, which the command shares."""
    found = lakehouse("validate", "--deep", "--project", str(tree))
    assert (found.code, found.err) == (0, "")
    assert found.out.endswith("; analysed by Spark\n")
    change(tree, STATS, "count(*) AS event_count", "CAST(count(*) AS string) AS event_count")
    found = lakehouse("validate", "--deep", "--project", str(tree))
    assert found.code == 2
    assert "LK342 gold.customer_stats: event_count is string" in found.err
    assert lakehouse("validate", "--project", str(tree)).code == 0


def test_a_column_of_another_name_needs_no_spark(lakehouse: Call, tree: Path) -> None:
    change(tree, STATS, "count(*) AS event_count", "count(*) AS event_cnt")
    found = lakehouse("validate", "--project", str(tree))
    assert found.code == 2
    assert "LK341 gold.customer_stats: gives no column event_count" in found.err
    assert "did you mean 'event_cnt'?" in found.err


def test_deep_without_a_java_says_what_is_missing(lakehouse: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local_aws.java._wheel", lambda: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    found = lakehouse("validate", "--deep")
    assert found.code == 1
    assert "RUN061 --deep needs Spark on this machine: no Java found" in found.err
