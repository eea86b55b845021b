"""Who sees what, judged by an independent reading of the files: every combination of role and column, by sets
of plain dictionaries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lakehouse.access import load_policy
from lakehouse.access.evaluate import matches, view
from lakehouse.contracts import load_schemas
from lakehouse.project import project_root
from tests.lakehouse.access.builders import edit, faults_of, write
from tests.lakehouse.contracts.builders import NO_PII, place

METADATA = ["_ingest_ts", "_batch_id", "_source_system", "_run_date"]
PROJECT = project_root()


def read(root: Path, name: str) -> Any:
    return yaml.safe_load((root / "lakeformation" / f"{name}.yml").read_text())


def columns_of(root: Path) -> list[tuple[str, str, dict[str, str]]]:
    """(table, column, its tags), as the files say it, without the code that is judged."""
    tags, found = read(root, "tags")["tags"], []
    for layer in ("bronze", "silver", "gold"):
        for table, owner, mode, columns in sorted(documents(root, layer), key=lambda d: d[0]):
            inherited = {}
            for key, tag in tags.items():
                stated = [
                    tag.get("default"),
                    tag.get("layers", {}).get(layer),
                    tag.get("owners", {}).get(owner),
                ]
                stated.append(tag.get("tables", {}).get(table))
                inherited[key] = [value for value in stated if value is not None][-1]
            for column, stated_tags in columns.items():
                found.append((table, column, {**inherited, **stated_tags}))
            found += [
                (table, column, inherited) for column in METADATA if layer == "bronze" and mode == "append"
            ]
    return found


def documents(root: Path, layer: str) -> Iterator[tuple[str, str, str, dict[str, dict[str, str]]]]:
    """(table, owner, write, tags of each column) of the contracts of both forms."""
    for file in (root / "schemas" / layer).glob("*.schema.json"):
        document = json.loads(file.read_text())
        columns = {n: p.get("x-lake", {}).get("tags", {}) for n, p in document["properties"].items()}
        lake = document["x-lake"]
        yield f"{layer}.{file.name.split('.')[0]}", lake["owner"], lake["write"], columns
    for file in (root / "schemas" / layer).glob("[!.]*.yml"):
        if not file.name.endswith(".dq.yml"):
            short = yaml.safe_load(file.read_text())
            columns = {name: short_tags(line) for name, line in short["columns"].items()}
            yield f"{layer}.{file.stem}", short["owner"], short.get("write", "append"), columns


def short_tags(column: Any) -> dict[str, str]:
    """The tags of a column of a short contract, which is a line of words or a mapping."""
    if isinstance(column, dict):
        return dict(column["tags"])
    return dict(re.findall(r"\b(pii)=(\w+)", column.split(" | ")[0]))


def expected(root: Path, role: str) -> dict[tuple[str, str], str]:
    """(table, column) → all, some, or nothing at all."""
    seen = {}
    filters, grants = read(root, "row_filters")["filters"], read(root, "grants")["grants"]
    for table, column, tags in columns_of(root):
        for row_filter in filters:
            inside = (
                column in row_filter["columns"]
                if "columns" in row_filter
                else column not in row_filter.get("except_columns", [])
            )
            if row_filter["role"] == role and row_filter["table"] == table and inside:
                seen[table, column] = "some"
        for grant in grants:
            if grant["role"] != role or "select" not in grant["permissions"]:
                continue
            if "tags" in grant and not [key for key in grant["tags"] if tags[key] not in grant["tags"][key]]:
                seen[table, column] = "all"
            if grant.get("table") == table and column in grant.get("columns", [column]):
                seen[table, column] = "all"
    return seen


def found(root: Path, role: str) -> dict[tuple[str, str], str]:
    views = view(load_policy(root), role, load_schemas(root).contracts)
    return {
        (v.table, c.column): "some" if c.rows else "all"
        for v in views
        for c in v.columns
        if c.state != "denied"
    }


@pytest.mark.parametrize("role", read(PROJECT, "grants")["roles"])
def test_each_role_of_the_project_sees_what_the_files_say(role: str) -> None:
    assert found(PROJECT, role) == expected(PROJECT, role)


@pytest.mark.parametrize("role", ["analyst", "steward"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rows: [all]", "rows: [all]"),
        ("pii: [none], rows: [all]", "domain: [loans], rows: [all]"),
        ("{layer: [silver, gold], pii: [none], rows: [all]}", "{layer: [bronze], pii: [email]}"),
        ("{pii: [none, masked, email]}", "{layer: [gold]}"),
        ("    columns: [order_id, amount]\n", ""),
        (
            "[select]\njobs",
            "[select]\n  - {role: analyst, table: bronze.orders, permissions: [select]}\njobs",
        ),
    ],
)
def test_other_grants_are_evaluated_alike(role: str, old: str, new: str, tmp_path: Path) -> None:
    write(tmp_path)
    edit(tmp_path, "lakeformation/grants.yml", old, new)
    assert found(tmp_path, role) == expected(tmp_path, role)
    assert found(tmp_path, "analyst") != {}


WORDS = st.sampled_from(["a", "b", "c"])


@given(st.dictionaries(WORDS, st.lists(WORDS, min_size=1), min_size=1), st.dictionaries(WORDS, WORDS))
def test_an_expression_is_and_across_tags_and_or_within(
    expression: dict[str, list[str]], tags: dict[str, str]
) -> None:
    pairs = set(tags.items())
    assert matches(expression, tags) == all(
        any((key, value) in pairs for value in values) for key, values in expression.items()
    )


def test_nobody_but_the_steward_reads_personal_data_in_the_clear() -> None:
    clear = {(t, c) for t, c, tags in columns_of(PROJECT) if tags["pii"] not in ("none", "masked")}
    readers = {role for role in read(PROJECT, "grants")["roles"] if clear & set(found(PROJECT, role))}
    assert clear
    assert readers == {"steward"}


def test_personal_data_in_the_clear_is_in_bronze_only_but_for_protected_attributes() -> None:
    clear = {(t.split(".")[0], tags["pii"]) for t, _, tags in columns_of(PROJECT)}
    outside = {pii for layer, pii in clear if layer != "bronze"}
    assert outside == {"none", "masked", "protected"}


def test_the_analyst_sees_neither_age_nor_marital_status() -> None:
    columns = {column for _, column in found(PROJECT, "analyst")}
    assert {"customer_id", "income", "home_ownership"} <= columns
    assert not columns & {"age", "marital_status", "age_band", "age_years"}


def test_a_column_that_states_no_pii_is_a_fault_at_its_line(tmp_path: Path) -> None:
    write(tmp_path)
    text = edit(tmp_path, "schemas/gold/orders.schema.json", NO_PII, "}")
    faults = [(f.code, f.value, f.line) for f in faults_of(tmp_path)]
    assert faults == [("LK411", "order_id", place(text, '"order_id": {')[0])]


def test_viewers_and_operators_read_no_row_and_know_no_bronze() -> None:
    policy, contracts = load_policy(), load_schemas().contracts
    for role in ("viewers", "operators"):
        assert found(PROJECT, role) == {}
        assert {v.table.split(".")[0] for v in view(policy, role, contracts) if v.described} == {
            "silver",
            "gold",
        }


def test_an_analyst_sees_customers_as_they_are_now_without_the_hash() -> None:
    seen = found(PROJECT, "analyst")
    assert seen["gold.dim_customer", "customer_sk"] == "some"
    assert ("gold.dim_customer", "email_hash") not in seen


def test_the_groups_of_the_loyalty_programme_may_look_and_run() -> None:
    roles = load_policy().roles
    assert {g: r.may for r in roles.values() for g in r.groups if g.startswith("loyalty")} == {
        "loyalty-viewers": ["watch"],
        "loyalty-operators": ["watch", "run"],
    }
