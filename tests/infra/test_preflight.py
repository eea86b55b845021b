"""What AWS would refuse is found before anything is created."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from cli.project.tree import read_tree
from infra.facts import read_facts
from infra.preflight import preflight
from lakehouse.environments import load_environment
from lakehouse.reading.faults import FaultsError
from tests.infra.job_parts import copied
from tests.lakehouse.contracts import builders


def faults(root: Path, env: str = "prod") -> list[tuple[str, str, int]]:
    with pytest.raises(FaultsError) as raised:
        preflight(read_facts(env, root))
    return [(f.code, f.file, f.line) for f in raised.value.faults]


def renamed(root: Path, old: str, new: str) -> None:
    for name in ("job.csv", "proc.csv"):
        path = root / "pipelines" / "retail" / name
        path.write_text(path.read_text().replace(old, new))
    transforms = root / "pipelines" / "retail" / "transforms"
    (transforms / f"{old}.py").rename(transforms / f"{new}.py")


def test_a_role_with_too_long_a_name_is_a_fault(tmp_path: Path) -> None:
    root = copied(tmp_path)
    renamed(root, "fx_json_to_bronze", "f" * 44)
    # `lakehouse-prod-job-` are 19 characters, `lakehouse-local-job-` 20.
    preflight(read_facts("dev", root))
    assert faults(root, "staging") == [("LK501", "pipelines/retail/job.csv", 5)]


def test_a_bucket_with_too_long_a_name_is_a_fault(tmp_path: Path) -> None:
    facts = read_facts("staging")
    # Sixteen characters of a project are what the reader lets pass, and fit.
    preflight(replace(facts, env=facts.env.model_copy(update={"project": "p" * 16})))
    with pytest.raises(FaultsError) as raised:
        preflight(replace(facts, env=facts.env.model_copy(update={"project": "p" * 23})))
    buckets = [f for f in raised.value.faults if f.what.startswith("S3 bucket")]
    assert {(f.code, f.file) for f in buckets} == {("LK501", "environments/staging.yml")}
    assert all("at most 63" in f.wanted for f in buckets)


def test_a_job_with_more_tables_than_a_policy_can_name_is_a_fault(tmp_path: Path) -> None:
    root = copied(tmp_path)
    tables = [f"gold.table_of_a_long_name_{n:03}" for n in range(60)]
    for table in tables:
        text = builders.tagged(builders.CONTRACT).replace("silver/orders", table.replace(".", "/"))
        builders.write(root, table, text)
    path = root / "pipelines" / "retail" / "proc_param.csv"
    path.write_text(
        path.read_text().replace(
            'gold.fact_behavior",tables,"Gold tables',
            ",".join(["gold.fact_behavior", *tables]) + '",tables,"Gold tables',
        )
    )
    with (root / "pipelines" / "retail" / "transforms" / "silver_to_gold.py").open("a") as code:
        code.writelines(
            f"\n\ndef {table.partition('.')[2]}(silver_orders):\n    return silver_orders\n"
            for table in tables
        )
    assert faults(root) == [("LK502", "pipelines/retail/job.csv", 9)]


@pytest.mark.parametrize("minutes", [0, -5, 90, 91])
def test_an_sla_that_no_run_can_keep_or_miss_is_a_fault(tmp_path: Path, minutes: int) -> None:
    root = copied(tmp_path)
    with (root / "pipelines" / "retail" / "proc_param.csv").open("a") as file:
        file.write(f"RP008,sla_minutes,{minutes},int,Gold is read at six,No\n")
    assert faults(root) == [("LK504", "pipelines/retail/job.csv", 9)]


def test_a_rotation_of_an_unknown_secret_is_a_fault(tmp_path: Path) -> None:
    root = copied(tmp_path)
    with (root / "environments" / "prod.yml").open("a") as file:
        arn = "arn:aws:lambda:eu-central-1:000000000003:function:renew"
        file.write(f"  rotation:\n    redshfit:\n      lambda_arn: {arn}\n      days: 30\n")
    assert faults(root) == [("LK503", "environments/prod.yml", 0)]


def test_a_rotation_of_the_masking_key_by_the_clock_is_a_fault(tmp_path: Path) -> None:
    root = copied(tmp_path)
    with (root / "environments" / "prod.yml").open("a") as file:
        arn = "arn:aws:lambda:eu-central-1:000000000003:function:renew"
        file.write(f"  rotation:\n    pii_key:\n      lambda_arn: {arn}\n      days: 30\n")
    with pytest.raises(FaultsError) as caught:
        load_environment("prod", root)
    (fault,) = caught.value.faults
    lines = (root / "environments" / "prod.yml").read_text().splitlines()
    assert (fault.code, fault.file, fault.value) == ("LK412", "environments/prod.yml", "pii_key")
    assert lines[fault.line - 1] == "    pii_key:"


def test_two_jobs_with_one_name_are_a_fault(tmp_path: Path) -> None:
    root = copied(tmp_path)
    other = root / "pipelines" / "wholesale"
    other.mkdir()
    for name in ("job.csv", "proc.csv", "proc_param.csv"):
        lines = (root / "pipelines" / "retail" / name).read_text().splitlines()
        rows_kept = [line for line in lines[1:] if line.startswith(("R009,", "RP009,"))]
        (other / name).write_text(
            "\n".join(
                [
                    lines[0],
                    *(
                        line.replace(",R008,", ",,").replace("retail_daily,RP008", "retail_daily,")
                        for line in rows_kept
                    ),
                ]
            )
            + "\n"
        )
    with pytest.raises(FaultsError) as raised:
        read_facts("prod", root)
    assert "LK305" in {f.code for f in raised.value.faults}


def test_a_system_that_no_way_leads_to_is_a_fault_of_validate_and_of_a_deploy(tmp_path: Path) -> None:
    root = copied(tmp_path)
    file = root / "environments" / "prod.yml"
    facts = yaml.safe_load(file.read_text())
    facts["stack"]["network"]["reaches"] = [{"what": "snowflake", "cidr": "10.7.1.0/24", "port": 443}]
    file.write_text(yaml.safe_dump(facts))
    expected = {"no job of 'prod' can connect to kafka", "no job of 'prod' can connect to redshift"}
    with pytest.raises(FaultsError) as raised:
        preflight(read_facts("prod", root))
    assert {(f.code, f.file) for f in raised.value.faults} == {("LK510", "environments/prod.yml")}
    assert {f.what.partition(",")[0] for f in raised.value.faults} == expected
    assert {f.what.partition(",")[0] for f in read_tree(root).faults} == expected


def test_a_batch_job_with_a_worker_for_streams_is_a_fault(tmp_path: Path) -> None:
    root = copied(tmp_path)
    file = root / "environments" / "dev.yml"
    facts = yaml.safe_load(file.read_text())
    facts["glue"]["worker_type"] = "G.025X"
    file.write_text(yaml.safe_dump(facts))
    assert {code for code, _, _ in faults(root, "dev")} == {"LK511"}
