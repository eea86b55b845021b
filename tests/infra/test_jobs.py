"""The Glue job of each row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from glue_jobs.params import parse
from infra.build.release import working_release
from infra.facts import read_facts
from lakehouse import __version__
from lakehouse.environments import load_environment, names
from lakehouse.environments.jvm_logs import log4j_properties
from lakehouse.environments.spark import settings
from lakehouse.pipelines.job_jars import KAFKA, POSTGRES
from lakehouse.project import project_root
from tests.infra.job_parts import job_stack, policies_of

ENV = load_environment("prod")
JOBS = {job.name: job for job in read_facts("prod").jobs}


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return job_stack("prod")


def test_streams_of_an_environment_have_the_workers_that_it_names(prod: dict[str, Any]) -> None:
    workers = {
        env: {
            job["worker_type"]
            for job in stack["resource"]["aws_glue_job"].values()
            if job["command"]["name"] == "gluestreaming"
        }
        for env, stack in {"dev": job_stack("dev"), "prod": prod}.items()
    }
    assert workers == {"dev": {"G.025X"}, "prod": {"G.1X"}}
    batch = job_stack("dev")["resource"]["aws_glue_job"]["job_bronze_to_silver"]
    assert batch["worker_type"] == "G.1X"


def test_executors_of_every_job_get_a_configuration_that_logs_no_row(prod: dict[str, Any]) -> None:
    file = prod["resource"]["aws_s3_object"]["artifact_executor_logs"]
    assert file["content"] == log4j_properties()
    # Terraform would fill these in.
    assert "${" not in file["content"]
    assert "%{" not in file["content"]
    uri = f"{names.zone_uri(ENV, names.Zone.ARTIFACTS)}/{file['key']}"
    jobs = prod["resource"]["aws_glue_job"].values()
    assert {job["default_arguments"]["--extra-files"] for job in jobs} == {uri}
    assert all("aws_s3_object.artifact_executor_logs" in job["depends_on"] for job in jobs)


@pytest.mark.parametrize("name", JOBS)
def test_a_job_row_is_a_glue_job(prod: dict[str, Any], name: str) -> None:
    job, row = prod["resource"]["aws_glue_job"][f"job_{name}"], JOBS[name]
    assert job["name"] == names.glue_job(ENV, name)
    workers = row.workers or ENV.glue.workers
    assert (job["glue_version"], job["worker_type"], job["number_of_workers"]) == (
        "5.1",
        ENV.glue.worker_type,
        workers,
    )
    if row.kind == "streaming":
        assert job["command"]["name"] == "gluestreaming"
        assert (job.get("timeout"), job.get("notification_property")) == (None, None)
    else:
        assert job["command"]["name"] == "glueetl"
        longest = row.timeout_minutes if row.keeps_timeout else ENV.glue.timeout_minutes
        assert job["timeout"] == min(row.timeout_minutes, longest)
        # Glue sends no event about a run that its timeout has ended.
        delay = row.sla_within(ENV.glue.timeout_minutes)
        assert job["notification_property"] == {"notify_delay_after": delay}
        assert delay < job["timeout"]
    assert job["execution_property"] == {"max_concurrent_runs": 1}
    assert job["max_retries"] == 0
    assert job["role_arn"] == f"${{aws_iam_role.role_job_{name}.arn}}"
    assert job["tags"] == {"pipeline": row.pipeline, "owner": row.owner}
    assert job["security_configuration"] == "${aws_glue_security_configuration.security_jobs.name}"
    # A way out in each zone, and none of them public.
    assert job["connections"] == [
        f"${{aws_glue_connection.connection_network_{letter}.name}}" for letter in "ab"
    ]


@pytest.mark.parametrize("name", JOBS)
def test_the_entrypoint_takes_every_argument_that_the_stack_gives(prod: dict[str, Any], name: str) -> None:
    arguments = prod["resource"]["aws_glue_job"][f"job_{name}"]["default_arguments"]
    words = [word for pair in arguments.items() for word in pair]
    # Glue joins a value that begins like an argument to its key.
    joined = [f"{key}={value}" for key, value in arguments.items()]
    assert parse(joined).job == name
    assert parse(joined).env == "prod"
    assert "--JOB_NAME" not in words
    assert arguments["--datalake-formats"] == "delta"
    assert arguments["--enable-auto-scaling"] == "true"


def test_glue_has_the_same_spark_settings_as_a_laptop(prod: dict[str, Any]) -> None:
    text = prod["resource"]["aws_glue_job"]["job_silver_to_gold"]["default_arguments"]["--conf"]
    assert dict(pair.split("=", 1) for pair in text.split(" --conf ")) == settings(load_environment("prod"))


def test_packages_come_from_the_bucket_because_private_subnets_reach_no_index(prod: dict[str, Any]) -> None:
    job = prod["resource"]["aws_glue_job"]["job_silver_to_gold"]
    arguments = job["default_arguments"]
    code = f"{names.zone_uri(ENV, names.Zone.ARTIFACTS)}/code"
    release = working_release(project_root())
    engine = f"{code}/engine/{release.engine}"
    assert arguments["--additional-python-modules"].split(",") == [
        f"{engine}/dependencies.gluewheels.zip",
        f"{engine}/lakehouse_platform-{__version__}-py3-none-any.whl",
    ]
    assert "--no-index" in arguments["--python-modules-installer-option"]
    assert job["command"]["script_location"] == f"{engine}/run.py"
    assert arguments["--bundle"] == f"{code}/bundle/{release.bundle}/project.zip"
    assert arguments["--release"] == f"{code}/releases/{release.digest}.json"


def test_a_job_may_read_the_code_of_every_release(prod: dict[str, Any]) -> None:
    arguments = prod["resource"]["aws_glue_job"]["job_silver_to_gold"]["default_arguments"]
    role = policies_of(prod, "silver_to_gold")
    for name in ("--bundle", "--release"):
        assert role.allow("s3:GetObject", f"arn:aws:s3:::{arguments[name].removeprefix('s3://')}")


def test_no_argument_holds_a_secret(prod: dict[str, Any]) -> None:
    for job in prod["resource"]["aws_glue_job"].values():
        text = json.dumps(job["default_arguments"])
        assert "secret" not in text
        assert "{{" not in text


def test_logs_of_jobs_are_encrypted_and_expire(prod: dict[str, Any]) -> None:
    groups = {
        g["name"]: g
        for k, g in prod["resource"]["aws_cloudwatch_log_group"].items()
        if k.startswith("logs_jobs_")
    }
    prefix = prod["resource"]["aws_glue_job"]["job_silver_to_gold"]["default_arguments"][
        "--custom-logGroup-prefix"
    ]
    assert set(groups) == {f"{prefix}/error", f"{prefix}/output"}
    for group in groups.values():
        assert group["kms_key_id"] == "${aws_kms_key.key_platform.arn}"
        assert group["retention_in_days"] == ENV.stack.retention.log_days


def test_glue_does_not_override_the_keys_of_buckets(prod: dict[str, Any]) -> None:
    """With a key stated here, raw and curated rows would lie under the same one."""
    (secured,) = prod["resource"]["aws_glue_security_configuration"].values()
    encryption = secured["encryption_configuration"]
    assert encryption["s3_encryption"] == {"s3_encryption_mode": "DISABLED"}
    assert encryption["job_bookmarks_encryption"]["job_bookmarks_encryption_mode"] == "CSE-KMS"


def test_a_batch_that_reads_a_topic_brings_the_connector_and_who_writes_the_lakebase_its_driver(
    prod: dict[str, Any],
) -> None:
    root = f"s3://{names.bucket(ENV, names.Zone.ARTIFACTS)}/code/jars"
    jars = {
        name: prod["resource"]["aws_glue_job"][f"job_{name}"]["default_arguments"].get("--extra-jars", "")
        for name in JOBS
    }
    assert jars["kafka_csv_to_bronze"].split(",") == [f"{root}/{jar}" for jar in KAFKA]
    assert jars["kafka_to_lakebase"] == f"{root}/{POSTGRES[0]}"
    assert jars["streaming_loan_events"] == jars["bronze_to_silver"] == ""
