"""The bundle holds the project; an older release is deployed by its own keys."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from infra.app import synth
from infra.build.dags import dag_entries
from infra.build.functions import function_names
from infra.build.make import build
from infra.build.release import working_release
from infra.facts import read_facts
from lakehouse.digest import digest_of
from lakehouse.environments import load_environment, names
from lakehouse.platform_files import packages_root
from lakehouse.release import Release
from tests.infra.job_parts import job_stack


def test_terraform_owns_no_object_that_a_job_fetches(tree: Path, tmp_path: Path) -> None:
    """With the next release it would delete them, and nothing could be rolled back.

    The settings of the executors' logs have one key for all releases.
    """
    objects = job_stack("prod", tree)["resource"]["aws_s3_object"]
    keys = [body["key"] for body in objects.values() if not body["key"].startswith("airflow/")]
    assert keys == ["code/log4j2.properties"]


def test_a_release_is_uploaded_between_its_bucket_and_its_jobs(tree: Path, tmp_path: Path) -> None:
    resources = job_stack("prod", tree)["resource"]
    release = resources["terraform_data"]["release"]
    digest = working_release(tree).digest
    assert release["triggers_replace"] == {"release": digest}
    (provisioner,) = release["provisioner"]
    assert f"--env prod --release {digest}" in provisioner["local-exec"]["command"]
    assert str(tree) not in json.dumps(release)
    assert "aws_s3_bucket_versioning.versioning_artifacts" in release["depends_on"]
    assert all("terraform_data.release" in job["depends_on"] for job in resources["aws_glue_job"].values())


def test_the_dags_are_uploaded_by_their_digest(tree: Path) -> None:
    dags = job_stack("prod", tree)["resource"]["terraform_data"]["dags"]
    digest = digest_of(dag_entries(tree))
    assert dags["triggers_replace"] == {"dags": digest}
    (provisioner,) = dags["provisioner"]
    assert f"--env prod --dags {digest}" in provisioner["local-exec"]["command"]


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


def test_a_deploy_of_an_older_release_builds_neither_engine_nor_bundle(
    tree: Path, no_index: list[str], tmp_path: Path
) -> None:
    paths = {part.path for part in build(tree, tmp_path, with_release=False)}
    assert paths == {"airflow/dags", *(f"functions/{name}.zip" for name in function_names())}
    build(tree, tmp_path)
    assert (tmp_path / "bundle" / "project.zip").exists()
    build(tree, tmp_path, with_release=False)
    assert (tmp_path / "bundle" / "project.zip").exists()
