"""What the files of the loan pipeline say.

They are the rows of its owners, the copy templates as Data Factory exports them, and tables that know their
origin.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lakehouse.contracts import load_schemas
from lakehouse.environments import load_environment
from lakehouse.pipelines import Job, Pipeline, load_pipelines
from lakehouse.pipelines.source_binding import sourced
from lakehouse.project import project_root
from sample_data.loans import APPLICATIONS_PREFIX, BOOK_PREFIX, CORE_BANKING, CRM
from tests.lakehouse.pipelines import loans as stated

FOLDER = project_root() / "pipelines" / "loans"


@pytest.fixture(scope="module")
def loans() -> Pipeline:
    return load_pipelines()["loans"]


def rows(file: Path, columns: list[str]) -> list[list[str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return [[row[c] for c in columns] for row in csv.DictReader(lines)]


@pytest.mark.parametrize("name", ["job", "proc"])
def test_jobs_and_procs_are_those_of_their_owners(name: str) -> None:
    header, *expected = stated.cells(getattr(stated, name.upper()))
    assert rows(FOLDER / f"{name}.csv", header) == expected


def test_parameters_of_the_owners_are_there_and_only_what_the_platform_needs_was_added() -> None:
    header, *expected = stated.cells(stated.PARAM)
    cells = rows(FOLDER / "proc_param.csv", header)
    assert cells[: len(expected)] == expected
    assert [(proc, name) for proc, name, *_ in cells[len(expected) :]] == [
        ("P003", "pii_key"),
        ("P006", "writes"),
        ("P006", "connection"),
    ]


def test_every_job_finds_its_file_and_says_what_it_reads_and_writes(loans: Pipeline) -> None:
    tables_of = {j.name: (j.reads, j.writes) for j in loans.jobs}
    assert tables_of == {
        "ingest_loan_applications": ((), ("bronze.loan_applications",)),
        "ingest_loan_book": ((), ("bronze.loan_book",)),
        "bronze_transform": (("bronze.loan_applications", "bronze.loan_book"), ("bronze.loan_raw",)),
        "silver_transform": (("bronze.loan_raw", "bronze.loan_book"), ("silver.loans", "silver.loan_states")),
        "gold_kpi_aggregation": (("silver.loans", "silver.loan_states"), ("gold.loan_kpis",)),
        "streaming_loan_events": ((), ("bronze.loan_events",)),
    }
    assert all((project_root() / p.file).is_file() for j in loans.jobs for p in j.procs)


def test_a_laptop_runs_all_six_and_dev_does_not_stream(loans: Pipeline) -> None:
    runs = {
        env: {j.job_id for j in loans.jobs if j.runs_in(load_environment(env))}
        for env in ("local", "dev", "staging", "prod")
    }
    assert runs == {
        "local": {f"J00{n}" for n in range(1, 7)},
        "dev": {f"J00{n}" for n in range(1, 6)},
        "staging": set(),
        "prod": runs["local"],
    }


@pytest.mark.parametrize(
    ("job", "table", "system", "prefix", "form", "names"),
    [
        ("ingest_loan_applications", "loan_applications", "crm", APPLICATIONS_PREFIX, "json_lines", CRM),
        ("ingest_loan_book", "loan_book", "core_banking", BOOK_PREFIX, "csv", CORE_BANKING),
    ],
)
def test_template_says_where_a_table_comes_from_and_which_field_is_which_column(
    loans: Pipeline, job: str, table: str, system: str, prefix: str, form: str, names: dict[str, str]
) -> None:
    contract = load_schemas().contracts[f"bronze.{table}"]
    assert contract.lake.source is None
    contract_of_job = sourced(loans.job(job), contract)
    assert contract_of_job.lake.source
    assert (
        contract_of_job.lake.source.kind,
        contract_of_job.lake.source.object + "/",
        contract_of_job.lake.source.format,
    ) == (
        "landing",
        prefix,
        form,
    )
    assert contract_of_job.lake.source.system == system
    assert {c.name: c.source_name for c in contract_of_job.columns} == names
    assert all(source_name != field for source_name, field in names.items()), "the mapping matters"


def test_key_of_the_crm_is_a_name_wherever_it_is_written(loans: Pipeline) -> None:
    job: Job = loans.job("ingest_loan_applications")
    key = next(p for p in job.params if p.name == "sensitive_api_key")
    assert (key.secure, key.value, job.secrets) == (True, "{{ secret('api_key') }}", ("api_key",))
