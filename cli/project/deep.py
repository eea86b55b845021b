"""`lakehouse validate --deep`: what Spark and Java say of a tree's queries, functions and patterns."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

from cli.project.tree import Tree
from lakehouse.reading.faults import Collector


def spark_is_missing() -> str:
    """Why Spark is not at hand on this machine; empty when it is."""
    from local_aws.java import JavaMissingError, java

    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed"
    try:
        java()
    except JavaMissingError as error:
        return str(error)
    return ""


def deepened(tree: Tree) -> Tree:
    """The tree with the faults that Spark finds, in one Java process. It runs the project's functions."""
    from glue_jobs.analysis.project import check_project
    from glue_jobs.session import analysis_session
    from local_aws.java import java_home

    faults = Collector(tree.root)
    faults.faults.extend(tree.faults)
    with analysis_session(str(java_home())) as spark:
        check_project(spark, tree.jobs, tree.schemas, faults)
    return replace(tree, faults=sorted(set(faults.faults)))
