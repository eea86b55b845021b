"""Glue's jobs."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.extensions.conftest import Client, code_of


def test_a_job_keeps_its_maintenance_window_and_is_updated(client: Client) -> None:
    glue = client("glue")
    definition = {
        "Role": "arn:aws:iam::123456789012:role/job",
        "Command": {"Name": "gluestreaming", "ScriptLocation": "s3://a/run.py"},
        "GlueVersion": "5.1",
        "WorkerType": "G.1X",
        "NumberOfWorkers": 2,
        "MaintenanceWindow": "Sun:04",
    }
    glue.create_job(Name="stream", Tags={"owner": "me"}, **definition)
    assert glue.get_job(JobName="stream")["Job"].items() >= definition.items()
    changed = {**definition, "NumberOfWorkers": 5, "DefaultArguments": {"--job": "stream"}}
    assert glue.update_job(JobName="stream", JobUpdate=changed)["JobName"] == "stream"
    shown = glue.get_job(JobName="stream")["Job"]
    assert shown.items() >= changed.items()
    assert shown["Name"] == "stream"
    # The new definition replaces the old one whole.
    glue.update_job(
        JobName="stream", JobUpdate={k: v for k, v in definition.items() if k != "MaintenanceWindow"}
    )
    shown = glue.get_job(JobName="stream")["Job"]
    assert "MaintenanceWindow" not in shown
    assert shown["NumberOfWorkers"] == 2
    assert shown["DefaultArguments"] == {}
    arn = f"arn:aws:glue:{glue.meta.region_name}:123456789012:job/stream"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"owner": "me"}
    with pytest.raises(ClientError) as caught:
        glue.update_job(JobName="none", JobUpdate=definition)
    assert code_of(caught) == "EntityNotFoundException"
    glue.delete_job(JobName="stream")
