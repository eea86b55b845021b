"""What is deployed is the same bytes whenever and wherever it is built from the same tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.build import packages
from infra.build.archive import sha256_of, write_zip
from infra.build.bundle import bundle_entries
from infra.build.dags import dag_entries
from infra.build.functions import function_names, function_sources
from infra.build.make import build
from infra.build.wheel import WHEEL, wheel_entries
from lakehouse.environments import load_environment
from lakehouse.project import project_root
from tests.infra.job_parts import copied, made


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of this tree, younger than it in every file, as of a new checkout."""
    root = copied(tmp_path / "tree")
    for path in root.rglob("*"):
        os.utime(path, (1_900_000_000, 1_900_000_000))
    return root


def wheels(folder: Path) -> list[Path]:
    """Two packages as an index would give them."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, version in (("zeta", "1.0"), ("alpha_beta", "2.1")):
        info = f"{name}-{version}.dist-info"
        path = folder / f"{name}-{version}-py3-none-any.whl"
        entries = {
            f"{name}/__init__.py": b"X = 1\n",
            f"{info}/METADATA": b"Name: x\n",
            f"{info}/RECORD": b"x\n",
        }
        write_zip(path, entries)
        made.append(path)
    return made


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No package is fetched: the index is somebody else's. What it was asked for is noted."""
    asked: list[str] = []

    def download(lines: str, target: packages.Target, folder: Path) -> list[Path]:
        asked.append(target.python)
        return wheels(folder)

    monkeypatch.setattr(packages, "download", download)
    monkeypatch.setattr(
        packages, "requirements", lambda root, target: f"alpha-beta==2.1\nzeta==1.0\n# {target.python}\n"
    )
    return asked


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
    asked = len(no_index)
    assert not any(m.fresh for m in build(tree, tmp_path / "out"))
    assert len(no_index) == asked
    path = tree / "pipelines" / "retail" / "job.csv"
    path.write_text(path.read_text().replace("Dimensions and facts", "Facts"))
    fresh = {m.path for m in build(tree, tmp_path / "out") if m.fresh}
    assert fresh == {"bundle/project.zip", "airflow/dags"}
    assert len(no_index) == asked


def test_a_file_that_somebody_changed_is_made_again(tree: Path, no_index: list[str], tmp_path: Path) -> None:
    before = {m.path: m.sha256 for m in build(tree, tmp_path)}
    (tmp_path / "engine" / WHEEL).write_bytes(b"broken")
    after = build(tree, tmp_path)
    assert {m.path for m in after if m.fresh} == {f"engine/{WHEEL}"}
    assert {m.path: m.sha256 for m in after} == before


def test_what_rows_name_at_the_root_goes_where_it_is_read(tree: Path) -> None:
    """SQL is looked for beside its pipeline, then at the project's root: jobs and DAGs read it, and DAGs read no code."""
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
    code = "import glue_jobs.run as r; print(r.__file__); raise SystemExit(r.main(['--job', 'fx_json_to_bronz', '--env', 'dev']))"
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


def test_glue_is_given_a_zip_of_wheels_with_the_list_of_what_to_install(tmp_path: Path) -> None:
    entries = packages.zip_of_wheels(wheels(tmp_path / "wheels"))
    assert set(entries) == {
        "wheels/zeta-1.0-py3-none-any.whl",
        "wheels/alpha_beta-2.1-py3-none-any.whl",
        "wheels/requirements.txt",
    }
    assert entries["wheels/requirements.txt"] == b"alpha_beta==2.1\nzeta==1.0\n"


def test_the_lock_file_says_which_packages_with_the_hash_of_each() -> None:
    lines = packages.requirements(project_root(), packages.GLUE)
    assert "pydantic==" in lines
    assert "--hash=sha256:" in lines
    # Spark is Glue's, and what runs the platform on a laptop is the laptop's.
    assert not any(
        f"\n{name}==" in lines for name in ("pyspark", "delta-spark", "moto", "cdktf", "lakehouse-platform")
    )
    functions = packages.requirements(project_root(), packages.FUNCTIONS)
    assert "aws-lambda-powertools==" in functions
    assert not any(line.startswith(("boto3==", "botocore==")) for line in functions.splitlines())


def test_a_function_holds_what_it_imports_and_nothing_else(no_index: list[str], tmp_path: Path) -> None:
    names = function_names()
    assert names
    build(project_root(), tmp_path)
    for name in names:
        with zipfile.ZipFile(tmp_path / "functions" / f"{name}.zip") as archive:
            held = archive.namelist()
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert held == sorted(held)
        assert f"lambdas/{name}/handler.py" in held
        assert "lambdas/__init__.py" in held
        assert "zeta/__init__.py" in held
        assert not any(f"lambdas/{other}/" in path for other in names if other != name for path in held)
        assert not any(path.startswith(("glue_jobs/", "infra/")) for path in held)


def test_imports_are_followed_through_the_rooms_of_facts(tmp_path: Path) -> None:
    files = {
        "lambdas/__init__.py": "", "lambdas/a/__init__.py": "", "lambdas/a/handler.py": "from lambdas.common import deliver\nimport lakehouse.reading.text\n",
        "lambdas/common/__init__.py": "", "lambdas/common/deliver.py": "import json\n", "lambdas/common/other.py": "",
        "lakehouse/reading/__init__.py": "", "lakehouse/reading/text.py": "", "lakehouse/reading/codes.py": "",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert set(files) - set(function_sources("a", tmp_path)) == {
        "lambdas/common/other.py",
        "lakehouse/reading/codes.py",
    }


def test_the_stack_is_made_without_a_build_and_its_plan_refuses_to_go_on(tree: Path, tmp_path: Path) -> None:
    objects = made("prod", tmp_path / "out", tree)["resource"]["aws_s3_object"]
    wheel = objects["artifact_wheel"]
    assert wheel["key"] == f"code/{WHEEL}"
    assert wheel["source_hash"].startswith("${try(filesha256(")
    checks = wheel["lifecycle"]["precondition"]
    assert all("run `lakehouse build`" in check["error_message"] for check in checks)
    # Written last: with it, all is there.
    assert any(check["condition"].endswith('.build/manifest.json")}') for check in checks)
    assert all(o["kms_key_id"] == "${aws_kms_key.key_platform.arn}" for o in objects.values())
    # The paths are the same on every machine: the plan of one can be applied on another.
    assert str(tree) not in json.dumps(objects)
    version = load_environment("prod", tree).stack.airflow.version
    assert objects["artifact_requirements"]["source"].endswith(f"airflow/dags/requirements-{version}.txt")


def test_an_archive_does_not_depend_on_the_order_or_the_age_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    write_zip(tmp_path / "one.zip", {"b": b"2", "a": tmp_path / "a"})
    os.utime(tmp_path / "a", (1, 1))
    (tmp_path / "a").chmod(0o600)
    write_zip(tmp_path / "two.zip", {"a": b"1", "b": b"2"})
    assert sha256_of(tmp_path / "one.zip") == sha256_of(tmp_path / "two.zip")
