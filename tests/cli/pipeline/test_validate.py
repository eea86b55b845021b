"""`lakehouse pipeline validate`: what is wrong with one pipeline, and nothing that is wrong with another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.pipeline.pipeline_tree import Tree, error_text
from tests.project_marker import mark

CONFIG, SQL = "pipelines/sales/config.json", "pipelines/sales/sql/sales.sql"


@pytest.fixture
def sales(tree: Tree) -> Tree:
    tree.add("sales", "batch")
    return tree


def test_a_sound_pipeline_is_told_in_one_line(sales: Tree) -> None:
    answer = sales.pipeline("validate", "sales")
    assert (answer.code, answer.out, answer.err) == (0, "sound: sales (batch), 2 jobs, 1 table\n", "")
    assert sales.faults("sales") == []


def test_without_a_name_every_pipeline_is_told(sales: Tree) -> None:
    names = sorted(p.name for p in (sales.root / "pipelines").iterdir() if p.is_dir())
    lines = sales.pipeline("validate").out.splitlines()
    assert [line.split()[1] for line in lines] == names


def test_faults_of_other_rooms_and_pipelines_are_not_its_own(sales: Tree) -> None:
    sales.change("environments/base.yml", "workers: 2", "workers: 1")
    sales.change("pipelines/retail/job.csv", "0 3 * * *", "0 25 * * *")
    sales.change("schemas/silver/products.schema.json", '"write": ', '"writ": ')
    assert sales.pipeline("validate", "sales").code == 0
    answer = sales.pipeline("validate", "retail")
    assert answer.code == 2
    assert {line.partition(":")[0] for line in answer.err.splitlines()} == {
        "pipelines/retail/job.csv",
        "schemas/silver/products.schema.json",
    }
    assert "workers" not in sales.pipeline("validate").err


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        ("schemas/gold/sales.schema.json", '"minimum": 1', '"minimun": 1', "LK101 unknown key"),
        ("schemas/gold/sales.dq.yml", "currency", "currenc", "LK206"),
        (
            SQL,
            "silver_db.orders",
            "silver_db.order",
            "LK315 job 'sales_build' names silver.order, which has no contract",
        ),
    ],
)
def test_its_tables_and_its_sql_are_its_own(sales: Tree, path: str, old: str, new: str, message: str) -> None:
    sales.change(path, old, new)
    answer = sales.pipeline("validate", "sales")
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert json.loads(sales.pipeline("validate", "sales", "--json").out)[0]["file"] == (
        path if path != SQL else CONFIG
    )


def step(**changes: Any) -> Any:
    """A change of the second step."""
    return lambda document: document["execution_sequence"][1].update(changes)


def top(**changes: Any) -> Any:
    return lambda document: document.update(changes)


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (top(owners="x"), "LK101", "unknown key 'owners'; wanted one of job_cluster"),
        (step(sql="x"), "LK101", "unknown key 'execution_sequence.1.sql'"),
        (top(max_concurrent_runs="1"), "LK103", "max_concurrent_runs = '1'"),
        (top(max_concurrent_runs=True), "LK103", "max_concurrent_runs = True"),
        (top(parameters=[]), "LK103", "parameters = []"),
        (top(parameters={"run_date": "{{ now() }}"}), "LK304", "is no call that is known"),
        (top(notification_email=None), "LK103", "notification_email = None"),
        (top(notification_email="nobody"), "LK303", "'nobody' is no address"),
        (top(schedule="0 25 * * *"), "LK303", "hour 25 is not in 0-23"),
        (top(environments=["prd"]), "LK103", "did you mean 'prod'?"),
        (
            top(pipeline_type="streaming"),
            "LK320",
            "pipeline_type is 'streaming', and the file is of kind batch",
        ),
        (top(tasks=[]), "LK320", "has both tasks and execution_sequence"),
        (top(execution_sequence={}), "LK103", "execution_sequence = {}"),
        (top(execution_sequence=[]), "LK103", "execution_sequence = []"),
        (step(step=0.5), "LK103", "execution_sequence.1.step = 0.5"),
        (step(sql_file="sql/sale.sql"), "LK308", "'sql/sale.sql' does not exist"),
        (step(sql_file="../retail/job.csv"), "LK103", "sql_file = '../retail/job.csv'"),
        (step(sql_file="../other.sql"), "LK309", "leaves the pipeline's folder"),
        (step(sql_file="/etc/passwd.sql"), "LK103", "sql_file = '/etc/passwd.sql'"),
        (step(depends_on=["sales_set"]), "LK310", "did you mean 'sales_setup'?"),
        (step(depends_on=["sales_build"]), "LK311", "jobs wait for one another: sales_build → sales_build"),
        (step(task_name="sales_setup"), "LK305", "'sales_setup' stands twice"),
        (step(task_name="silver_to_gold"), "LK305", "'silver_to_gold' also names a job of pipeline"),
        (step(step=0, depends_on=["sales_setup"]), "LK103", "is of step 0 and waits for another"),
        (step(task_name="x" * 64), "LK103", "task_name"),
    ],
)
def test_what_is_wrong_in_config_json_is_said_with_its_line(
    sales: Tree, change: Any, code: str, message: str
) -> None:
    (sales.root / "pipelines" / "other.sql").touch()
    sales.config("sales", change)
    answer = sales.pipeline("validate", "sales")
    # Of two jobs with one name, the one whose folder is later has the fault.
    assert answer.code == 2
    (line, *_) = [line for line in answer.err.splitlines() if f" {code} " in line and message in line] or [
        answer.err
    ]
    assert message in line
    assert line.startswith(f"{CONFIG}:")
    assert int(line.split(":")[1]) > 0


def test_steps_that_wait_in_a_circle_are_named_in_their_order(sales: Tree) -> None:
    def circle(document: dict[str, Any]) -> None:
        build = document["execution_sequence"][1]
        build["depends_on"] = ["sales_last"]
        document["execution_sequence"].append(
            {"step": 2, "task_name": "sales_last", "sql_file": "sql/setup.sql", "depends_on": ["sales_build"]}
        )

    sales.config("sales", circle)
    assert [f["code"] for f in sales.faults("sales")] == ["LK311"]


@pytest.mark.parametrize(
    "text", ['{"tasks":' * 100_000 + "1" + "}" * 100_000, "[" * 100_000], ids=["objects", "lists"]
)
def test_a_file_nested_100000_deep_is_one_fault(sales: Tree, text: str) -> None:
    sales.write(CONFIG, text)
    (fault,) = sales.faults("sales")
    assert (fault["code"], fault["file"], fault["line"]) == ("LK004", CONFIG, 1)
    # And the others are as sound as they were.
    assert sales.pipeline("validate", "retail").code == 0


@pytest.mark.parametrize(("name", "hint"), [("salse", "did you mean 'sales'?"), ("zzz", "there are")])
def test_an_unknown_pipeline_is_refused(sales: Tree, name: str, hint: str) -> None:
    answer = sales.pipeline("validate", name)
    assert answer.code == 2
    assert hint in error_text(answer)


def test_a_tree_without_pipelines_has_none_to_validate(lakehouse: Any, tmp_path: Path) -> None:
    answer = lakehouse("pipeline", "validate", "sales", "--project", str(mark(tmp_path)))
    assert answer.code == 2
    assert "unknown pipeline 'sales'" in error_text(answer)
