"""Reads the grants and roles of a synthesized stack."""

from __future__ import annotations

import json
from typing import Any

import yaml

from lakehouse.environments import load_environment
from lakehouse.project import Project, project_root

NAMES = tuple(Project.find().settings.environments)
ENV = load_environment("prod")
PEOPLE = ("analyst", "data_engineer", "steward", "ml", "viewers", "operators")
STATED = yaml.safe_load((project_root() / "lakeformation" / "grants.yml").read_text())


def permissions(resources: dict[str, Any]) -> list[dict[str, Any]]:
    """Every grant: those of one resource, and those that `for_each` makes."""
    grants = []
    for name, body in resources["aws_lakeformation_permissions"].items():
        each = body.get("for_each")
        for entry in each.values() if each else [{}]:
            filled = json.loads(json.dumps(body))
            if each:
                filled = fill(filled, entry)
            grants.append({"place": name, **filled})
    return grants


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
    statements: list[dict[str, Any]] = document["Statement"]
    return statements


def several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def attached(prod: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, str]]:
    """(layer, table, column) → its own tags; empty names for what stands above."""
    tags: dict[tuple[str, str, str], dict[str, str]] = {}
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
        for address in places:
            assert address not in tags, address
            tags[address] = values
    return tags
