"""What is deployed is the same bytes whenever and wherever it is built from the same tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from infra.app import synth
from infra.build import packages
from infra.build.archive import sha256_of, write_zip
from infra.build.bundle import bundle_entries
from infra.build.dags import dag_entries
from infra.build.functions import function_names, function_sources
from infra.build.make import build
from infra.build.release import working_release
from infra.build.wheel import wheel_entries, wheel_name
from infra.facts import read_facts
from lakehouse.environments import load_environment, names
from lakehouse.platform_files import packages_root
from lakehouse.project import project_root
from lakehouse.release import Release
from tests.infra.job_parts import copied, made

WHEEL = wheel_name()


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
        packages, "requirements", lambda target: f"alpha-beta==2.1\nzeta==1.0\n# {target.python}\n"
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


def test_glue_is_given_a_zip_of_wheels_with_the_list_of_what_to_install(tmp_path: Path) -> None:
    entries = packages.zip_of_wheels(wheels(tmp_path / "wheels"))
    assert set(entries) == {
        "wheels/zeta-1.0-py3-none-any.whl",
        "wheels/alpha_beta-2.1-py3-none-any.whl",
        "wheels/requirements.txt",
    }
    assert entries["wheels/requirements.txt"] == b"alpha_beta==2.1\nzeta==1.0\n"


def test_the_lock_file_says_which_packages_with_the_hash_of_each() -> None:
    lines = packages.requirements(packages.GLUE)
    assert lines == packages.exported_requirements(packages_root(), packages.GLUE)
    assert "pydantic==" in lines
    assert "--hash=sha256:" in lines
    # Spark is Glue's, and what runs the platform on a laptop is the laptop's.
    assert not any(
        f"\n{name}==" in lines for name in ("pyspark", "delta-spark", "moto", "cdktf", "lakehouse-platform")
    )
    functions = packages.requirements(packages.FUNCTIONS)
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
    handler = "from lambdas.common import deliver\nimport lakehouse.reading.text\n"
    packages_of = ("lambdas", "lambdas/a", "lambdas/common", "lakehouse/reading")
    modules = ("lambdas/common/other.py", "lakehouse/reading/text.py", "lakehouse/reading/codes.py")
    files = dict.fromkeys([*(f"{package}/__init__.py" for package in packages_of), *modules], "")
    files |= {"lambdas/a/handler.py": handler, "lambdas/common/deliver.py": "import json\n"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert set(files) - set(function_sources("a", tmp_path)) == {
        "lambdas/common/other.py",
        "lakehouse/reading/codes.py",
    }


def test_the_stack_is_made_without_a_build_and_its_plan_refuses_to_go_on(tree: Path, tmp_path: Path) -> None:
    objects = made("prod", tree)["resource"]["aws_s3_object"]
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


def test_terraform_owns_no_object_that_a_job_fetches(tree: Path, tmp_path: Path) -> None:
    """With the next release it would delete them, and nothing could be rolled back."""
    objects = made("prod", tree)["resource"]["aws_s3_object"]
    assert [o["key"] for o in objects.values() if not o["key"].startswith("airflow/")] == []


def test_a_release_is_uploaded_between_its_bucket_and_its_jobs(tree: Path, tmp_path: Path) -> None:
    resources = made("prod", tree)["resource"]
    release = resources["terraform_data"]["release"]
    digest = working_release(tree).digest
    assert release["triggers_replace"] == {"release": digest}
    (provisioner,) = release["provisioner"]
    assert f"--env prod --release {digest}" in provisioner["local-exec"]["command"]
    assert str(tree) not in json.dumps(release)
    assert "aws_s3_bucket_versioning.versioning_artifacts" in release["depends_on"]
    assert all("terraform_data.release" in job["depends_on"] for job in resources["aws_glue_job"].values())


def test_an_older_release_is_deployed_by_its_own_keys(tree: Path, tmp_path: Path) -> None:
    older = Release("e" * 64, "b" * 64, "abc", "0.9.0")
    stack = synth(replace(read_facts("prod", tree), release=older), tmp_path)
    job = json.loads((stack / "cdk.tf.json").read_text())["resource"]["aws_glue_job"]["job_silver_to_gold"]
    code = f"{names.zone_uri(load_environment('prod'), names.Zone.ARTIFACTS)}/code"
    engine = f"{code}/engine/{older.engine}"
    arguments = job["default_arguments"]
    assert job["command"]["script_location"] == f"{engine}/run.py"
    assert arguments["--additional-python-modules"].split(",") == [
        f"{engine}/dependencies.gluewheels.zip",
        f"{engine}/lakehouse_platform-0.9.0-py3-none-any.whl",
    ]
    assert arguments["--bundle"] == f"{code}/bundle/{older.bundle}/project.zip"
    assert arguments["--release"] == f"{code}/releases/{older.digest}.json"


def test_a_changed_csv_makes_no_new_engine_and_a_changed_module_no_new_bundle(
    tree: Path, tmp_path: Path
) -> None:
    sources = tmp_path / "sources"
    for package in ("lakehouse", "glue_jobs"):
        shutil.copytree(packages_root() / package, sources / package)
    before = working_release(tree, sources)
    rows = tree / "pipelines" / "retail" / "job.csv"
    rows.write_text(rows.read_text().replace("Dimensions and facts", "Facts"))
    other_rows = working_release(tree, sources)
    assert (other_rows.engine, other_rows.bundle == before.bundle) == (before.engine, False)
    (sources / "glue_jobs" / "session.py").write_text("# changed\n")
    other_code = working_release(tree, sources)
    assert (other_code.bundle, other_code.engine == before.engine) == (other_rows.bundle, False)
    assert len({before.digest, other_rows.digest, other_code.digest}) == 3


def test_the_bundle_holds_the_project_and_nothing_else(tree: Path) -> None:
    for name in ("sample_data/rows.csv", "pipelines/retail/tests/case.jsonl", ".env", "pipelines/.notes"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("x")
    paths = bundle_entries(tree)
    assert {path.split("/")[0] for path in paths} == {
        "lakehouse.yml",
        "environments",
        "schemas",
        "pipelines",
        "lakeformation",
    }
    assert "pipelines/retail/transforms/silver_to_gold.py" in paths
    assert [path for path in paths if "tests" in path.split("/") or "/." in path] == []


def test_a_deploy_of_an_older_release_builds_neither_engine_nor_bundle(
    tree: Path, no_index: list[str], tmp_path: Path
) -> None:
    paths = {part.path for part in build(tree, tmp_path, with_release=False)}
    assert paths == {"airflow/dags", *(f"functions/{name}.zip" for name in function_names())}
    build(tree, tmp_path)
    assert (tmp_path / "bundle" / "project.zip").exists()
    build(tree, tmp_path, with_release=False)
    assert (tmp_path / "bundle" / "project.zip").exists()


def test_an_archive_does_not_depend_on_the_order_or_the_age_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    write_zip(tmp_path / "one.zip", {"b": b"2", "a": tmp_path / "a"})
    os.utime(tmp_path / "a", (1, 1))
    (tmp_path / "a").chmod(0o600)
    write_zip(tmp_path / "two.zip", {"a": b"1", "b": b"2"})
    assert sha256_of(tmp_path / "one.zip") == sha256_of(tmp_path / "two.zip")
