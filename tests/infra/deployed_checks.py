"""What must be in an account after a deploy, whichever project was deployed."""

from __future__ import annotations

import json
import time
from typing import Any

from cli.deploy.import_ids import ADOPTABLE, import_ids
from glue_jobs.bundle import fetch_project
from glue_jobs.s3 import S3Uri
from infra.facts import read_facts
from lakehouse.environments import names
from lakehouse.platform_files import package_folder
from lakehouse.release import git_commit, running_release
from tests.infra.deployment import Deployment
from tests.infra.synthesis import document


def assert_every_resource_is_in_the_state(deployed: Deployment) -> None:
    resources = document(deployed.stack)["resource"]
    assert {f"{kind}.{name}" for kind, named in resources.items() for name in named} == set(deployed.ids())


# Either Airflow starts jobs, or schedules and state machines do.
_STARTED_BY = {
    "mwaa": {"aws_scheduler_schedule", "aws_scheduler_schedule_group", "aws_sfn_state_machine"},
    "none": {"aws_mwaa_environment"},
}


def assert_import_ids_are_those_of_the_state(deployed: Deployment) -> None:
    """Of every type that can be adopted there is a resource, but of those of another orchestrator."""
    ids = {address: id_ for address, id_ in deployed.ids().items() if address.split(".")[0] in ADOPTABLE}
    assert import_ids(deployed.stack, deployed.env, list(ids)) == ids
    lacking = _STARTED_BY[deployed.env.stack.orchestrator]
    assert {address.split(".")[0] for address in ids} == ADOPTABLE - lacking


def assert_jobs_have_their_arguments(deployed: Deployment) -> None:
    glue = deployed.client("glue")
    assert deployed.facts.jobs
    for job in deployed.facts.jobs:
        definition = glue.get_job(JobName=names.glue_job(deployed.env, job.name))["Job"]
        arguments = definition["DefaultArguments"]
        assert definition["GlueVersion"] == deployed.env.glue.version
        assert (arguments["--job"], arguments["--env"]) == (job.name, "local")
        assert definition["Role"].endswith(f"/{names.job_role(deployed.env, job.name)}")


def assert_tables_have_their_columns(deployed: Deployment) -> None:
    glue = deployed.client("glue")
    # Tables of the Lakebase are in no catalog.
    for contract in deployed.facts.schemas.on_lake.values():
        database = names.database(deployed.env, contract.layer)
        storage = glue.get_table(DatabaseName=database, Name=contract.name)["Table"]["StorageDescriptor"]
        columns = [column["Name"] for column in storage["Columns"]]
        contracted = len(contract.column_names)
        assert columns[:contracted] == list(contract.column_names)
        # The metadata columns that every ingested row gets.
        assert all(column.startswith("_") for column in columns[contracted:])
        assert storage["Location"] == names.table_uri(deployed.env, contract.table)


def assert_grants_are_those_of_grants_yml(deployed: Deployment) -> None:
    lake = deployed.client("lakeformation")
    permissions = lake.list_permissions()["PrincipalResourcePermissions"]
    principals = {p["Principal"]["DataLakePrincipalIdentifier"] for p in permissions}
    assert "IAM_ALLOWED_PRINCIPALS" not in principals
    for grant in deployed.facts.policy.grants:
        (role,) = {p for p in principals if p.endswith(f"/{names.person_role(deployed.env, grant.role)}")}
        by_tag = [
            p
            for p in permissions
            if p["Principal"]["DataLakePrincipalIdentifier"] == role and "LFTagPolicy" in p["Resource"]
        ]
        expected = {(key, tuple(sorted(values))) for key, values in grant.tags.items()}
        assert expected in [_tag_values(p) for p in by_tag]
        assert {name for p in by_tag for name in p["Permissions"]} <= {"DESCRIBE", "SELECT"}
        assert not any(p["PermissionsWithGrantOption"] for p in by_tag)


def _tag_values(permission: dict[str, Any]) -> set[tuple[str, tuple[str, ...]]]:
    expression = permission["Resource"]["LFTagPolicy"]["Expression"]
    return {(tag["TagKey"], tuple(sorted(tag["TagValues"]))) for tag in expression}


def assert_nothing_is_open_by_default(deployed: Deployment) -> None:
    for region in (deployed.env.region, deployed.env.replica_region):
        settings = deployed.client("lakeformation", region).get_data_lake_settings()["DataLakeSettings"]
        assert settings.get("CreateDatabaseDefaultPermissions", []) == []
        assert settings.get("CreateTableDefaultPermissions", []) == []


def assert_every_job_has_alarms(deployed: Deployment) -> None:
    pages = deployed.client("cloudwatch").get_paginator("describe_alarms").paginate()
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
    watched = {d["Value"] for alarm in alarms for d in alarm.get("Dimensions", [])}
    watched |= {alarm["AlarmName"] for alarm in alarms}
    assert [j.name for j in deployed.facts.jobs if not any(j.name in name for name in watched)] == []


def assert_secrets_have_values_that_the_state_has_not(deployed: Deployment) -> None:
    manager = deployed.client("secretsmanager")
    value = manager.get_secret_value(SecretId=names.secret(deployed.env, "pii_key"))["SecretString"]
    key = json.loads(value)["key"]
    assert len(bytes.fromhex(key)) == 32
    state = deployed.state_text()
    assert key not in state
    assert "secret_string" not in state


def assert_a_job_finds_its_project_in_its_bundle(deployed: Deployment, job_name: str) -> None:
    """The arguments of the job name bundle, engine and script."""
    job = deployed.client("glue").get_job(JobName=names.glue_job(deployed.env, job_name))["Job"]
    arguments = job["DefaultArguments"]
    folder = fetch_project(deployed.client("s3"), arguments["--bundle"], arguments["--release"])
    assert {job.name for job in read_facts("local", folder).jobs} == {job.name for job in deployed.facts.jobs}
    release = running_release(folder)
    assert release.engine in arguments["--additional-python-modules"]
    assert release.commit == git_commit(deployed.project.root)
    script = S3Uri.parse(job["Command"]["ScriptLocation"])
    body = deployed.client("s3").get_object(Bucket=script.bucket, Key=script.key)["Body"].read()
    assert body == (package_folder("glue_jobs") / "run.py").read_bytes()


def assert_what_is_written_reaches_the_second_region(deployed: Deployment) -> None:
    """By the role of the replication, with the keys of both regions."""
    env, key = deployed.env, "probe/file"
    source, copies = deployed.client("s3"), deployed.client("s3", env.replica_region)
    bucket, replica = names.bucket(env, names.Zone.GOLD), names.replica_bucket(env, names.Zone.GOLD)
    version = source.put_object(Bucket=bucket, Key=key, Body=b"row")["VersionId"]
    until = time.monotonic() + 30
    while "Versions" not in (listed := copies.list_object_versions(Bucket=replica, Prefix=key)):
        assert time.monotonic() < until, source.head_object(Bucket=bucket, Key=key)
        time.sleep(0.1)
    assert [one["VersionId"] for one in listed["Versions"]] == [version]
