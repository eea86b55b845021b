"""Redshift and Snowflake reach the staged files of the jobs that use them, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.iam import Policies
from tests.infra.job_parts import copied
from tests.infra.synthesis import document, whole_stack

BUCKET = "arn:aws:s3:::lakehouse-prod-checkpoints-000000000003"
KEY = "${aws_kms_key.key_raw.arn}"
S3 = "s3.eu-central-1.amazonaws.com"


def _policies(resources: dict[str, Any], name: str) -> Policies:
    return Policies((json.loads(resources["aws_iam_role_policy"][f"role_policy_{name}"]["policy"]),))


def test_redshift_takes_its_role_on_and_reaches_staged_files_alone(synthesized: Any) -> None:
    prod = synthesized("prod")
    role = prod["resource"]["aws_iam_role"]["role_redshift"]
    (trust,) = json.loads(role["assume_role_policy"])["Statement"]
    assert "redshift.amazonaws.com" in trust["Principal"]["Service"]
    may = _policies(prod["resource"], "redshift").allow
    for job in ("redshift_to_bronze", "publish_gold_to_redshift"):
        file = f"{BUCKET}/staging/{job}/run_id=1/t/0.parquet"
        assert may("s3:PutObject", file)
        assert may("s3:GetObject", file)
    assert may("kms:GenerateDataKey", KEY, kms__ViaService=S3)
    assert not may("kms:GenerateDataKey", KEY)
    assert not may("s3:GetObject", f"{BUCKET}/staging/bronze_to_silver/run_id=1/t/0.parquet")
    assert not may("s3:GetObject", f"{BUCKET}/streams/kafka_to_lakebase/0")
    assert not may("s3:GetObject", "arn:aws:s3:::lakehouse-prod-bronze-000000000003/orders/0.parquet")
    assert prod["output"]["redshift_role"]["value"] == "${aws_iam_role.role_redshift.arn}"


def test_snowflake_has_no_role_before_it_has_said_who_it_is(synthesized: Any) -> None:
    assert "role_snowflake" not in synthesized("prod")["resource"]["aws_iam_role"]


@pytest.fixture(scope="module")
def with_snowflake(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The stack of prod whose facts name Snowflake's user."""
    root: Path = copied(tmp_path_factory.mktemp("snowflake"))
    file = root / "environments" / "prod.yml"
    facts = yaml.safe_load(file.read_text())
    user = {"user_arn": "arn:aws:iam::111122223333:user/abc-s", "external_id": "LAKE_SFC=1"}
    facts["stack"]["snowflake_storage"] = user
    file.write_text(yaml.safe_dump(facts))
    return document(whole_stack("prod", root))


def test_snowflake_takes_its_role_on_by_its_user_and_external_id(with_snowflake: dict[str, Any]) -> None:
    role = with_snowflake["resource"]["aws_iam_role"]["role_snowflake"]
    (trust,) = json.loads(role["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"AWS": "arn:aws:iam::111122223333:user/abc-s"}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": "LAKE_SFC=1"}}
    may = _policies(with_snowflake["resource"], "snowflake").allow
    assert not may("s3:GetObject", f"{BUCKET}/staging/redshift_to_bronze/run_id=1/t/0.parquet")
    assert may("s3:ListBucket", BUCKET, s3__prefix="staging/snowflake_to_bronze/run_id=1/")
