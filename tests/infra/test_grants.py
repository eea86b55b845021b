"""The grants of people and jobs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.infra.lake_formation import (
    NAMES,
    PEOPLE,
    attached,
    permissions,
    person,
)


@pytest.fixture(scope="module")
def prod(synthesized: Any) -> dict[str, Any]:
    resources: dict[str, Any] = synthesized("prod")["resource"]
    return resources


@pytest.mark.parametrize("env", NAMES)
def test_everybody_is_named_nowhere(synthesized: Any, env: str) -> None:
    resources = synthesized(env)["resource"]
    kinds = {kind: body for kind, body in resources.items() if "lakeformation" in kind}
    text = json.dumps(kinds).upper().replace("_", "")
    assert "IAMALLOWEDPRINCIPALS" not in text
    assert "ALLIAMPRINCIPALS" not in text
    for grant in permissions(resources):
        assert grant["principal"].startswith("${aws_iam_role.role_"), grant["place"]


def test_who_deploys_is_granted_nothing(prod: dict[str, Any]) -> None:
    assert not [g for g in permissions(prod) if "deployer" in g["principal"]]


def test_what_terraform_is_told_lets_nobody_but_the_steward_read_personal_data_in_the_clear(
    prod: dict[str, Any],
) -> None:
    tags, readers = attached(prod), set()
    for (layer, table, column), column_tags in tags.items():
        if column_tags.get("pii", "none") in ("none", "masked"):
            continue
        effective = {**tags[layer, "", ""], **tags.get((layer, table, ""), {}), **column_tags}
        for grant in permissions(prod):
            policy = grant.get("lf_tag_policy", {"resource_type": "", "expression": []})
            expected = {e["key"].split("tag_")[-1].split(".")[0]: e["values"] for e in policy["expression"]}
            reads = policy["resource_type"] == "TABLE" and "SELECT" in grant["permissions"]
            if reads and all(effective.get(key) in values for key, values in expected.items()):
                readers.add(grant["principal"])
        filtered = [
            name
            for body in prod["aws_lakeformation_data_cells_filter"].values()
            for data in body["table_data"]
            if f"table_{layer}_{table}." in data["table_name"]
            for name in data["column_names"]
        ]
        assert column not in filtered, "a filter shows personal data"
        assert effective["layer"] == "bronze" or column_tags["pii"] == "protected", (table, column)
    assert readers == {person("steward")}


def test_people_are_granted_by_tags_and_filters_to_read_and_jobs_by_name(prod: dict[str, Any]) -> None:
    for grant in permissions(prod):
        kind = next(
            k
            for k in ("lf_tag_policy", "data_cells_filter", "table", "database", "data_location")
            if k in grant
        )
        if grant["principal"] in map(person, PEOPLE):
            assert kind in ("lf_tag_policy", "data_cells_filter")
            assert set(grant["permissions"]) <= {"DESCRIBE", "SELECT"}
        else:
            assert kind in ("table", "database", "data_location")
            assert grant["principal"].startswith("${aws_iam_role.role_job_")


def test_no_principal_has_grants_on_whole_tables_and_on_columns(prod: dict[str, Any]) -> None:
    tables = {g["principal"] for g in permissions(prod) if "table" in g}
    assert not tables & {g["principal"] for g in permissions(prod) if "table_with_columns" in g}


def test_a_job_is_granted_exactly_the_tables_of_its_row(prod: dict[str, Any]) -> None:
    def of(job: str, kind: str) -> dict[str, set[str]]:
        mine = [
            g
            for g in permissions(prod)
            if g["principal"] == f"${{aws_iam_role.role_job_{job}.arn}}" and kind in g
        ]
        return {
            g[kind].get("name", g[kind].get("arn", "")).split(".")[1]: set(g["permissions"]) for g in mine
        }

    reads, writes = {"DESCRIBE", "SELECT"}, {"DESCRIBE", "SELECT", "INSERT", "DELETE", "ALTER"}
    assert of("redshift_to_bronze", "table") == {"table_bronze_redshift_behavior": writes}
    gold = of("silver_to_gold", "table")
    assert {t for t, p in gold.items() if p == reads} == {
        f"table_silver_{t}" for t in ("customers", "products", "orders", "behavior")
    }
    assert {t for t, p in gold.items() if p == writes} == {
        f"table_gold_{t}"
        for t in ("dim_date", "dim_customer", "dim_product", "fact_sales", "fact_orders", "fact_behavior")
    }
    assert of("silver_to_gold", "data_location") == {"location_gold": {"DATA_LOCATION_ACCESS"}}
    assert of("dq_gold_gate", "data_location") == {}
    assert {frozenset(p) for p in of("register_glue", "table").values()} == {
        frozenset({"DESCRIBE", "SELECT", "ALTER"})
    }
    assert set(of("register_glue", "data_location")) == {"location_silver", "location_gold"}


def test_a_row_filter_names_its_columns_and_never_all(prod: dict[str, Any]) -> None:
    (body,) = prod["aws_lakeformation_data_cells_filter"].values()
    (data,) = body["table_data"]
    assert data["row_filter"] == [{"filter_expression": "is_current = true and is_deleted = false"}]
    assert not {"email_hash", "age", "marital_status"} & set(data["column_names"])
    assert len(data["column_names"]) == 13
