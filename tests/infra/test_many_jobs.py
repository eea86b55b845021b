"""A thousand jobs are synthesized in reasonable time."""

from __future__ import annotations

import time
from pathlib import Path

from infra.facts import read_facts
from lakehouse.environments import load_environment, names
from tests.infra.job_parts import copied, job_stack, policies_of
from tests.lakehouse.contracts import builders

ENV = load_environment("prod")
JOBS = {job.name: job for job in read_facts("prod").jobs}


def hundred_pipelines(root: Path) -> None:
    """100 pipelines of 10 jobs and three tables, one of each layer."""
    for number in range(100):
        tables = [f"{layer}.t{number:03}" for layer in ("bronze", "silver", "gold")]
        for table in tables:
            write_contract(root, table)
        write_pipeline(root, f"p{number:03}", tables)


def write_contract(root: Path, table: str) -> None:
    name = table.split(".")[1]
    text = builders.tagged(builders.BRONZE if table.startswith("bronze") else builders.CONTRACT)
    text = text.replace("RETAIL.PUBLIC.ORDERS", f"R.P.{name.upper()}")
    text = text.replace("orders.updated_at", f"{name}.updated_at")
    folder = table.replace(".", "/")
    builders.write(root, table, text.replace("silver/orders", folder).replace("bronze/orders", folder))


def write_pipeline(root: Path, pipeline: str, tables: list[str]) -> None:
    """Ten jobs in a row. The first three write the tables, the others read the last of them."""
    lines = {name: [header(root, name)] for name in ("job.csv", "proc.csv", "proc_param.csv")}
    folder = root / "pipelines" / pipeline
    (folder / "sql").mkdir(parents=True)
    for k in range(10):
        (folder / "sql" / f"step_{k}.sql").write_text(statement(tables, k))
        after, name = f"J{k - 1}" if k else "", f"{pipeline}_step_{k}"
        job = f'J{k},{name},0 2 * * *,{after},batch,team,"local,dev,staging,prod",Step {k}'
        lines["job.csv"].append(f'{job},"1 retry, backoff 5m",a@company.com')
        before = f"P{k - 1}" if k else ""
        proc = f"P{k},J{k},{name},sql/step_{k}.sql,1,1,30,,Airflow,{pipeline}_daily,{before}"
        lines["proc.csv"].append(proc)
        if k >= 3:
            lines["proc_param.csv"].append(f"P{k},reads,{tables[2]},tables,What it reads,No")
    for name, content in lines.items():
        (folder / name).write_text("\n".join(content) + "\n")


def header(root: Path, name: str) -> str:
    return (root / "pipelines" / "retail" / name).read_text().splitlines()[0]


def statement(tables: list[str], k: int) -> str:
    if k >= 3:
        return "CREATE DATABASE IF NOT EXISTS gold"
    query = f"SELECT * FROM {tables[k - 1]}" if k else "SELECT 1"
    return f"CREATE OR REPLACE TABLE {tables[k]} AS {query}"


def test_a_hundred_pipelines_of_ten_jobs_are_a_thousand_jobs(tmp_path: Path) -> None:
    root = copied(tmp_path / "tree")
    hundred_pipelines(root)
    began = time.monotonic()
    document = job_stack("prod", root)
    print(f"\n100 pipelines of 10 jobs: read and synthesised in {time.monotonic() - began:.1f} s")
    resources = document["resource"]
    assert len(resources["aws_glue_job"]) == len(resources["aws_iam_role_policy"]) - 1 == 1000 + len(JOBS)
    assert len(resources["aws_glue_catalog_table"]) == 300 + len(read_facts("prod").schemas.on_lake)
    may = policies_of(document, "p042_step_2")
    of = {
        t: f"arn:aws:s3:::{names.table_uri(ENV, t).removeprefix('s3://')}/part-0.parquet"
        for t in ("silver.t042", "gold.t042", "silver.t043")
    }
    assert {t for t, arn in of.items() if may.allow("s3:GetObject", arn)} == {"silver.t042", "gold.t042"}
    assert {t for t, arn in of.items() if may.allow("s3:PutObject", arn)} == {"gold.t042"}
