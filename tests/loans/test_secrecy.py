"""What nobody may find: the CRM's key anywhere, protected traits beyond bronze. And what loading twice must not change."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from environments import names
from environments.names import Zone
from glue_jobs.aws import clients
from glue_jobs.state.audit import Audit
from local_aws.sample.load import load_sample
from schemas import load_schemas
from tests.loans.bank import BATCH, DIRT, FIRST, LAST, MADE, HalfYear


def test_protected_traits_are_in_bronze_alone(half_year: HalfYear) -> None:
    traits = {c.name for c in load_schemas().contracts["bronze.loan_applications"].columns if c.lake.tags.get("pii") == "protected"}
    assert traits == {"personal_status_code", "is_foreign_worker"}
    assert traits <= set(half_year.tables["bronze.loan_applications"].columns)
    for table in MADE:
        assert not traits & set(half_year.tables[table].columns), table
        texts = half_year.tables[table].select(pl.col(pl.String))
        assert not [c for c in texts.columns if texts[c].str.contains("^A9[1-5]$").any()], table


def test_api_key_is_in_no_object_log_table_or_audit(half_year: HalfYear) -> None:
    env = half_year.bank.env
    aws = clients(env)
    key = json.loads(aws.secretsmanager.get_secret_value(SecretId=names.secret(env, "api_key"))["SecretString"])["key"]
    assert len(key) >= 32
    for zone in Zone:
        for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=names.bucket(env, zone)):
            for item in page.get("Contents", []):
                if "loan" in item["Key"]:
                    body = aws.s3.get_object(Bucket=names.bucket(env, zone), Key=item["Key"])["Body"].read()
                    assert key.encode() not in body, item["Key"]
    assert sum("run started" in line for line in half_year.said) >= 2 * len(BATCH), "the log was listened to"
    assert not [line for line in half_year.said if key in line]
    rows = Audit(env).list(run_date=LAST, limit=1000)
    assert {r.job for r in rows} >= set(BATCH)
    assert key not in repr(rows)


def test_the_same_range_loaded_again_changes_no_file(half_year: HalfYear) -> None:
    def landed() -> dict[str, Any]:
        pages = clients(half_year.bank.env).s3.get_paginator("list_objects_v2")
        found = [i for page in pages.paginate(Bucket=names.bucket(half_year.bank.env, Zone.LANDING)) for i in page.get("Contents", [])]
        return {i["Key"]: i["LastModified"] for i in found if "loan" in i["Key"] and not i["Key"].endswith(("correction.csv", "late.csv"))}

    before = landed()
    assert load_sample(half_year.bank.env, FIRST, LAST, DIRT, of=["loans"]) == half_year.loaded
    assert landed() == before
