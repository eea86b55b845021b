"""Lake Formation is on, nobody is granted what they must not be, and people reach data only through it."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest
import yaml

from lakehouse.contracts import load_schemas
from lakehouse.environments import load_environment, names
from lakehouse.environments.names import Zone
from lakehouse.project import Project, project_root

NAMES = tuple(Project.find().settings.environments)

ENV = load_environment("prod")
PEOPLE = ("analyst", "data_engineer", "steward", "ml", "viewers", "operators")
STATED = yaml.safe_load((project_root() / "lakeformation" / "grants.yml").read_text())


@pytest.fixture(scope="module")
def prod(synthesized: Any) -> dict[str, Any]:
    resources: dict[str, Any] = synthesized("prod")["resource"]
    return resources


def permissions(resources: dict[str, Any]) -> list[dict[str, Any]]:
    """Every grant: those of one resource, and those that `for_each` makes."""
    found = []
    for name, body in resources["aws_lakeformation_permissions"].items():
        each = body.get("for_each")
        for entry in each.values() if each else [{}]:
            filled = json.loads(json.dumps(body))
            if each:
                filled = fill(filled, entry)
            found.append({"place": name, **filled})
    return found


def fill(value: Any, entry: dict[str, Any]) -> Any:
    """As Terraform does for one entry of a `for_each`."""
    if isinstance(value, dict):
        return {k: fill(v, entry) for k, v in value.items() if k != "for_each"}
    if isinstance(value, str) and value.startswith("${each.value."):
        return entry[value.removeprefix("${each.value.").removesuffix("}")]
    return value


def person(role: str) -> str:
    return f"${{aws_iam_role.role_person_{role}.arn}}"


def statements(resources: dict[str, Any], role: str) -> list[dict[str, Any]]:
    document = json.loads(resources["aws_iam_role_policy"][f"role_policy_person_{role}"]["policy"])
    found: list[dict[str, Any]] = document["Statement"]
    return found


def several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("env", NAMES)
def test_new_tables_are_given_to_nobody_in_either_region_and_the_deployer_alone_administers(
    synthesized: Any, env: str
) -> None:
    settings = synthesized(env)["resource"]["aws_lakeformation_data_lake_settings"]
    account = load_environment(env).account
    assert {body.get("provider") for body in settings.values()} == {None, "aws.replica"}
    for body in settings.values():
        assert (body["create_database_default_permissions"], body["create_table_default_permissions"]) == (
            [],
            [],
        )
        assert body["admins"] == [f"arn:aws:iam::{account}:role/lakehouse-deployer"]


def test_no_database_is_made_before_the_settings_are(prod: dict[str, Any]) -> None:
    for name, body in prod["aws_glue_catalog_database"].items():
        settings = "settings_replica" if body.get("provider") == "aws.replica" else "settings"
        assert f"aws_lakeformation_data_lake_settings.{settings}" in body["depends_on"], name


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


def test_each_zone_of_tables_is_registered_without_hybrid_access_by_a_role_that_only_reads(
    prod: dict[str, Any],
) -> None:
    found = prod["aws_lakeformation_resource"]
    assert {body["arn"] for body in found.values()} == {
        f"arn:aws:s3:::{names.bucket(ENV, z)}" for z in (Zone.BRONZE, Zone.SILVER, Zone.GOLD)
    }
    for body in found.values():
        assert body["hybrid_access_enabled"] is False
        assert body["role_arn"] == "${aws_iam_role.role_data_access.arn}"
    policy = json.loads(prod["aws_iam_role_policy"]["role_policy_data_access"]["policy"])
    actions = {a for s in policy["Statement"] for a in several(s["Action"])}
    assert actions == {"s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject", "kms:Decrypt"}
    assert not [s for s in policy["Statement"] if "*" in several(s["Resource"])]


def attached(prod: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, str]]:
    """(layer, table, column) → its own tags; empty names for what stands above."""
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for body in prod["aws_lakeformation_resource_lf_tags"].values():
        values = {
            t["key"].removeprefix("${aws_lakeformation_lf_tag.tag_").removesuffix(".key}"): t["value"]
            for t in body["lf_tag"]
        }
        assert len(values) == len(body["lf_tag"]), "one value per key and resource"
        if "database" in body:
            places = [(body["database"]["name"].split("database_")[1].split(".")[0], "", "")]
        else:
            table = body.get("table") or body["table_with_columns"]
            layer, name = (
                table["name"]
                .split(".table_")[-1]
                .split("aws_glue_catalog_table.table_")[-1]
                .split(".")[0]
                .split("_", 1)
            )
            places = [(layer, name, column) for column in table.get("column_names", [""])]
        for place in places:
            assert place not in found, place
            found[place] = values
    return found


def test_every_column_with_personal_data_carries_its_tag(prod: dict[str, Any]) -> None:
    tags = attached(prod)
    stated = {
        (c.layer, c.name, column.name): column.lake.tags["pii"]
        for c in load_schemas().contracts.values()
        for column in c.columns
        if column.lake.tags
    }
    assert stated
    assert {place: values["pii"] for place, values in tags.items() if place[2]} == stated


def test_what_terraform_is_told_lets_nobody_but_the_steward_read_personal_data_in_the_clear(
    prod: dict[str, Any],
) -> None:
    tags, readers = attached(prod), set()
    for (layer, table, column), own in tags.items():
        if own.get("pii", "none") in ("none", "masked"):
            continue
        effective = {**tags[layer, "", ""], **tags.get((layer, table, ""), {}), **own}
        for grant in permissions(prod):
            policy = grant.get("lf_tag_policy", {"resource_type": "", "expression": []})
            wanted = {e["key"].split("tag_")[-1].split(".")[0]: e["values"] for e in policy["expression"]}
            reads = policy["resource_type"] == "TABLE" and "SELECT" in grant["permissions"]
            if reads and all(effective.get(key) in values for key, values in wanted.items()):
                readers.add(grant["principal"])
            cells = grant.get("data_cells_filter")
            assert not (cells and f"table_{layer}_{table}." in cells["table_name"]), (
                "a filter on a table of personal data"
            )
        assert effective["layer"] == "bronze", (table, column)
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
    assert "email_hash" not in data["column_names"]
    assert len(data["column_names"]) == 15


@pytest.mark.parametrize("role", PEOPLE)
def test_a_person_comes_in_by_the_identity_provider_and_a_group_of_the_role(
    prod: dict[str, Any], role: str
) -> None:
    made = prod["aws_iam_role"][f"role_person_{role}"]
    assert made["name"] == f"lakehouse-prod-{role}"
    (trust,) = json.loads(made["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"Federated": f"arn:aws:iam::{ENV.account}:saml-provider/company"}
    assert trust["Action"] == "sts:AssumeRoleWithSAML"
    assert trust["Condition"]["StringEquals"] == {"SAML:aud": "https://signin.aws.amazon.com/saml"}
    assert trust["Condition"]["ForAnyValue:StringEquals"] == {
        "saml:edupersonaffiliation": STATED["roles"][role]["groups"]
    }


@pytest.mark.parametrize("role", PEOPLE)
def test_a_person_has_no_way_to_a_zone_but_through_lake_formation(prod: dict[str, Any], role: str) -> None:
    tables = [f"arn:aws:s3:::{names.bucket(ENV, zone)}/x" for zone in Zone if zone is not Zone.ATHENA]
    for statement in statements(prod, role):
        actions, resources = several(statement["Action"]), several(statement["Resource"])
        assert not [a for a in actions if a == "*" or a.endswith(":*")]
        assert ("*" in resources) == statement["Sid"].startswith("Any")
        if any(a.startswith("s3:") for a in actions):
            assert not [
                (r, t) for r in resources for t in tables if fnmatchcase(t, r) or t.startswith(f"{r}/")
            ]


def test_only_who_may_run_starts_jobs_and_nobody_changes_one(prod: dict[str, Any]) -> None:
    actions = {role: {a for s in statements(prod, role) for a in several(s["Action"])} for role in PEOPLE}
    assert {role for role, may in actions.items() if "glue:StartJobRun" in may} == {
        "data_engineer",
        "operators",
    }
    assert {role for role, may in actions.items() if "glue:GetJobRuns" in may} == {
        "data_engineer",
        "operators",
        "viewers",
    }
    assert {role for role, may in actions.items() if "lakeformation:GetDataAccess" in may} == {
        "analyst",
        "data_engineer",
        "steward",
        "ml",
    }
    for may in actions.values():
        assert not {
            a
            for a in may
            if a.startswith("glue:") and a.split(":")[1].startswith(("Create", "Update", "Delete", "Put"))
        }
    jobs = {
        r
        for role in PEOPLE
        for s in statements(prod, role)
        if "glue:StartJobRun" in s["Action"]
        for r in several(s["Resource"])
    }
    assert jobs == {f"arn:aws:glue:{ENV.region}:{ENV.account}:job/lakehouse-prod-*"}


def test_each_role_that_queries_has_results_that_no_other_can_read(prod: dict[str, Any]) -> None:
    bucket = names.bucket(ENV, Zone.ATHENA)
    for role in ("analyst", "data_engineer", "steward", "ml"):
        configuration = prod["aws_athena_workgroup"][f"workgroup_{role}"]["configuration"]
        assert configuration["enforce_workgroup_configuration"] is True
        assert configuration["result_configuration"]["output_location"] == f"s3://{bucket}/people/{role}/"
        assert (
            configuration["result_configuration"]["encryption_configuration"]["encryption_option"]
            == "SSE_KMS"
        )
        (own,) = [s for s in statements(prod, role) if s["Sid"] == "OwnResults"]
        assert own["Resource"] == f"arn:aws:s3:::{bucket}/people/{role}/*"
        (ask,) = [s for s in statements(prod, role) if s["Sid"] == "Ask"]
        assert ask["Resource"].endswith(f":workgroup/lakehouse-prod-{role}")
