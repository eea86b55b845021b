"""config/<env>.yml of a pipeline's folder: what agrees is sound, what does not is told where it lives."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.environments import load_environment
from lakehouse.pipelines.environment_config import check_environment_configs
from lakehouse.project import Project
from lakehouse.reading.faults import Collector

NAMES = Project.find().settings.environments
ENVIRONMENTS = {name: load_environment(name) for name in NAMES}
# As people have them: workers 2, 3 and 5, minutes 30, 60 and 120, monitoring in prod alone.
SOUND = """environment: {env}
catalog:
  name: loyalty_{env}
  schemas: [bronze, silver, gold]
cluster:
  num_workers: {workers}
pipeline:
  timeout_seconds: {seconds}
monitoring:
  enabled: {monitoring}
"""
VALUES = [("dev", 2, 1800, "false"), ("staging", 3, 3600, "false"), ("prod", 5, 7200, "true")]


def faults_of(root: Path, file: str, text: str) -> list[str]:
    """The faults of a pipeline's folder with one config."""
    path = root / "pipelines" / "traffic" / "config" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    faults = Collector(root)
    check_environment_configs(ENVIRONMENTS, faults)
    return [str(fault).removeprefix("pipelines/traffic/config/") for fault in faults.faults]


@pytest.mark.parametrize(("env", "workers", "seconds", "monitoring"), VALUES)
def test_values_that_the_environment_has_are_sound(
    tmp_path: Path, env: str, workers: int, seconds: int, monitoring: str
) -> None:
    text = SOUND.format(env=env, workers=workers, seconds=seconds, monitoring=monitoring)
    assert faults_of(tmp_path, f"{env}.yml", text) == []


def test_a_value_that_differs_is_told_with_its_line_and_its_fact(tmp_path: Path) -> None:
    text = "environment: prod\npipeline:\n  max_concurrent_runs: 2\n  timeout_seconds: 60\nmonitoring: true\n"
    assert faults_of(tmp_path, "dev.yml", text) == [
        "dev.yml:1:14: LK266 environment is prod, and environments/dev.yml says dev; wanted the value as "
        "name of environments/dev.yml",
        "dev.yml:3:24: LK266 pipeline.max_concurrent_runs is 2, and environments/dev.yml says 1; wanted the "
        "value as glue.max_concurrent_runs of environments/dev.yml",
        "dev.yml:4:20: LK266 pipeline.timeout_seconds is 60, and environments/dev.yml says 1800; wanted the "
        "value as glue.timeout_minutes × 60 of environments/dev.yml",
        "dev.yml:5:13: LK266 monitoring is true, and environments/dev.yml says false; wanted the value as "
        "monitoring of environments/dev.yml",
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("cluster: {node_type_id: i3.xlarge}", "glue.worker_type"),
        ("cluster: {autotermination_minutes: 20}", "takes them back"),
        ("cluster: {spark_version: 13.3.x}", "glue.version"),
        ("pipeline: {checkpoint_location: /mnt/c}", "zone of checkpoints"),
        ("pipeline: {retries: 3}", "retry_policy"),
        ("cluster: {num_wrkers: 2}", "did you mean 'num_workers'?"),
    ],
)
def test_a_key_without_meaning_is_refused_with_the_reason(tmp_path: Path, line: str, words: str) -> None:
    (fault,) = faults_of(tmp_path, "dev.yml", line)
    assert "LK267" in fault
    assert words in fault


def test_other_schemas_and_other_environments_are_faults(tmp_path: Path) -> None:
    (schemas,) = faults_of(tmp_path, "dev.yml", "catalog: {schemas: [bronze, platinum]}")
    assert "LK266 catalog.schemas names platinum" in schemas
    assert any("LK265" in fault for fault in faults_of(tmp_path, "test.yml", "environment: test"))
