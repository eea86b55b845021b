"""`lakehouse pipeline show` lists every job once, after what it waits for.

It does so in the terminal, for machines and as a picture.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from lakehouse.pipelines import load_pipelines
from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import ROOT, Tree, error_text

RETAIL = load_pipelines()["retail"]


def heads(text: str) -> list[str]:
    """The jobs of a drawing, in order."""
    return re.findall(r"^ .{6,9}[■◆≈○] (\w+)", text, re.MULTILINE)


def test_the_terminal_shows_every_job_once_after_what_it_waits_for(lakehouse: Call) -> None:
    answer = lakehouse("pipeline", "show", "retail")
    assert (answer.code, answer.err) == (0, "")
    drawn = heads(answer.out)
    assert sorted(drawn) == sorted(j.name for j in RETAIL.jobs)
    assert all(drawn.index(d) < drawn.index(j.name) for j in RETAIL.jobs for d in j.depends_on)
    assert answer.out.count("▼") == len(RETAIL.levels()) - 1
    assert all(table in answer.out for j in RETAIL.jobs for table in (*j.reads, *j.writes))
    assert re.findall(r"◆ (\w+)", answer.out)[:3] == ["dq_bronze_gate", "dq_silver_gate", "dq_gold_gate"]


def test_no_line_is_longer_than_100_columns(lakehouse: Call, tree: Tree) -> None:
    tree.add("n" * 32, "batch")
    for name in load_pipelines(tree.root):
        assert max(len(line) for line in tree.pipeline("show", name).out.splitlines()) <= 100


def test_a_pipeline_with_a_fault_is_not_drawn_but_that_of_another_does_not_matter(tree: Tree) -> None:
    tree.change("pipelines/retail/job.csv", "0 3 * * *", "0 25 * * *")
    answer = tree.pipeline("show", "retail")
    assert (answer.code, answer.out) == (2, "")
    assert "LK303" in answer.err
    tree.add("sales", "metadata")
    assert tree.pipeline("show", "sales").code == 0


def test_an_unknown_pipeline_is_refused_with_the_nearest(lakehouse: Call) -> None:
    answer = lakehouse("pipeline", "show", "retial")
    assert answer.code == 2
    assert "unknown pipeline 'retial'; did you mean 'retail'?" in error_text(answer)


@pytest.mark.parametrize("verb", ["show", "validate", "update"])
def test_the_shell_completes_names(verb: str, monkeypatch: pytest.MonkeyPatch, lakehouse: Call) -> None:
    monkeypatch.setenv("_LAKEHOUSE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"lakehouse pipeline {verb} ret")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert lakehouse().out.split() == ["retail"]


def test_looking_at_a_pipeline_loads_neither_spark_nor_boto3_nor_the_stack() -> None:
    script = (
        "import sys; sys.argv = ['lakehouse', 'pipeline', 'show', 'retail']\n"
        "from cli.app import main\ntry:\n    main()\nexcept SystemExit: pass\n"
    )
    script += "print([m for m in ('pyspark', 'boto3', 'pandas', 'cdktf', 'copier') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
