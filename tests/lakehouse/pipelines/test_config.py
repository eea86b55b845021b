"""config.json becomes the same pipelines and jobs as the three CSVs, and everything that is wrong with one is
said at once.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.environments import load_environment
from lakehouse.pipelines import Pipeline
from lakehouse.pipelines.model import Retry
from lakehouse.reading.faults import Fault
from tests.lakehouse.pipelines.loans import Tree, read
from tests.project_marker import mark

BATCH: dict[str, Any] = {
    "pipeline_name": "Traffic Data ETL Pipeline", "pipeline_type": "batch", "description": "From bronze to gold",
    "execution_sequence": [
        {"step": 0, "task_name": "setup_databases", "sql_file": "sql/setup.sql"},
        {"step": 1, "task_name": "clean", "sql_file": "sql/clean.sql"},
        {"step": 1, "task_name": "summary", "sql_file": "sql/summary.sql"},
        {"step": 2, "task_name": "enriched", "sql_file": "sql/enriched.sql", "depends_on": ["clean", "summary"]},
    ],
    "notification_email": "loyalty@company.com", "max_concurrent_runs": 2, "parameters": {"days": 30, "since": "{{ today() - 7 }}"},
}  # fmt: skip
STREAM: dict[str, Any] = {
    "pipeline_name": "Kafka to Lakebase Streaming", "pipeline_type": "streaming",
    "tasks": [{"task_name": "ingestion", "table": "gold_db.kafka_data"}, {"task_name": "stats", "sql_file": "sql/stats.sql"}],
    "job_cluster": {"workers": 4, "worker_type": "G.2X"}, "kafka_source": {"topic": "traffic_events", "max_offsets_per_trigger": 1000},
    "postgres_connection": {"secret": "postgres"}, "notification_email": "loyalty@company.com",
}  # fmt: skip
FILES = {
    "sql/setup.sql": "CREATE DATABASE IF NOT EXISTS silver_db; CREATE DATABASE IF NOT EXISTS gold_db",
    "sql/clean.sql": "CREATE OR REPLACE TABLE silver_db.clean AS SELECT :days AS days, :since AS since",
    "sql/summary.sql": "CREATE OR REPLACE TABLE silver_db.summary AS SELECT 1 AS one",
    "sql/enriched.sql": "CREATE OR REPLACE TABLE gold_db.enriched AS SELECT * FROM silver_db.clean JOIN silver_db.summary",
    "sql/stats.sql": "CREATE TABLE gold_db.stats AS SELECT customer_id, count(*) AS n FROM STREAM(gold_db.kafka_data) GROUP BY customer_id",
}


def tree(root: Path, config: Any, name: str = "traffic", files: dict[str, str] = FILES) -> Path:
    folder = mark(root) / "pipelines" / name
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config, indent=1))
    return root


def one(root: Path, config: Any) -> Pipeline:
    found, faults = read(tree(root, config))
    assert faults == []
    return found["traffic"]


def faults_of(root: Path, config: Any) -> list[Fault]:
    return read(tree(root, config))[1]


def test_a_batch_pipeline_is_a_job_per_step_and_step_0_comes_before_all(tmp_path: Path) -> None:
    found = one(tmp_path, BATCH)
    assert (found.kind, found.title, found.description) == (
        "batch",
        "Traffic Data ETL Pipeline",
        "From bronze to gold",
    )
    assert [[j.name for j in wave] for wave in found.levels()] == [
        ["setup_databases"],
        ["clean", "summary"],
        ["enriched"],
    ]
    job = found.job("enriched")
    assert (job.reads, job.writes) == (("silver.clean", "silver.summary"), ("gold.enriched",))
    assert (job.kind, job.timeout_minutes, job.schedule, job.max_concurrent_runs) == (
        "batch",
        180,
        "0 4 * * *",
        2,
    )
    assert (job.retry, job.failure_notification) == (Retry(2, 300), "loyalty@company.com")
    assert all(p.file.startswith("pipelines/traffic/sql/") for j in found.jobs for p in j.procs)


def test_a_streaming_pipeline_is_one_job_and_its_tasks_run_side_by_side(tmp_path: Path) -> None:
    found = one(tmp_path, STREAM)
    (job,) = found.jobs
    assert (job.name, job.kind, job.schedule, job.timeout_minutes) == (
        "traffic",
        "streaming",
        "continuous",
        0,
    )
    assert [(p.name, p.writes, p.depends_on) for p in job.procs] == [
        ("ingestion", ("gold.kafka_data",), ()),
        ("stats", ("gold.stats",), ()),
    ]
    assert (job.reads, job.writes) == ((), ("gold.kafka_data", "gold.stats"))
    assert (job.workers, job.worker_type) == (4, "G.2X")
    assert job.secrets == ("kafka", "postgres")
    assert {p.name: p.value for p in job.params if not p.secure} == {
        "kafka_topic": "traffic_events", "starting_offsets": "earliest", "max_offsets_per_trigger": "1000",
    }  # fmt: skip


def test_a_call_among_the_parameters_is_of_the_type_that_it_gives(tmp_path: Path) -> None:
    assert [(p.name, p.type) for p in one(tmp_path, BATCH).job("clean").params] == [
        ("days", "int"),
        ("since", "date"),
    ]


def test_pipelines_of_all_kinds_stand_side_by_side(tmp_path: Path) -> None:
    tree(tmp_path, BATCH, "batch_one")
    loans = Tree(tmp_path)
    found, faults = loans.read()
    assert faults == []
    assert {p.name: p.kind for p in found.values()} == {"batch_one": "batch", "loans": "metadata"}


def test_a_laptop_runs_the_jobs_of_the_environments_that_it_stands_for(tmp_path: Path) -> None:
    found, _ = Tree(tmp_path).read()
    local, dev, prod = (load_environment(name) for name in ("local", "dev", "prod"))
    stream, batch = found["loans"].job("streaming_loan_events"), found["loans"].job("silver_transform")
    assert [stream.runs_in(env) for env in (local, dev, prod)] == [True, False, True]
    assert [batch.runs_in(env) for env in (local, dev, prod)] == [True, True, True]


def changed(config: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {k: v for k, v in {**config, **keys}.items() if v is not None}


def stepped(i: int, **keys: Any) -> dict[str, Any]:
    steps = [dict(s) for s in BATCH["execution_sequence"]]
    steps[i] |= keys
    return changed(BATCH, execution_sequence=steps)


CASES: dict[str, tuple[Any, str, str]] = {
    "both kinds": (changed(BATCH, tasks=STREAM["tasks"]), "LK320", "config.json has both tasks and execution_sequence"),
    "neither kind": (changed(BATCH, execution_sequence=None), "LK320", "config.json has neither tasks nor execution_sequence"),
    "a list": ([1], "LK320", "has neither"),
    "another type than it says": (changed(BATCH, pipeline_type="streaming"), "LK320", "pipeline_type is 'streaming'"),
    "an unknown key": (changed(BATCH, notifikation_email="x@y.zz"), "LK101", "unknown key 'notifikation_email'"),
    "a missing key": (changed(BATCH, pipeline_name=None), "LK102", "key 'pipeline_name' is missing"),
    "a wrong type": (changed(BATCH, max_concurrent_runs="two"), "LK103", "max_concurrent_runs = 'two'"),
    "no steps": (changed(BATCH, execution_sequence=[]), "LK103", "execution_sequence = []"),
    "no step 0": (stepped(0, step=1), "LK103", "no task is of step 0"),
    "a step 0 that waits": (stepped(0, depends_on=["clean"]), "LK103", "is of step 0 and waits"),
    "an unknown task": (stepped(3, depends_on=["cleen"]), "LK310", "depends_on names 'cleen'"),
    "a task twice": (stepped(2, task_name="clean"), "LK305", "task_name 'clean' stands twice"),
    "a circle": (stepped(1, depends_on=["enriched"]), "LK311", "jobs wait for one another"),
    "an unknown SQL file": (stepped(1, sql_file="sql/cleen.sql"), "LK308", "'sql/cleen.sql' does not exist"),
    "a path that leaves the folder": (stepped(1, sql_file="../traffic/../../x.sql"), "LK309", "leaves the pipeline's folder"),
    "an absolute path": (stepped(1, sql_file="/etc/x.sql"), "LK103", "sql_file = '/etc/x.sql'"),
    "a bad address": (changed(BATCH, notification_email="nobody"), "LK303", "'nobody' is no address"),
    "a bad schedule": (changed(BATCH, schedule="0 25 * * *"), "LK303", "hour 25"),
    "a parameter that is injected": (changed(BATCH, parameters={"days": 30, "since": "{{ __import__('os') }}"}), "LK304", "no call"),
    "a secret in a parameter": (changed(BATCH, parameters={"days": 1, "since": "{{ secret('x') }}"}), "LK307", "not marked secure"),
    "a parameter with no name": (changed(BATCH, parameters={"days": 1, "since": "x", "a b": 1}), "LK303", "parameter 'a b' is no name"),
    "a stream without topic": (changed(STREAM, kafka_source=None), "LK102", "key 'kafka_source' is missing"),
    "a task with table and file": (
        changed(STREAM, tasks=[{"task_name": "a", "table": "gold.x", "sql_file": "sql/stats.sql"}]), "LK103", "a table and a sql_file",
    ),
    "a table of no layer": (changed(STREAM, tasks=[{"task_name": "a", "table": "golden.x"}]), "LK103", "no table of a layer"),
    "the platform's own parameter": (changed(STREAM, parameters={"kafka_topic": "x"}), "LK305", "the platform's own"),
    "nested 100,000 deep": ("[" * 100_000 + "]" * 100_000, "LK004", "nested"),
    "no JSON": ('{"tasks": [}', "LK002", "is not JSON"),
    "a key twice": ('{"tasks": [], "tasks": []}', "LK005", "'tasks' stands twice"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_bad_config_is_refused_with_file_and_line(tmp_path: Path, case: str) -> None:
    config, code, what = CASES[case]
    found = faults_of(tmp_path, config)
    hit = [f for f in found if f.code == code and what in f.what]
    assert hit, [str(f) for f in found]
    assert hit[0].file == "pipelines/traffic/config.json"
    assert hit[0].wanted
    # Of one line of JSON every place is line 1; those of a list or nothing are of the whole file.
    assert hit[0].line >= 1


def test_all_faults_of_a_config_come_at_once(tmp_path: Path) -> None:
    config = changed(stepped(3, depends_on=["cleen"]), schedule="never", notification_email="nobody")
    config["execution_sequence"][1]["sql_file"] = "sql/none.sql"
    found = faults_of(tmp_path, config)
    assert {f.code for f in found} >= {"LK303", "LK308", "LK310"}
    assert len({f.line for f in found if f.file.endswith("config.json")}) >= 4


def test_a_folder_of_several_kinds_and_one_of_none_are_faults(tmp_path: Path) -> None:
    tree(tmp_path, BATCH, "both")
    (tmp_path / "pipelines/both/job.csv").write_text("job_id\n")
    (tmp_path / "pipelines/neither").mkdir()
    found = {f.file: f.what for f in read(tmp_path)[1]}
    assert "several kinds" in found["pipelines/both"]
    assert "is no pipeline" in found["pipelines/neither"]


def test_two_pipelines_with_one_job_name_are_a_fault(tmp_path: Path) -> None:
    tree(tmp_path, BATCH, "first")
    faults = read(tree(tmp_path, BATCH, "second"))[1]
    assert any(f.code == "LK305" and "also names a job of pipeline first" in f.what for f in faults)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=8), x, max_size=3),
)


@settings(max_examples=150, deadline=None)
@given(
    key=st.sampled_from([*BATCH, *STREAM, "schedule", "owner", "environments", "parameters"]),
    value=JSON,
    base=st.sampled_from([BATCH, STREAM]),
)
def test_any_value_of_any_key_is_read_or_refused_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: Any, base: dict[str, Any]
) -> None:
    root = tmp_path_factory.mktemp("any")
    found, faults = read(tree(root, {**base, key: value}))
    if faults:
        assert all(f.file and f.wanted for f in faults)
    else:
        assert found["traffic"].jobs
