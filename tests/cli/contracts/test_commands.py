"""`lakehouse contracts`: each form of the other, shown or written in its place."""

from __future__ import annotations

import json

import yaml

from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import Tree

TABLE = "bronze.crm_accounts"


def test_contract_is_shortened_in_its_place_and_expanded_again(lakehouse: Call, tree: Tree) -> None:
    folder = tree.root / "schemas" / "bronze"
    before = [(folder / f"crm_accounts{ending}").read_text() for ending in (".schema.json", ".dq.yml")]
    answer = lakehouse("contracts", "shorten", TABLE, "--write", "--project", str(tree.root))
    assert (answer.code, answer.out) == (0, "schemas/bronze/crm_accounts.yml\n")
    assert [f.name for f in folder.glob("crm_accounts.*")] == ["crm_accounts.yml"]
    assert lakehouse("validate", "--project", str(tree.root)).code == 0
    assert lakehouse("contracts", "expand", TABLE, "--write", "--project", str(tree.root)).code == 0
    after = [(folder / f"crm_accounts{ending}").read_text() for ending in (".schema.json", ".dq.yml")]
    columns = [list(json.loads(text)["properties"].items()) for text in (before[0], after[0])]
    assert columns[0] == columns[1]
    suites = [yaml.safe_load(text)["expectations"] for text in (before[1], after[1])]
    assert len(suites[0]) == len(suites[1])


def test_forms_are_shown_without_a_change(lakehouse: Call, tree: Tree) -> None:
    shown = lakehouse("contracts", "shorten", TABLE, "--project", str(tree.root))
    assert "string key pii=none" in shown.out
    document, _, suite = lakehouse("contracts", "expand", TABLE, "--project", str(tree.root)).out.partition(
        "---\n"
    )
    assert json.loads(document)["$id"] == "bronze/crm_accounts"
    assert yaml.safe_load(suite)["table"] == TABLE
    assert (tree.root / "schemas/bronze/crm_accounts.schema.json").exists()


def test_table_that_is_none_or_has_a_fault_is_one_clear_error(lakehouse: Call, tree: Tree) -> None:
    answer = lakehouse("contracts", "shorten", "bronze.crm_account", "--project", str(tree.root))
    assert answer.code == 2
    assert "did you mean 'bronze.crm_accounts'?" in answer.err
    (tree.root / "schemas/bronze/crm_accounts.dq.yml").write_text("table: bronze.crm_accounts\n")
    answer = lakehouse("contracts", "shorten", TABLE, "--project", str(tree.root))
    assert answer.code == 2
    assert "crm_accounts.dq.yml:1:1: LK102 key 'expectations' is missing" in answer.err
