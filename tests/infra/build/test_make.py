"""What is deployed is the same bytes whenever and wherever it is built from the same tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from infra.build.archive import write_zip
from infra.build.bundle import bundle_entries
from infra.build.dags import dag_entries
from infra.build.functions import function_names
from infra.build.make import build
from infra.build.wheel import wheel_entries, wheel_name
from lakehouse.environments import load_environment
from lakehouse.project import project_root
from tests.infra.job_parts import job_stack

WHEEL = wheel_name()


def test_the_same_tree_gives_the_same_bytes_in_another_folder_at_another_time(
    tree: Path, no_index: list[str], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    # Not the order nor the ages of the first.
    for path in sorted((p for p in tree.rglob("*") if p.is_file()), reverse=True):
        target = other / path.relative_to(tree)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    one = {m.path: m.sha256 for m in build(tree, tmp_path / "one")}
    assert one == {m.path: m.sha256 for m in build(other, tmp_path / "two")}
    assert {
        "engine/dependencies.gluewheels.zip",
        "airflow/dags",
        *(f"functions/{name}.zip" for name in function_names()),
    } < set(one)
    for path in one:
        if not path.startswith("airflow"):
            assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()
    assert (tmp_path / "one" / "manifest.json").read_bytes() == (
        tmp_path / "two" / "manifest.json"
    ).read_bytes()


def test_what_has_not_changed_is_not_made_again(tree: Path, no_index: list[str], tmp_path: Path) -> None:
    assert all(m.fresh for m in build(tree, tmp_path / "out"))
    downloads = len(no_index)
    assert not any(m.fresh for m in build(tree, tmp_path / "out"))
    assert len(no_index) == downloads
    path = tree / "pipelines" / "retail" / "job.csv"
    path.write_text(path.read_text().replace("Dimensions and facts", "Facts"))
    fresh = {m.path for m in build(tree, tmp_path / "out") if m.fresh}
    assert fresh == {"bundle/project.zip", "airflow/dags"}
    assert len(no_index) == downloads


def test_a_file_that_somebody_changed_is_made_again(tree: Path, no_index: list[str], tmp_path: Path) -> None:
    before = {m.path: m.sha256 for m in build(tree, tmp_path)}
    (tmp_path / "engine" / WHEEL).write_bytes(b"broken")
    after = build(tree, tmp_path)
    assert {m.path for m in after if m.fresh} == {f"engine/{WHEEL}"}
    assert {m.path: m.sha256 for m in after} == before


def test_what_rows_name_at_the_root_goes_where_it_is_read(tree: Path) -> None:
    """SQL is looked for beside its pipeline, then at the project's root; jobs and DAGs read it."""
    jobs, procs = (tree / "pipelines" / "loans" / name for name in ("job.csv", "proc.csv"))
    inside = tree / "pipelines" / "loans" / "src" / "transformation"
    for layer in ("silver", "gold"):
        (tree / "src" / "transformation" / layer).mkdir(parents=True, exist_ok=True)
        for file in (inside / layer).iterdir():
            file.rename(tree / "src" / "transformation" / layer / file.name)
    assert "src/transformation/silver/silver_loan_enrich.sql" in procs.read_text()
    (tree / "src" / "unnamed.sql").write_text("SELECT 1")
    moved = {
        "src/transformation/silver/silver_loan_enrich.sql",
        "src/transformation/gold/gold_kpi_metrics.sql",
    }
    for entries in (bundle_entries(tree), dag_entries(tree)):
        assert {path for path in entries if path.startswith("src/")} == moved
        assert "pipelines/loans/src/transformation/bronze/bronze_loan_raw.sql" in entries
        assert "pipelines/kafka_to_lakebase/sql/customer_stats.sql" in entries
    assert jobs.relative_to(tree).as_posix() in bundle_entries(tree)


def test_the_wheel_installs_and_its_entrypoint_finds_the_facts(tmp_path: Path) -> None:
    """By pip's own reading of a wheel, into a folder of its own, and run from elsewhere."""
    wheel = tmp_path / WHEEL
    write_zip(wheel, wheel_entries())
    site = tmp_path / "site"
    install = ["uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--target", str(site), str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    arguments = ["--job", "fx_json_to_bronz", "--env", "dev"]
    code = f"import glue_jobs.run as r; print(r.__file__); raise SystemExit(r.main({arguments}))"
    environment = {**os.environ, "PYTHONPATH": str(site), "LAKEHOUSE_PROJECT": str(project_root())}
    ran = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert ran.stdout.strip() == str(site / "glue_jobs" / "run.py")
    assert ran.returncode == 2
    assert "unknown job 'fx_json_to_bronz'; did you mean 'fx_json_to_bronze'?" in ran.stderr


def test_the_stack_is_made_without_a_build_and_its_plan_refuses_to_go_on(tree: Path, tmp_path: Path) -> None:
    objects = job_stack("prod", tree)["resource"]["aws_s3_object"]
    requirements = objects["artifact_requirements"]
    version = load_environment("prod", tree).stack.airflow.version
    assert requirements["source"].endswith(f"airflow/dags/requirements-{version}.txt")
    assert requirements["source_hash"].startswith("${try(filesha256(")
    checks = requirements["lifecycle"]["precondition"]
    assert all("run `lakehouse build`" in check["error_message"] for check in checks)
    # Written last: with it, all is there.
    assert any(check["condition"].endswith('.build/manifest.json")}') for check in checks)
    assert all(o["kms_key_id"] == "${aws_kms_key.key_platform.arn}" for o in objects.values())
    # The paths are the same on every machine: the plan of one can be applied on another.
    assert str(tree) not in json.dumps(objects)
