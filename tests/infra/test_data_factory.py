"""An environment that names a data factory: what the stack gives Airflow, and what it stops to expect."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from infra.facts import Facts, read_facts
from infra.parts.alerting import job_catalog
from infra.parts.encryption.secrets import declared_secrets
from infra.parts.orchestration.airflow import airflow_options
from lakehouse.environments.systems import DataFactory
from lakehouse.orchestration.plan import plan
from lakehouse.pipelines import load_pipelines
from lakehouse.project import project_root
from lakehouse.reading.faults import Collector

FACTORY = {
    "subscription": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    "resource_group": "loans-rg",
    "factory": "loans-factory",
}
ADF = {"ingest_loan_applications": "loan_app_ingest", "ingest_loan_book": "loan_book_ingest"}
DAGS = project_root() / "mwaa_dags"


@pytest.fixture(scope="module")
def facts() -> Facts:
    """Those of prod with a factory."""
    read = read_facts("prod")
    env = read.env.model_copy(update={"data_factory": DataFactory.model_validate(FACTORY)})
    return replace(read, env=env)


def test_jobs_of_the_factory_are_planned_as_its_pipelines_and_no_others(facts: Facts) -> None:
    faults = Collector(project_root())
    specs = plan(facts.env, load_pipelines().values(), faults)
    planned = {t.job.name: t.factory_pipeline for spec in specs for t in spec.tasks if t.factory_pipeline}
    assert (planned, faults.faults) == (ADF, [])
    without = plan(read_facts("prod").env, load_pipelines().values(), faults)
    assert not any(task.factory_pipeline for spec in without for task in spec.tasks)


def test_airflow_finds_one_connection_in_secrets_manager_and_only_there(facts: Facts) -> None:
    options = airflow_options(facts.env)
    assert options["secrets.backend"].endswith("SecretsManagerBackend")
    looked_up = json.loads(options["secrets.backend_kwargs"])
    assert looked_up["connections_prefix"] == "lakehouse/prod"
    assert re.fullmatch(looked_up["connections_lookup_pattern"], "azure_data_factory")
    assert (looked_up["variables_prefix"], looked_up["config_prefix"]) == (None, None)
    assert "azure_data_factory" in declared_secrets(facts)
    plain = read_facts("prod")
    assert not [name for name in airflow_options(plain.env) if name.startswith("secrets.")]
    assert "azure_data_factory" not in declared_secrets(plain)


def test_the_checker_expects_no_run_of_a_job_that_the_factory_runs(facts: Facts) -> None:
    jobs = {job["name"]: job for job in job_catalog.document(facts)["jobs"]}
    assert {jobs[name]["schedule"] for name in ADF} == {""}
    assert not set(jobs["bronze_transform"]["depends_on"]) & set(ADF)
    usual = {job["name"]: job for job in job_catalog.document(read_facts("prod"))["jobs"]}
    assert all(usual[name]["schedule"] for name in ADF)


@pytest.mark.parametrize("version", ["3.2.1", "3.0.6"])
def test_the_provider_is_in_the_requirements_of_a_factory_alone_and_pinned_as_mwaa_pins_it(
    version: str,
) -> None:
    constraints = (DAGS / f"constraints-{version}.txt").read_text()
    usual, factory = (
        [
            line
            for line in (DAGS / f"requirements-{version}{end}.txt").read_text().splitlines()
            if line[0] != "#"
        ]
        for end in ("", "-data-factory")
    )
    (provider,) = set(factory) - set(usual)
    assert provider.startswith("apache-airflow-providers-microsoft-azure==")
    assert provider in constraints.splitlines()
    assert set(usual) - set(factory) == {"--no-index"}
