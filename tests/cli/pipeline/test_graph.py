"""The graph of a pipeline: jobs by level, their edges, and jobs of others that write its inputs."""

from __future__ import annotations

import json

from lakehouse.pipelines import load_pipelines
from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import Tree

RETAIL = load_pipelines()["retail"]


def test_every_job_has_its_tables_dependencies_and_level(lakehouse: Call) -> None:
    graph = json.loads(lakehouse("pipeline", "show", "retail", "--json").out)
    nodes = {n["name"]: n for n in graph["nodes"]}
    assert (graph["name"], graph["kind"]) == ("retail", "metadata")
    for job in RETAIL.jobs:
        assert (nodes[job.name]["reads"], nodes[job.name]["writes"]) == (list(job.reads), list(job.writes))
        assert nodes[job.name]["after"] == list(job.depends_on)
    for level, wave in enumerate(RETAIL.levels(), 1):
        assert {n for n, node in nodes.items() if node["level"] == level} == {j.name for j in wave}
    gates = {"dq_bronze_gate", "dq_silver_gate", "dq_gold_gate"}
    assert {n for n, node in nodes.items() if node["role"] == "gate"} == gates
    assert ["bronze_to_silver", "dq_silver_gate"] in graph["edges"]


def test_jobs_of_other_pipelines_that_write_its_inputs_are_outside(tree: Tree) -> None:
    tree.add("sales", "batch")
    shown = tree.pipeline("show", "sales").out
    assert "○ bronze_to_silver" in shown
    assert "after   sales_setup, bronze_to_silver (retail)" in shown
    graph = json.loads(tree.pipeline("show", "sales", "--json").out)
    assert [(n["name"], n["pipeline"], n["writes"]) for n in graph["nodes"] if n["role"] == "outside"] == [
        ("bronze_to_silver", "retail", ["silver.orders"])
    ]
    assert sorted(map(tuple, graph["edges"])) == [
        ("bronze_to_silver", "sales_build"),
        ("sales_setup", "sales_build"),
    ]
