"""The buckets of the second region that take exports."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cli.recovery.region import Region
from glue_jobs.errors import RunError
from lakehouse.environments import names
from lakehouse.environments.names import REPLICATED


def require_buckets(second: Region) -> None:
    """Makes the missing buckets of a local world. Raises RunError (RUN609) for a real environment."""
    for bucket in [names.replica_bucket(second.env, zone) for zone in REPLICATED]:
        try:
            second.s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
                raise
            if second.env.overlay is None:
                raise RunError(
                    f"{second.env.region} has no bucket {bucket}: nothing is copied there; "
                    f"`lakehouse deploy --env {second.env.name}` makes it",
                    code="RUN609",
                ) from None
            location: Any = second.env.region
            second.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": location})
