"""A job's permissions follow from its type, wherever its code is. They are read from its policy."""

from __future__ import annotations

import pytest

from infra.facts import Facts, read_facts
from infra.parts.jobs.base_policy import KeyArns
from infra.parts.jobs.job_access import job_policy
from lakehouse.environments import names, prefixes
from lakehouse.environments.names import Zone
from tests.infra.iam import Policies
from tests.project_marker import copy_project
from tests.readme_example import add_example

KEYS = KeyArns("raw", "curated", "platform", "state", "secrets", "messages", (), "")
FOLDER = "pipelines/stores"
# Rows beside the README's transform, whose module lies in its pipeline's folder: one of each type without a
# module.
ROWS = {
    "job": (
        "S002,store_gate,0 6 * * *,S001,batch,analytics,prod,,1 retry,#retail",
        "S003,store_register,0 6 * * *,S002,batch,analytics,prod,,1 retry,#retail",
        "S004,store_publish,0 6 * * *,S003,batch,analytics,prod,,1 retry,#retail",
    ),
    "proc": (
        "P2,S002,store_gate,gate,1,0,30,Airflow,stores_daily,",
        "P3,S003,store_register,register,1,0,30,Airflow,stores_daily,",
        "P4,S004,store_publish,publish,1,0,30,Airflow,stores_daily,",
    ),
    "proc_param": (
        "P2,reads,gold.store_sales,tables,No",
        "P3,reads,gold.store_sales,tables,No",
        "P4,reads,gold.store_sales,tables,No",
        "P4,warehouse,snowflake,string,No",
    ),
}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    root = add_example(copy_project(tmp_path_factory.mktemp("stores") / "project"))
    for file, rows in ROWS.items():
        path = root / FOLDER / f"{file}.csv"
        path.write_text("\n".join([path.read_text(encoding="utf-8").rstrip(), *rows, ""]), encoding="utf-8")
    return read_facts("prod", root)


def rights(facts: Facts, job: str) -> Policies:
    return Policies((job_policy(facts, next(j for j in facts.jobs if j.name == job), KEYS),))


def moves(facts: Facts, job: str, control: str, key: str) -> bool:
    env, table = facts.env, names.control_table(facts.env, names.Control(control))
    arn = f"arn:aws:dynamodb:{env.region}:{env.account}:table/{table}"
    return rights(facts, job).allow("dynamodb:PutItem", arn, dynamodb__LeadingKeys=key)


def writes(facts: Facts, job: str, zone: Zone, path: str) -> bool:
    return rights(facts, job).allow("s3:PutObject", f"arn:aws:s3:::{names.bucket(facts.env, zone)}/{path}/x")


def test_a_transform_in_its_pipelines_folder_writes_its_table_and_moves_its_watermark(facts: Facts) -> None:
    assert writes(facts, "store_sales", Zone.GOLD, "store_sales")
    assert writes(facts, "store_sales", Zone.QUARANTINE, prefixes.quarantine("gold.store_sales"))
    assert moves(facts, "store_sales", "watermarks", "store_sales.gold.store_sales")
    assert moves(facts, "store_sales", "leases", "gold.store_sales")


def test_a_gate_writes_results_of_the_layer_that_it_judges(facts: Facts) -> None:
    assert writes(facts, "store_gate", Zone.ARTIFACTS, prefixes.dq_results("gold"))
    assert not writes(facts, "store_gate", Zone.ARTIFACTS, prefixes.dq_results("silver"))
    assert moves(facts, "store_gate", "watermarks", "store_gate.gold.store_sales")


def test_a_register_changes_the_catalog_for_the_tables_that_it_reads(facts: Facts) -> None:
    glue, gold = f"arn:aws:glue:{facts.env.region}:{facts.env.account}", names.database(facts.env, "gold")
    may = rights(facts, "store_register")
    assert may.allow("glue:UpdateTable", f"{glue}:table/{gold}/store_sales")
    assert not may.allow("glue:UpdateTable", f"{glue}:table/{gold}/dim_date")


def test_a_publish_holds_lease_watermark_and_secret_of_its_warehouse(facts: Facts) -> None:
    for control in ("watermarks", "leases"):
        assert moves(facts, "store_publish", control, "snowflake.gold.store_sales")
        assert not moves(facts, "store_publish", control, "redshift.gold.store_sales")
        assert not moves(facts, "store_sales", control, "snowflake.gold.store_sales")
    secrets = f"arn:aws:secretsmanager:{facts.env.region}:{facts.env.account}:secret:"
    for secret, granted in ((facts.env.snowflake.secret, True), (facts.env.redshift.secret, False)):
        arn = f"{secrets}{names.secret(facts.env, secret)}-AbCdEf"
        assert rights(facts, "store_publish").allow("secretsmanager:GetSecretValue", arn) == granted
