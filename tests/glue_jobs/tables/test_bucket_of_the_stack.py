"""A table in a bucket as the stack makes it: versioned, and encrypted with a key of ours."""

from __future__ import annotations

from typing import Any

from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from tests.buckets import create_bucket

BUCKET = "as-the-stack-makes-it"


def test_commits_follow_one_another_in_a_bucket_that_is_versioned_and_encrypted(
    spark: SparkSession, local_env: Environment
) -> None:
    """Hadoop's S3 client renames each commit into place, and refuses an object whose key it is told over
    plain HTTP.
    """
    s3 = create_bucket(local_env, BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    rule: Any = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/any"},
        "BucketKeyEnabled": True,
    }
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    for day in range(3):
        spark.range(day * 10, day * 10 + 10).write.format("delta").mode("append").save(f"s3://{BUCKET}/table")
    rows = spark.read.format("delta").load(f"s3://{BUCKET}/table")
    assert sorted(r.id for r in rows.collect()) == list(range(30))
    commits = [k["Key"] for k in s3.list_objects_v2(Bucket=BUCKET, Prefix="table/_delta_log/0")["Contents"]]
    assert len([k for k in commits if k.endswith(".json")]) == 3
