"""`lakehouse pipeline new`: what is made is sound as it is; what cannot be made leaves no trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lakehouse.pipelines import load_pipelines
from lakehouse.project import project_root
from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import KINDS, Tree, error_text
from tests.project_marker import mark

# The layer of the tables that each kind reads, until its team names others.
READS = {"batch": ["silver"], "metadata": ["silver"], "python": ["silver"], "streaming": []}
WRITES = {
    "batch": {"gold.new_one"},
    "metadata": {"gold.new_one"},
    "python": {"gold.new_one"},
    "streaming": {"bronze.new_one"},
}
JOBS = {
    "batch": ["new_one_setup", "new_one_build"],
    "metadata": ["new_one"],
    "python": ["new_one"],
    "streaming": ["new_one"],
}
# What the reader calls a pipeline of that template.
READ_AS = {"python": "metadata"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_pipeline_is_sound_and_of_its_kind(tree: Tree, kind: str) -> None:
    before = tree.files()
    answer = tree.new("new_one", kind)
    assert (answer.code, answer.err) == (0, "")
    whole = tree.lakehouse("validate", "--project", str(tree.root))
    assert (whole.code, whole.err) == (0, "")
    pipeline = load_pipelines(tree.root)["new_one"]
    assert (pipeline.kind, [j.name for j in pipeline.jobs]) == (READ_AS.get(kind, kind), JOBS[kind])
    assert sorted({t.split(".")[0] for j in pipeline.jobs for t in j.reads}) == READS[kind]
    assert {t for j in pipeline.jobs for t in j.writes} == WRITES[kind]
    after = tree.files()
    assert before.items() <= after.items()
    new_paths = after.keys() - before.keys()
    assert {p for p in new_paths if not p.startswith("pipelines/new_one/")} == {
        f"schemas/{t.replace('.', '/')}{ending}"
        for t in WRITES[kind]
        for ending in (".schema.json", ".dq.yml")
    }
    assert all(path in answer.out for path in new_paths if not path.endswith(".template.yml"))


def test_one_of_each_kind_lives_beside_the_others(tree: Tree) -> None:
    for kind in KINDS:
        assert tree.new(f"a_{kind}", kind, "--json").code == 0
    whole = tree.lakehouse("validate", "--project", str(tree.root))
    assert (whole.code, whole.err) == (0, "")


def test_machines_are_told_what_was_made(tree: Tree) -> None:
    output = json.loads(tree.new("new_one", "batch", "--json").out)
    assert (output["pipeline"], output["kind"]) == ("new_one", "batch")
    assert all((tree.root / path).is_file() for path in output["files"])


def test_the_longest_name_is_taken_and_no_longer_one(tree: Tree) -> None:
    assert tree.new("n" * 32, "batch").code == 0
    assert tree.new("n" * 33, "batch").code == 2


@pytest.mark.parametrize(
    "name",
    [
        "",
        "New",
        "1a",
        "a-b",
        "a b",
        "../up",
        "a/b",
        ".hidden",
        "a.b",
        "näh",
        "[[ 7 * 7 ]]",
        "{{ today() }}",
        "a\x1b[31m",
        "a\n",
        "a'; DROP",
        "_a",
    ],
)
def test_what_is_no_name_is_refused_and_nothing_is_made(tree: Tree, name: str) -> None:
    before = tree.files()
    answer = tree.new(name, "batch")
    assert answer.code == 2
    assert "is no name; wanted lower-case letters, digits and _" in error_text(answer)
    assert "\x1b[31m" not in answer.err
    assert tree.files() == before


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("retail", "batch", "pipelines/retail is there already"),
        ("fact_orders", "batch", "schemas/gold/fact_orders.dq.yml is there already"),
        ("kafka_events", "streaming", "schemas/bronze/kafka_events.schema.json is there already"),
        ("silver_to_gold", "metadata", "'silver_to_gold' is a job of pipeline 'retail'"),
        ("silver_to_gold", "streaming", "'silver_to_gold' is a job of pipeline 'retail'"),
        ("retail_daily", "batch", "'retail_daily' is a DAG of pipeline 'retail'"),
    ],
)
def test_a_name_that_is_taken_is_refused_with_who_has_it(
    tree: Tree, name: str, kind: str, message: str
) -> None:
    before = tree.files()
    answer = tree.new(name, kind)
    assert answer.code == 2
    assert message in error_text(answer)
    assert tree.files() == before


def test_a_step_of_another_pipeline_takes_the_name_too(tree: Tree) -> None:
    assert tree.new("sales_setup", "metadata").code == 0
    answer = tree.new("sales", "batch")
    assert answer.code == 2
    assert "'sales_setup' is a job of pipeline 'sales_setup'" in error_text(answer)


def test_an_unknown_kind_is_refused_with_the_nearest(tree: Tree) -> None:
    answer = tree.new("new_one", "stream")
    assert answer.code == 2
    assert "unknown kind 'stream'; did you mean 'streaming'?" in error_text(answer)


def test_faults_that_others_have_are_not_those_of_a_new_pipeline(tree: Tree) -> None:
    tree.change("pipelines/retail/job.csv", "0 3 * * *", "0 25 * * *")
    before = tree.lakehouse("validate", "--project", str(tree.root)).err
    assert tree.new("new_one", "batch").code == 0
    assert tree.lakehouse("validate", "--project", str(tree.root)).err == before
    assert tree.pipeline("validate", "new_one").code == 0


def test_a_root_that_holds_no_pipelines_is_refused(lakehouse: Call, tmp_path: Path) -> None:
    answer = lakehouse("pipeline", "new", "new_one", "--kind", "batch", "--project", str(mark(tmp_path)))
    assert answer.code == 2
    assert "holds no pipelines/" in error_text(answer)
    assert [p.name for p in tmp_path.iterdir()] == ["lakehouse.yml"]


def test_of_two_at_once_with_one_name_one_is_made_and_is_sound(tree: Tree) -> None:
    words = [
        sys.executable,
        "-m",
        "cli",
        "pipeline",
        "new",
        "new_one",
        "--kind",
        "batch",
        "--project",
        str(tree.root),
    ]
    both = [
        subprocess.Popen(
            words,
            cwd=project_root(),
            env=os.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ends = [(p.communicate()[1], p.returncode) for p in both]
    assert sorted(code for _, code in ends) == [0, 2]
    assert all("Traceback" not in err for err, _ in ends)
    assert tree.lakehouse("validate", "--project", str(tree.root)).code == 0
    assert [p.name for p in (tree.root / "pipelines").iterdir() if p.name.startswith(".")] == []
