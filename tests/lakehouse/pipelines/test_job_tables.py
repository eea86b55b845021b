"""A job writes tables that have a contract, by procs of one type."""

from __future__ import annotations

from pathlib import Path

from lakehouse.pipelines.reader import read_pipelines
from lakehouse.pipelines.table_checks import check_tables
from lakehouse.reading.faults import Collector, Fault
from tests.lakehouse.pipelines.loans import Tree
from tests.lakehouse.pipelines.tree_changes import tables


def against_contracts(tree: Tree, contracts: set[str]) -> list[Fault]:
    tree.read()
    faults = Collector(tree.root)
    check_tables([j for p in read_pipelines(faults).values() for j in p.jobs], contracts, faults)
    return sorted(faults.faults)


CONTRACTS = {
    "bronze.loan_app_ingest",
    "bronze.loan_book_ingest",
    "bronze.loan_raw",
    "silver.loan_enrich",
    "gold.kpi_metrics",
}


def test_a_job_whose_table_has_no_contract_is_a_fault(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tables(("P003", "writes", "bronze.loan"))(tree)
    assert [
        (f.code, f.line, f.value, f.nearest) for f in against_contracts(tree, {*CONTRACTS, "bronze.loans"})
    ] == [("LK315", 4, "bronze.loan", "bronze.loans")]


def test_a_job_whose_procs_are_of_several_types_is_a_fault(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.proc.append(
        [
            "P007",
            "J003",
            "more",
            "src/bronze_more.json",
            "2",
            "1",
            "10",
            "Airflow",
            "airflow_bronze_dag",
            "P003",
        ]
    )
    tree.touch("src/bronze_more.json")
    (fault,) = against_contracts(tree, {*CONTRACTS, "bronze.bronze_more"})
    assert (fault.code, fault.line, fault.what) == (
        "LK316",
        4,
        "the procs of job 'bronze_transform' are of several types: sql, ingest",
    )


def test_a_job_without_contract_is_named_even_where_other_facts_are_wrong(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.set("job", 2, "schedule", "0 25 * * *")
    tables(("P003", "writes", "bronze.loan"))(tree)
    assert {"LK303", "LK315"} == {f.code for f in against_contracts(tree, CONTRACTS)}
