"""pipeline.yml: jobs of every type in one graph, each after what writes and judges what it reads."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import yaml

from cli.project.export import fact_schemas
from lakehouse.environments import load_environment
from lakehouse.orchestration.plan import plan
from lakehouse.pipelines import Pipeline
from lakehouse.reading.faults import Collector, Fault
from tests.lakehouse.pipelines.config_cases import BATCH
from tests.lakehouse.pipelines.loans import read
from tests.lakehouse.pipelines.test_config import faults_of as config_faults
from tests.lakehouse.pipelines.test_config import one as config_pipeline
from tests.project_marker import mark

GRAPH = """title: Trips, from files to gold
owner: city
notification_email: "#city"
kafka_source: {topic: rides}
parameters: {window_days: 30}
jobs:
  to_gold: {sql: sql/gold.sql, parameters: {window_days: 7}}
  files: {ingest: [bronze.trips, bronze.stations], retries: 3, timeout_minutes: 30}
  gate: {gate: [silver.trips]}
  to_silver: {sql: sql/silver.sql}
  features: {python: features.py, reads: [silver.trips], writes: [gold.features], after: [to_gold]}
  gold_gate: {gate: [gold.days, gold.features]}
  send: {publish: [gold.days], warehouse: redshift, connection: redshift}
  live: {stream: [bronze.rides]}
"""
FILES = {
    "sql/silver.sql": "CREATE TABLE silver.trips AS SELECT t.* FROM bronze.trips t JOIN bronze.stations s\n",
    "sql/gold.sql": "CREATE TABLE gold.days AS SELECT 1 AS x FROM silver.trips WHERE n > :window_days\n",
    "features.py": "def features(silver_trips):\n    return silver_trips\n",
}


def tree(root: Path, text: str = GRAPH) -> Path:
    folder = mark(root) / "pipelines" / "trips"
    for path, content in {**FILES, "pipeline.yml": text}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    return root


def one(root: Path, text: str = GRAPH) -> Pipeline:
    pipelines, faults = read(tree(root, text))
    assert faults == []
    return pipelines["trips"]


def faults_of(root: Path, old: str, new: str) -> list[Fault]:
    assert old in GRAPH
    return read(tree(root, GRAPH.replace(old, new)))[1]


def test_jobs_run_after_those_that_write_and_judge_the_tables_that_they_read(tmp_path: Path) -> None:
    pipeline = one(tmp_path)
    after = {job.name: set(job.depends_on) for job in pipeline.jobs}
    assert after == {
        "files": set(),
        "to_silver": {"files"},
        "gate": {"to_silver"},
        "to_gold": {"to_silver", "gate"},
        "features": {"to_silver", "gate", "to_gold"},
        "gold_gate": {"to_gold", "features"},
        "send": {"to_gold", "gold_gate"},
        "live": set(),
    }
    assert (pipeline.kind, pipeline.title) == ("graph", "Trips, from files to gold")


def test_each_job_has_its_type_its_tables_and_its_own_values(tmp_path: Path) -> None:
    pipeline = one(tmp_path)
    jobs = {job.name: job for job in pipeline.jobs}
    assert {name: str(job.type) for name, job in jobs.items()} == {
        "files": "ingest",
        "to_silver": "sql",
        "gate": "gate",
        "to_gold": "sql",
        "features": "transform",
        "gold_gate": "gate",
        "send": "publish",
        "live": "stream",
    }
    assert jobs["files"].writes == ("bronze.trips", "bronze.stations")
    assert (jobs["files"].timeout_minutes, jobs["files"].retry.retries) == (30, 3)
    assert jobs["send"].warehouse == "redshift"
    assert jobs["send"].secrets == ("redshift",)
    assert jobs["send"].gates == (("gold.days", "gold_gate"),)
    assert [p.value for p in jobs["to_gold"].params if p.name == "window_days"] == ["7"]
    assert [p.value for p in jobs["gate"].params if p.name == "window_days"] == ["30"]
    assert (jobs["live"].schedule, jobs["live"].kind, jobs["live"].secrets) == (
        "continuous",
        "streaming",
        ("kafka",),
    )
    assert jobs["to_gold"].file_and_line == ("pipelines/trips/pipeline.yml", 7)


def test_a_gate_that_judges_what_a_job_makes_and_reads_comes_after_it(tmp_path: Path) -> None:
    text = GRAPH.replace("gate: {gate: [silver.trips]}", "gate: {gate: [silver.trips, gold.days]}")
    after = {job.name: set(job.depends_on) for job in one(tmp_path, text).jobs}
    assert after["to_gold"] == {"to_silver"}
    assert "to_gold" in after["gate"]


def test_faults_name_the_line_of_the_job(tmp_path: Path) -> None:
    cases = {
        ("ingest: [bronze.trips, bronze.stations], ", ""): "LK103 job 'files' has nothing to do",
        ("{sql: sql/silver.sql}", "{sql: sql/silver.sql, gate: [silver.trips]}"): (
            "LK103 job 'to_silver' has sql and gate"
        ),
        ("warehouse: redshift, ", ""): "LK318 job 'send' publishes to no warehouse",
        ("after: [to_gold]", "after: [to_gld]"): "LK310 after names 'to_gld'",
        ("features.py", "feature.py"): "LK308 'feature.py' does not exist",
        ("sql/silver.sql", "sql/silvr.sql"): "LK308 'sql/silvr.sql' does not exist",
        ("{gate: [silver.trips]}", "{gate: [silver.trips], reads: [silver.trips]}"): (
            "LK103 job 'gate' has reads, and is gate"
        ),
        ("retries: 3", "retires: 3"): "LK101",
        ("title:", "titel:"): "LK101",
        ('"#city"', '"nobody"'): "LK303",
    }
    for number, ((old, new), text) in enumerate(cases.items()):
        faults = [f for f in faults_of(tmp_path / str(number), old, new) if f.code not in ("LK313", "LK314")]
        assert any(text in str(fault) for fault in faults), (text, list(map(str, faults)))
        assert all(fault.file == "pipelines/trips/pipeline.yml" and fault.line for fault in faults)


def test_two_kinds_in_one_folder_are_a_fault(tmp_path: Path) -> None:
    tree(tmp_path)
    (tmp_path / "pipelines/trips/config.json").write_text("{}")
    assert [str(f.code) for f in read(tmp_path)[1]] == ["LK320"]


def test_the_editors_schema_takes_the_file_and_refuses_two_works(tmp_path: Path) -> None:
    schema = fact_schemas()["pipeline_yml.schema.json"]
    document = yaml.safe_load(GRAPH)
    jsonschema.validate(document, schema)
    document["jobs"]["gate"]["sql"] = "x.sql"
    assert not jsonschema.Draft202012Validator(schema).is_valid(document)


def test_a_dag_has_the_product_of_its_own_pipeline_and_no_other(tmp_path: Path) -> None:
    env = load_environment("prod")
    shown = {
        product: plan(env, [one(tmp_path / str(n), product + GRAPH)], Collector(tmp_path))[0].display_name
        for n, product in enumerate(("", "product: City Data\n"))
    }
    assert shown == {
        "": f"[{env.project}] [prod] Trips, from files to gold",
        "product: City Data\n": "[City Data] [prod] Trips, from files to gold",
    }


def test_a_batch_config_holds_ingests_and_gates_too(tmp_path: Path) -> None:
    config = json.loads(json.dumps(BATCH))
    config["product"] = "City Data"
    first = {"step": 0, "task_name": "files", "ingest": ["bronze.raw"], "connection": "snowflake"}
    last = {"step": 9, "task_name": "judge", "gate": ["silver.clean"], "depends_on": ["clean"]}
    config["execution_sequence"] += [first, last]
    pipeline = config_pipeline(tmp_path / "sound", config)
    jobs = {job.name: job for job in pipeline.jobs}
    assert (str(jobs["files"].type), jobs["files"].writes, jobs["files"].secrets) == (
        "ingest",
        ("bronze.raw",),
        ("snowflake",),
    )
    assert (str(jobs["judge"].type), jobs["judge"].reads) == ("gate", ("silver.clean",))
    assert "clean" in jobs["judge"].depends_on
    assert pipeline.product == "City Data"
    last["sql_file"] = "sql/clean.sql"
    (fault,) = config_faults(tmp_path / "both", config)
    assert "LK103 task 'judge' has sql_file and gate" in str(fault)
