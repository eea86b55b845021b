"""`lakehouse dags` lists what Airflow shows, without Airflow."""

from __future__ import annotations

import json
import subprocess
import sys

from lakehouse.project import project_root
from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import Tree


def test_dags_of_an_environment_are_listed_with_their_jobs(lakehouse: Call) -> None:
    rows = json.loads(lakehouse("dags", "--env", "prod", "--json").out)
    dags = {row["dag"]: row for row in rows}
    assert list(dags) == sorted(dags)
    retail = dags["retail_daily"]
    assert (retail["kind"], retail["schedule"], retail["pipeline"]) == ("batch", "0 2 * * *", "retail")
    assert "silver_to_gold" in retail["jobs"].split(", ")
    assert dags["kafka_to_lakebase"]["kind"] == "streaming"


def test_faults_of_a_pipeline_are_shown_and_the_other_dags_are_listed(tree: Tree) -> None:
    tree.change("pipelines/retail/job.csv", "0 3 * * *", "0 25 * * *")
    answer = tree.lakehouse("dags", "--env", "prod", "--json", "--project", str(tree.root))
    assert answer.code == 2
    assert "LK303" in answer.err
    listed = {row["dag"] for row in json.loads(answer.out)}
    assert "retail_daily" not in listed
    assert "maintenance" in listed


def test_unknown_environment_is_refused_with_the_nearest(lakehouse: Call) -> None:
    answer = lakehouse("dags", "--env", "prd")
    assert (answer.code, answer.out) == (2, "")
    assert "did you mean 'prod'?" in answer.err


def test_listing_dags_loads_neither_airflow_nor_spark() -> None:
    script = (
        "import sys; sys.argv = ['lakehouse', 'dags', '--env', 'prod']\n"
        "from cli.app import main\ntry:\n    main()\nexcept SystemExit: pass\n"
        "print([m for m in ('airflow', 'pyspark', 'boto3', 'cdktf') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project_root(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
