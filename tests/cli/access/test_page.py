"""`lakehouse access`: one page for an auditor."""

from __future__ import annotations

import json

from tests.cli.calls import Call


def test_a_role_is_shown_with_its_grants_columns_rows_and_what_it_does_not_see(lakehouse: Call) -> None:
    answer = lakehouse("access", "show", "--role", "analyst")
    assert (answer.code, answer.err) == (0, "")
    for line in (
        "# analyst",
        "- Granted describe, select on layer: gold; pii: none; rows: all.",
        "| gold.dim_customer | the other 13 columns |  | age, marital_status, email_hash "
        "| `is_current = true and is_deleted = false` | row filter current_customers |",
        "| gold.fact_sales | all 16 columns |  |  | all | layer: gold; pii: none; rows: all |",
    ):
        assert line in answer.out.splitlines()
    assert "Sees nothing of: bronze.crm_accounts," in answer.out
    assert "arn:" not in answer.out


def test_an_environment_adds_the_physical_names(lakehouse: Call) -> None:
    answer = lakehouse("access", "show", "--role", "viewers", "--env", "prod")
    assert "- iam_role: `arn:aws:iam::000000000003:role/lakehouse-prod-viewers`" in answer.out
    assert "workgroup" not in answer.out
    (known,) = [line for line in answer.out.splitlines() if line.startswith("Knows of, but reads no row: ")]
    assert "silver.behavior" in known


def test_machines_get_every_column(lakehouse: Call) -> None:
    data = json.loads(lakehouse("access", "show", "--role", "data_engineer", "--env", "dev", "--json").out)
    tables = {t["table"]: t for t in data["tables"]}
    states = {c["column"]: c["state"] for c in tables["bronze.crm_contacts"]["columns"]}
    assert (states["email"], states["country"], states["_run_date"]) == ("denied", "allowed", "allowed")
    assert {c["column"]: c["state"] for c in tables["silver.customers"]["columns"]}["email"] == "masked"
    assert tables["silver.customers"]["database"] == "lakehouse_dev_silver"
    assert data["workgroup"] == "lakehouse-dev-data_engineer"


def test_an_unknown_role_is_refused_with_the_nearest(lakehouse: Call) -> None:
    answer = lakehouse("access", "show", "--role", "analyts")
    assert answer.code == 2
    assert "did you mean 'analyst'?" in answer.err


def test_the_page_says_who_reads_personal_data() -> None:
    from cli.access.page import page
    from lakehouse.access import load_policy
    from lakehouse.contracts import load_schemas

    text = page(load_policy(), load_schemas())
    assert "| bronze.crm_contacts.email | email | steward |" in text
