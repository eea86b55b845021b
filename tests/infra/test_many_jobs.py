"""A thousand jobs are synthesized in reasonable time."""

from __future__ import annotations

import time
from pathlib import Path

from infra.facts import read_facts
from lakehouse.environments import load_environment, names
from tests.infra.job_parts import copied, made, policies_of
from tests.lakehouse.contracts import builders

ENV = load_environment("prod")
JOBS = {job.name: job for job in read_facts("prod").jobs}


def hundred_pipelines(root: Path) -> None:
    """100 pipelines of 10 jobs and three tables, one of each layer."""
    header = {
        name: (root / "pipelines" / "retail" / name).read_text().splitlines()[0]
        for name in ("job.csv", "proc.csv", "proc_param.csv")
    }
    for n in range(100):
        pipeline, tables = f"p{n:03}", [f"bronze.t{n:03}", f"silver.t{n:03}", f"gold.t{n:03}"]
        for table in tables:
            text = (builders.BRONZE if table.startswith("bronze") else builders.CONTRACT).replace(
                "RETAIL.PUBLIC.ORDERS", f"R.P.T{n:03}"
            )
            text = text.replace("orders.updated_at", f"t{n:03}.updated_at")
            builders.write(
                root,
                table,
                text.replace("silver/orders", table.replace(".", "/")).replace(
                    "bronze/orders", table.replace(".", "/")
                ),
            )
        folder = root / "pipelines" / pipeline
        (folder / "sql").mkdir(parents=True)
        job, proc, param = ([header[name]] for name in ("job.csv", "proc.csv", "proc_param.csv"))
        for k in range(10):
            source, query = tables[min(k, 3) - 1], f"SELECT * FROM {tables[min(k, 3) - 1]}"
            made = [
                f"CREATE OR REPLACE TABLE {tables[k]} AS {query if k else 'SELECT 1'}"
                if k < 3
                else "CREATE DATABASE IF NOT EXISTS gold"
            ]
            (folder / "sql" / f"step_{k}.sql").write_text(";\n".join(made))
            after = f"J{k - 1}" if k else ""
            job.append(
                f'J{k},{pipeline}_step_{k},0 2 * * *,{after},batch,team,"local,dev,staging,prod",Step {k},"1 retry, backoff 5m",a@company.com'
            )
            proc.append(
                f"P{k},J{k},{pipeline}_step_{k},sql/step_{k}.sql,1,1,30,,Airflow,{pipeline}_daily,{f'P{k - 1}' if k else ''}"
            )
            if k >= 3:
                param.append(f"P{k},reads,{source},tables,What it reads,No")
        for name, lines in {"job.csv": job, "proc.csv": proc, "proc_param.csv": param}.items():
            (folder / name).write_text("\n".join(lines) + "\n")


def test_a_hundred_pipelines_of_ten_jobs_are_a_thousand_jobs(tmp_path: Path) -> None:
    root = copied(tmp_path / "tree")
    hundred_pipelines(root)
    began = time.monotonic()
    document = made("prod", root)
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
