"""A Glue job with a script of a test's own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from tests.local_aws.glue.roles import make_role

ROLE = "arn:aws:iam::123456789012:role/job"


def script_job(client: Callable[[str], Any], script: str, **definition: Any) -> str:
    """The name of a new job, and of its bucket. `definition`: more parameters of CreateJob."""
    name = f"job-{uuid.uuid4().hex[:8]}"
    s3, glue = client("s3"), client("glue")
    make_role(client("iam"), "job")
    place = {"CreateBucketConfiguration": {"LocationConstraint": s3.meta.region_name}}
    s3.create_bucket(Bucket=name, **place)
    s3.put_object(Bucket=name, Key="run.py", Body=script.encode())
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{name}/run.py"}
    glue.create_job(Name=name, Role=ROLE, Command=command, **definition)
    return name
