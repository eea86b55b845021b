"""Functions and queries are held against their job and contract as text: each misspelling is a fault with its
place.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.pipelines.job_checks import check_job
from lakehouse.pipelines.reader import read_pipelines
from lakehouse.reading.faults import Collector, Fault
from tests.project_marker import copy_project

GOLD = "pipelines/retail/transforms/silver_to_gold.py"
RATES = "pipelines/retail/transforms/fx_json_to_bronze.py"
KPIS = "pipelines/loans/src/transformation/gold/gold_kpi_metrics.sql"
EVENTS = "pipelines/loans/src/ingestion/pyspark_streaming/streaming_loan.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def change(root: Path, file: str, old: str, new: str) -> tuple[int, int]:
    """Replaces `old`, and returns line and column of `new` from 1."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    before = text.partition(old)[0]
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def faults_of(root: Path) -> list[Fault]:
    faults = Collector(root)
    contracts = load_schemas(root).contracts
    for pipeline in read_pipelines(faults).values():
        for job in pipeline.jobs:
            check_job(job, contracts, contracts, faults)
    return sorted(faults.faults)


def test_the_functions_of_this_project_fit(root: Path) -> None:
    assert faults_of(root) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "value", "nearest"),
    [
        (GOLD, "dim_product(", "dim_produkt(", "LK324", "dim_product", "dim_produkt"),
        (GOLD, "silver_products: D", "silver_product: D", "LK325", "silver_product", "silver_products"),
        (GOLD, "silver_products: D", "bronze_fx_rates: D", "LK325", "bronze_fx_rates", ""),
        (
            GOLD,
            "spark: SparkSession) -> DataFrame",
            "sparc: SparkSession) -> DataFrame",
            "LK325",
            "sparc",
            "spark",
        ),
        (
            GOLD,
            "*, silver_products: DataFrame",
            "silver_products: DataFrame, /",
            "LK325",
            "silver_products",
            "silver_products",
        ),
        (
            GOLD,
            "*, silver_products: DataFrame",
            "*, silver_products: DataFrame, **more: int",
            "LK325",
            "more",
            "",
        ),
        (GOLD, "*, silver_products: DataFrame", "*all, silver_products: DataFrame", "LK325", "all", ""),
        (
            GOLD,
            "*, silver_products: DataFrame",
            "*, silver_products: DataFrame, gold_dim_product: int = 1",
            "LK325",
            "gold_dim_product",
            "gold_dim_date",
        ),
        (RATES, "def fx_rates(", "def fx_rate(", "LK324", "fx_rates", "fx_rate"),
        (
            RATES,
            "fx_rates(documents: DataFrame)",
            "fx_rates(documents: DataFrame, more: int)",
            "LK325",
            "",
            "",
        ),
        (RATES, "fx_rates(documents: DataFrame)", "fx_rates(*, documents: DataFrame)", "LK325", "", ""),
        (EVENTS, "def loan_events(", "def loan_event(", "LK324", "loan_events", "loan_event"),
        (EVENTS, "*, messages: DataFrame", "*, message: DataFrame", "LK325", "message", "messages"),
    ],
)
def test_a_function_that_does_not_fit_is_a_fault_with_the_nearest_name(
    file: str, old: str, new: str, code: str, value: str, nearest: str, root: Path
) -> None:
    change(root, file, old, new)
    # A function that reads none of its inputs also leaves its table undriven.
    (fault,) = [f for f in faults_of(root) if f.code not in ("LK326", "LK336")]
    near = fault.nearest if nearest else ""
    assert (fault.file, fault.code, fault.value, near) == (file, code, value, nearest)
    assert fault.wanted


def test_a_misspelt_parameter_is_reported_where_it_is_written(root: Path) -> None:
    at = change(root, GOLD, "silver_products: D", "silver_product: D")
    assert next((f.line, f.column) for f in faults_of(root) if f.code == "LK325") == at


def test_a_default_is_no_way_round_the_names_of_tables(root: Path) -> None:
    change(root, GOLD, "*, silver_products: DataFrame", "*, silver_products: DataFrame, limit: int = 10")
    assert [(f.code, f.value) for f in faults_of(root)] == [("LK325", "limit")]


@pytest.mark.parametrize("body", ["def products(:\n", "x = (\n", "def f():\nreturn 1\n", "x = '\0'\n"])
def test_a_file_that_is_no_python_is_one_fault_with_its_line(body: str, root: Path) -> None:
    file = root / GOLD
    text = file.read_text(encoding="utf-8")
    file.write_text(text + body, encoding="utf-8")
    (fault,) = faults_of(root)
    assert (fault.code, fault.file) == ("LK323", GOLD)
    assert fault.line >= text.count("\n") + 1 or "null" in fault.what


def test_a_file_is_read_and_never_run(root: Path) -> None:
    file = root / GOLD
    file.write_text(
        f"raise SystemExit('run')\n{file.read_text(encoding='utf-8')}".replace(
            "from __future__ import annotations\n", "", 1
        ),
        encoding="utf-8",
    )
    assert faults_of(root) == []
    assert "lakehouse_project.pipelines.retail.transforms.silver_to_gold" not in sys.modules


@pytest.mark.parametrize(
    ("table", "driving", "file"),
    [("dim_product", "silver.products", GOLD), ("loan_kpis", "silver.loan_states", KPIS)],
)
def test_a_table_is_driven_by_what_is_read_for_it(table: str, driving: str, file: str, root: Path) -> None:
    change(root, f"schemas/gold/{table}.schema.json", f'"{driving}"', '"silver.orders"')
    driven = [f for f in faults_of(root) if f.code == "LK326"]
    assert [(f.file, f.value) for f in driven] == [(file, "silver.orders")]
    assert driven[0].line


def test_a_table_that_is_read_and_neither_drives_nor_is_depended_on_is_a_fault(root: Path) -> None:
    file = root / "schemas/gold/fact_sales.schema.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    del document["x-lake"]["depends_on"]
    file.write_text(json.dumps(document), encoding="utf-8")
    faults = [f for f in faults_of(root) if f.code == "LK336"]
    assert [(f.file, f.value) for f in faults] == [(GOLD, "gold.dim_customer"), (GOLD, "gold.dim_product")]


def test_tables_of_one_job_that_are_made_from_one_another_are_a_fault(root: Path) -> None:
    change(
        root,
        GOLD,
        "*, silver_products: DataFrame",
        "*, silver_products: DataFrame, gold_fact_sales: DataFrame",
    )
    (fault,) = [f for f in faults_of(root) if f.code == "LK327"]
    assert "gold.dim_product" in fault.what
    assert "gold.fact_sales" in fault.what


def test_a_job_with_two_python_files_is_a_fault(root: Path) -> None:
    rows = root / "pipelines/retail/proc.csv"
    rows.write_text(
        rows.read_text(encoding="utf-8")
        + "RP099,R008,more,transforms/bronze_to_silver.py,2,2,90,,Airflow,retail_daily,\n",
        encoding="utf-8",
    )
    (fault,) = faults_of(root)
    assert (fault.code, fault.file, fault.line) == ("LK316", "pipelines/retail/job.csv", 9)
