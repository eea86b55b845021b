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
from tests.lakehouse.pipelines.config_cases import BATCH, CASES, FILES, STREAM, changed, stepped
from tests.lakehouse.pipelines.loans import Tree, read
from tests.project_marker import mark


def tree(root: Path, config: Any, name: str = "traffic", files: dict[str, str] = FILES) -> Path:
    folder = mark(root) / "pipelines" / name
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config, indent=1))
    return root


def one(root: Path, config: Any) -> Pipeline:
    pipelines, faults = read(tree(root, config))
    assert faults == []
    return pipelines["traffic"]


def faults_of(root: Path, config: Any) -> list[Fault]:
    return read(tree(root, config))[1]


def test_a_batch_pipeline_is_a_job_per_step_and_step_0_comes_before_all(tmp_path: Path) -> None:
    pipelines = one(tmp_path, BATCH)
    assert (pipelines.kind, pipelines.title, pipelines.description) == (
        "batch",
        "Traffic Data ETL Pipeline",
        "From bronze to gold",
    )
    assert [[j.name for j in wave] for wave in pipelines.levels()] == [
        ["setup_databases"],
        ["clean", "summary"],
        ["enriched"],
    ]
    job = pipelines.job("enriched")
    assert (job.reads, job.writes) == (("silver.clean", "silver.summary"), ("gold.enriched",))
    assert (job.kind, job.timeout_minutes, job.schedule, job.max_concurrent_runs) == (
        "batch",
        180,
        "0 4 * * *",
        2,
    )
    assert (job.retry, job.failure_notification) == (Retry(2, 300), "loyalty@company.com")
    assert all(p.file.startswith("pipelines/traffic/sql/") for j in pipelines.jobs for p in j.procs)


def test_a_streaming_pipeline_is_one_job_and_its_tasks_run_side_by_side(tmp_path: Path) -> None:
    pipelines = one(tmp_path, STREAM)
    (job,) = pipelines.jobs
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
        "kafka_topic": "traffic_events",
        "starting_offsets": "earliest",
        "max_offsets_per_trigger": "1000",
    }


def test_a_call_among_the_parameters_is_of_the_type_that_it_gives(tmp_path: Path) -> None:
    assert [(p.name, p.type) for p in one(tmp_path, BATCH).job("clean").params] == [
        ("days", "int"),
        ("since", "date"),
    ]


def test_pipelines_of_all_kinds_stand_side_by_side(tmp_path: Path) -> None:
    tree(tmp_path, BATCH, "batch_one")
    loans = Tree(tmp_path)
    pipelines, faults = loans.read()
    assert faults == []
    assert {p.name: p.kind for p in pipelines.values()} == {"batch_one": "batch", "loans": "metadata"}


def test_a_laptop_runs_the_jobs_of_the_environments_that_it_stands_for(tmp_path: Path) -> None:
    pipelines, _ = Tree(tmp_path).read()
    local, dev, prod = (load_environment(name) for name in ("local", "dev", "prod"))
    stream, batch = (
        pipelines["loans"].job("streaming_loan_events"),
        pipelines["loans"].job("silver_transform"),
    )
    assert [stream.runs_in(env) for env in (local, dev, prod)] == [True, False, True]
    assert [batch.runs_in(env) for env in (local, dev, prod)] == [True, True, True]


@pytest.mark.parametrize("case", CASES)
def test_a_bad_config_is_refused_with_file_and_line(tmp_path: Path, case: str) -> None:
    config, code, message = CASES[case]
    reported = faults_of(tmp_path, config)
    hit = [f for f in reported if f.code == code and message in f.what]
    assert hit, [str(f) for f in reported]
    assert hit[0].file == "pipelines/traffic/config.json"
    assert hit[0].wanted
    # Of one line of JSON every place is line 1; those of a list or nothing are of the whole file.
    assert hit[0].line >= 1


def test_all_faults_of_a_config_come_at_once(tmp_path: Path) -> None:
    config = changed(stepped(3, depends_on=["cleen"]), schedule="never", notification_email="nobody")
    config["execution_sequence"][1]["sql_file"] = "sql/none.sql"
    reported = faults_of(tmp_path, config)
    assert {f.code for f in reported} >= {"LK303", "LK308", "LK310"}
    assert len({f.line for f in reported if f.file.endswith("config.json")}) >= 4


def test_a_folder_of_several_kinds_and_one_of_none_are_faults(tmp_path: Path) -> None:
    tree(tmp_path, BATCH, "both")
    (tmp_path / "pipelines/both/job.csv").write_text("job_id\n")
    (tmp_path / "pipelines/neither").mkdir()
    reported = {f.file: f.what for f in read(tmp_path)[1]}
    assert "several kinds" in reported["pipelines/both"]
    assert "is no pipeline" in reported["pipelines/neither"]


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
    pipelines, faults = read(tree(root, {**base, key: value}))
    if faults:
        assert all(f.file and f.wanted for f in faults)
    else:
        assert pipelines["traffic"].jobs
