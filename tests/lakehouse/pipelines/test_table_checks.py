"""Every table that a job names has a contract; each missing one is one fault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lakehouse.pipelines import load_pipelines
from lakehouse.pipelines.params import ALL
from lakehouse.pipelines.table_checks import check_tables
from lakehouse.reading.faults import Collector

JOB = replace(
    load_pipelines()["retail"].job("silver_to_gold"),
    reads=("silver.orders", "silver.gone"),
    writes=("gold.sales", "silver.gone"),
    maintains=(ALL,),
)


def faults(contracts: list[str], root: Path) -> list[tuple[str, str]]:
    collector = Collector(root)
    check_tables([JOB], contracts, collector)
    return [(fault.code, fault.what) for fault in collector.faults]


def test_table_without_a_contract_is_noted_once(tmp_path: Path) -> None:
    assert faults(["silver.orders", "gold.sales"], tmp_path) == [
        ("LK315", "job 'silver_to_gold' names silver.gone, which has no contract")
    ]


def test_all_tables_is_the_name_of_no_table(tmp_path: Path) -> None:
    assert faults(["silver.orders", "silver.gone", "gold.sales"], tmp_path) == []


def test_nearest_table_is_suggested(tmp_path: Path) -> None:
    collector = Collector(tmp_path)
    check_tables([JOB], ["silver.orders", "gold.sales", "silver.gones"], collector)
    assert "did you mean 'silver.gones'?" in str(collector.faults[0])
