"""The unmodified stack of `local`, by the command that deploys it, through real Terraform onto an embedded AWS: made, unchanged, changed, gone."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cli.deploy.import_ids import ADOPTABLE, import_ids
from cli.deploy.terraform_runner import run_terraform
from glue_jobs.bundle import fetch_project
from glue_jobs.s3 import S3Uri
from infra.app import synth
from infra.build.release import working_release
from infra.facts import Facts, read_facts
from infra.terraform.error import ToolError
from infra.terraform.program import terraform
from lakehouse.environments import Environment, load_environment, names
from lakehouse.platform_files import package_folder
from lakehouse.project import project_root
from lakehouse.release import git_commit, running_release
from local_aws.bootstrap import session_client
from local_aws.local_platform import LocalPlatform
from tests.cli.calls import Answer
from tests.infra.job_parts import copied


def _needs_terraform() -> None:
    try:
        terraform()
    except ToolError as error:
        # In CI a proof that did not run must not look like one that did.
        if os.environ.get("CI"):
            raise
        pytest.skip(f"nothing is applied here: {error}", allow_module_level=True)


_needs_terraform()


@dataclass(frozen=True)
class Place:
    """An embedded AWS, and the command as a user of it types it."""

    platform: LocalPlatform
    env: Environment

    def cdktf(self, *arguments: str) -> Answer:
        words = [sys.executable, "-m", "cli.deploy.cdktf", *arguments, "--env", "local"]
        own = {**os.environ, "LAKEHOUSE_OVERLAY": str(self.platform.overlay)}
        done = subprocess.run(
            words,
            cwd=project_root(),
            env=own,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def interrupted(self) -> Answer:
        """A deploy that is told to stop, as by Ctrl-C, while it makes things."""
        words = [sys.executable, "-m", "cli.deploy.cdktf", "deploy", "--env", "local"]
        own = {**os.environ, "LAKEHOUSE_OVERLAY": str(self.platform.overlay)}
        running = subprocess.Popen(
            words, cwd=project_root(), env=own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        assert running.stdout is not None
        said = []
        for line in running.stdout:
            said.append(line)
            # Most is made by now. What is under way Terraform gives up, and what AWS makes of that it never learns.
            if "lifecycle_gold" in line and "30s elapsed" in line:
                os.killpg(running.pid, signal.SIGINT)
                break
        rest, errors = running.communicate(timeout=600)
        return Answer(running.returncode, "".join(said) + rest, errors)

    def finished(self) -> Answer:
        """Deploys as a user does after an interrupt: what AWS was making just then is adopted as the error says, then deployed again."""
        while "RUN511" in (answer := self.cdktf("deploy")).err:
            told = re.search(r"`cdktf adopt --env local (.+?)`", answer.err)
            assert told is not None, answer.err
            found = self.cdktf("adopt", *told[1].split())
            assert found.code == 0, found.out[-3000:] + found.err
        return answer

    def client(self, service: str, region: str | None = None) -> Any:
        assert self.env.aws.endpoint
        env = self.env.model_copy(update={"region": region or self.env.region})
        return session_client(env, service, self.env.aws.endpoint, "testing")


@dataclass(frozen=True)
class Deployed(Place):
    """`begun`: the deploy that was interrupted; `answer`: the one that finished it."""

    begun: Answer
    answer: Answer
    seconds: float
    facts: Facts


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """One apply for all tests of this module."""
    platform = LocalPlatform.start(
        load_environment("local"), tmp_path_factory.mktemp("account"), only=("aws",), empty_account=True
    )
    os.environ["LAKEHOUSE_OVERLAY"], before = str(platform.overlay), os.environ.get("LAKEHOUSE_OVERLAY")
    try:
        place = Place(platform, load_environment("local"))
        begun = place.interrupted()
        started = time.monotonic()
        answer = place.finished()
        yield Deployed(platform, place.env, begun, answer, time.monotonic() - started, read_facts("local"))
    finally:
        os.environ.pop("LAKEHOUSE_OVERLAY")
        if before is not None:
            os.environ["LAKEHOUSE_OVERLAY"] = before
        platform.stop()


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = synth(read_facts("local"), tmp_path_factory.mktemp("stack"))
    found: dict[str, dict[str, Any]] = json.loads((folder / "cdk.tf.json").read_text())["resource"]
    return found


def _ids(place: Place) -> dict[str, str]:
    """Of what Terraform's state says exists, by address."""
    body = (
        place.client("s3")
        .get_object(Bucket=names.state_bucket(place.env), Key="stack.tfstate")["Body"]
        .read()
    )
    managed = [r for r in json.loads(body)["resources"] if r["mode"] == "managed" and r["instances"]]
    return {f"{r['type']}.{r['name']}": r["instances"][0]["attributes"]["id"] for r in managed}


def test_an_interrupted_deploy_says_how_to_go_on(deployed: Deployed) -> None:
    assert deployed.begun.code == 1
    assert "RUN508" in deployed.begun.err
    assert "again finishes what was begun" in deployed.begun.err


def test_the_deploy_after_it_makes_every_resource(
    deployed: Deployed, resources: dict[str, dict[str, Any]]
) -> None:
    assert deployed.answer.code == 0, deployed.answer.out[-3000:] + deployed.answer.err
    assert {f"{kind}.{name}" for kind, all_of in resources.items() for name in all_of} == set(_ids(deployed))
    print(f"deployed in {deployed.seconds:.0f} s")


def test_what_a_resource_is_adopted_by_is_what_terraform_knows_it_by(deployed: Deployed) -> None:
    known = _ids(deployed)
    unique = [address for address in known if address.split(".")[0] in ADOPTABLE]
    assert {address.split(".")[0] for address in unique} == ADOPTABLE - {"aws_msk_serverless_cluster"}
    stack = project_root() / "cdktf.out/stacks/lakehouse-local"
    assert import_ids(stack, deployed.env, unique) == {address: known[address] for address in unique}


def test_what_the_state_has_forgotten_is_adopted_again(deployed: Deployed) -> None:
    forgotten = ["aws_backup_plan.backup", "aws_glue_catalog_table.table_silver_behavior_replica"]
    run_terraform(
        project_root() / "cdktf.out/stacks/lakehouse-local", deployed.env, ("state", "rm", *forgotten)
    )
    assert not set(forgotten) & set(_ids(deployed))
    found = deployed.cdktf("adopt", *forgotten)
    assert found.code == 0, found.out[-3000:] + found.err
    assert set(forgotten) <= set(_ids(deployed))


def test_a_second_plan_changes_nothing(deployed: Deployed) -> None:
    found = deployed.cdktf("diff")
    assert found.code == 0
    assert re.findall(r"# (\S+) .*(?:will|must) be ", found.out) == []
    assert "No changes." in found.out, found.out[-3000:]


def test_each_job_is_there_with_its_arguments(deployed: Deployed) -> None:
    glue = deployed.client("glue")
    for job in deployed.facts.jobs:
        seen = glue.get_job(JobName=names.glue_job(deployed.env, job.name))["Job"]
        assert seen["GlueVersion"] == deployed.env.glue.version
        assert (seen["DefaultArguments"]["--job"], seen["DefaultArguments"]["--env"]) == (job.name, "local")
        assert seen["Role"].endswith(f"/{names.job_role(deployed.env, job.name)}")


def test_each_table_is_there_with_its_columns(deployed: Deployed) -> None:
    glue = deployed.client("glue")
    # Those of the Lakebase are in no catalog.
    for contract in deployed.facts.schemas.on_lake.values():
        database = names.database(deployed.env, contract.layer)
        seen = glue.get_table(DatabaseName=database, Name=contract.name)["Table"]
        columns = [c["Name"] for c in seen["StorageDescriptor"]["Columns"]]
        assert columns[: len(contract.column_names)] == list(contract.column_names)
        # What every ingested row gets besides.
        assert all(c.startswith("_") for c in columns[len(contract.column_names) :])
        assert seen["StorageDescriptor"]["Location"] == names.table_uri(deployed.env, contract.table)


def test_what_is_granted_is_what_grants_yml_says(deployed: Deployed) -> None:
    lake = deployed.client("lakeformation")
    granted = lake.list_permissions()["PrincipalResourcePermissions"]
    principals = {g["Principal"]["DataLakePrincipalIdentifier"] for g in granted}
    assert "IAM_ALLOWED_PRINCIPALS" not in principals
    for grant in deployed.facts.policy.grants:
        (role,) = {p for p in principals if p.endswith(f"/{names.person_role(deployed.env, grant.role)}")}
        mine = [
            g
            for g in granted
            if g["Principal"]["DataLakePrincipalIdentifier"] == role and "LFTagPolicy" in g["Resource"]
        ]
        wanted = {(key, tuple(sorted(values))) for key, values in grant.tags.items()}
        shown = [
            {(e["TagKey"], tuple(sorted(e["TagValues"]))) for e in g["Resource"]["LFTagPolicy"]["Expression"]}
            for g in mine
        ]
        assert wanted in shown
        assert {p for g in mine for p in g["Permissions"]} <= {"DESCRIBE", "SELECT"}
        assert not any(g["PermissionsWithGrantOption"] for g in granted)


def test_nothing_is_open_by_default_in_either_region(deployed: Deployed) -> None:
    for region in (deployed.env.region, deployed.env.replica_region):
        settings = deployed.client("lakeformation", region).get_data_lake_settings()["DataLakeSettings"]
        assert (
            settings.get("CreateDatabaseDefaultPermissions", [])
            == settings.get("CreateTableDefaultPermissions", [])
            == []
        )


def test_each_job_has_its_alarms(deployed: Deployed) -> None:
    pages = deployed.client("cloudwatch").get_paginator("describe_alarms").paginate()
    alarms = [a for page in pages for a in page["MetricAlarms"]]
    watched = {d["Value"] for a in alarms for d in a.get("Dimensions", [])} | {a["AlarmName"] for a in alarms}
    assert [j.name for j in deployed.facts.jobs if not any(j.name in w for w in watched)] == []


def test_secrets_have_the_values_of_this_world_and_the_state_has_none(deployed: Deployed) -> None:
    manager = deployed.client("secretsmanager")
    value = manager.get_secret_value(SecretId=names.secret(deployed.env, "pii_key"))["SecretString"]
    key = json.loads(value)["key"]
    assert len(bytes.fromhex(key)) == 32
    state = (
        deployed.client("s3")
        .get_object(Bucket=names.state_bucket(deployed.env), Key="stack.tfstate")["Body"]
        .read()
        .decode()
    )
    assert key not in state
    assert "secret_string" not in state


def test_a_job_finds_its_project_in_the_bundle_that_its_arguments_name(deployed: Deployed) -> None:
    job = deployed.client("glue").get_job(JobName=names.glue_job(deployed.env, "silver_to_gold"))["Job"]
    arguments = job["DefaultArguments"]
    folder = fetch_project(deployed.client("s3"), arguments["--bundle"], arguments["--release"])
    assert {job.name for job in read_facts("local", folder).jobs} == {job.name for job in deployed.facts.jobs}
    release = running_release(folder)
    assert (release.engine in arguments["--additional-python-modules"], release.commit) == (
        True,
        git_commit(project_root()),
    )
    script = S3Uri.parse(job["Command"]["ScriptLocation"])
    body = deployed.client("s3").get_object(Bucket=script.bucket, Key=script.key)["Body"].read()
    assert body == (package_folder("glue_jobs") / "run.py").read_bytes()


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    """A copy of this project with what was built of it, so that only the facts of a test's own change differ."""
    shutil.copytree(project_root() / ".build", tmp_path / ".build")
    return copied(tmp_path)


def test_a_changed_job_row_changes_only_that_jobs_resources(
    deployed: Deployed, copied_tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = copied_tree / "pipelines/retail/proc.csv"
    text = rows.read_text()
    shorter = re.sub(
        r"(,silver_to_gold,transforms/silver_to_gold\.py,\d+,\d+,)(\d+)",
        lambda m: f"{m[1]}{int(m[2]) - 7}",
        text,
    )
    assert shorter != text
    rows.write_text(shorter)
    # Without the release that the row is part of, which every job names in its arguments.
    facts = replace(read_facts("local", copied_tree), release=working_release(project_root()))
    run_terraform(synth(facts, copied_tree / "cdktf.out"), deployed.env, ("plan",))
    changed = set(
        re.findall(r"^\s*# (\S+?)(?:\[.*\])? (?:will|must) be ", capsys.readouterr().out, re.MULTILINE)
    )
    assert "aws_glue_job.job_silver_to_gold" in changed
    # What the functions watch is one object for all jobs, and names this one's deadline.
    assert {address for address in changed if "silver_to_gold" not in address} <= {
        "aws_s3_object.object_watched"
    }


def test_destroy_leaves_nothing(deployed: Deployed) -> None:
    """The last test: after it the account is empty."""
    found = deployed.cdktf("destroy", "--auto-approve")
    assert found.code == 0, found.out[-3000:] + found.err
    assert _ids(deployed) == {}
    assert deployed.client("glue").get_jobs()["Jobs"] == []
    assert [b["Name"] for b in deployed.client("s3").list_buckets()["Buckets"]] == [
        names.state_bucket(deployed.env)
    ]
