"""Every fault of a policy is reported at its file, line and column, with the value, the shape that is wanted
and the nearest name.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.access import load_policy
from tests.lakehouse.access.builders import edit, faults_of, write
from tests.lakehouse.contracts.builders import place

TAGS, GRANTS, FILTERS = (f"lakeformation/{name}.yml" for name in ("tags", "grants", "row_filters"))
SILVER, BRONZE = "schemas/silver/orders.schema.json", "schemas/bronze/orders.schema.json"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path


def test_the_small_policy_is_sound(root: Path) -> None:
    assert list(load_policy(root).roles) == ["analyst", "steward"]


# file, what becomes what, code, where the fault then stands, value, nearest
CASES = {
    "tag-not-declared-in-a-grant": (GRANTS, "rows: [all]", "row: [all]", "LK401", "row: [all]", "row", "rows"),
    "tag-not-declared-in-a-contract": (SILVER, '{"pii": "masked"}', '{"pi": "masked", "pii": "masked"}', "LK401", '"pi"', "pi", "pii"),
    "value-not-allowed-in-a-grant": (GRANTS, "pii: [none]", "pii: [mask]", "LK402", "mask]", "mask", "masked"),
    "value-not-allowed-in-a-contract": (BRONZE, '{"pii": "email"}', '{"pii": "emial"}', "LK402", '"emial"', "emial", "email"),
    "value-not-allowed-as-a-default": (TAGS, "default: all", "default: al", "LK402", "al\n", "al", "all"),
    "value-not-allowed-of-an-owner": (TAGS, "{retail_data: retail}", "{retail_data: retial}", "LK402", "retial", "retial", "retail"),
    "value-not-allowed-of-a-layer": (TAGS, "silver: silver", "silver: slver", "LK402", "slver", "slver", "silver"),
    "grant-to-an-unknown-role": (GRANTS, "- role: steward", "- role: stewrd", "LK403", "stewrd", "stewrd", "steward"),
    "filter-for-an-unknown-role": (FILTERS, "role: analyst", "role: analysts", "LK403", "analysts", "analysts", "analyst"),
    "grant-on-an-unknown-table": (GRANTS, "table: gold.orders", "table: gold.order", "LK208", "gold.order\n", "gold.order", "gold.orders"),
    "filter-of-an-unknown-table": (FILTERS, "silver.orders", "silver.order", "LK208", "silver.order\n", "silver.order", "silver.orders"),
    "tag-of-an-unknown-table": (TAGS, "silver.orders:", "silver.ordres:", "LK208", "silver.ordres", "silver.ordres", "silver.orders"),
    "grant-on-an-unknown-column": (GRANTS, "[order_id, amount]", "[order_id, amuont]", "LK206", "amuont", "amuont", "amount"),
    "filter-without-an-unknown-column": (FILTERS, "[email]", "[email, ordr_id]", "LK206", "ordr_id", "ordr_id", "order_id"),
    "grant-to-everybody": (GRANTS, "- role: analyst", '- role: "*"', "LK405", '"*"', "*", ""),
    "grant-to-iam-allowed-principals": (GRANTS, "- role: analyst", "- role: IAM_ALLOWED_PRINCIPALS", "LK405", "IAM_", "IAM_ALLOWED_PRINCIPALS", ""),
    "role-of-everybody": (GRANTS, "groups: [analysts]", "groups: [everyone]", "LK405", "everyone", "everyone", ""),
    "rows-of-an-unknown-column": (FILTERS, "amount > 0", "amuont > 0", "LK406", "currency =", "amuont", "amount"),
    "rows-of-another-type": (FILTERS, "amount > 0", "amount > 'a'", "LK406", "currency =", "currency = 'EUR' and amount > 'a'", ""),
    "rows-that-are-no-expression": (FILTERS, "amount > 0", "amount >", "LK406", "currency =", "currency = 'EUR' and amount >", ""),
    "filter-that-shows-masked-data-unnamed": (FILTERS, "[email]", "[order_id]", "LK408", "euros", "email", ""),
    "owner-without-a-domain": (SILVER, '"owner": "retail_data"', '"owner": "retial_data"', "LK409", '"retial_data"', "retial_data", "retail_data"),
    "layer-without-a-value": (TAGS, ", gold: gold}\n  domain", "}\n  domain", "LK409", "layer:", "layer", ""),
    "masked-column-without-a-tag": (BRONZE, '"tags": {"pii": "email"}, ', "", "LK410", '"email"', "email", ""),
    "derived-column-without-a-tag": (SILVER, '"tags": {"pii": "masked"}, ', "", "LK410", '"email"', "email", ""),
    "unknown-key": (GRANTS, "    groups: [analysts]", "    group: [analysts]", "LK101", "group:", "group", "groups"),
    "missing-key": (FILTERS, "    reason: Only those.\n", "", "LK102", "name: euros", "reason", ""),
    "unknown-permission": (GRANTS, "[describe, select]", "[describe, selct]", "LK103", "selct", "selct", "select"),
    "no-value-of-a-tag": (GRANTS, "pii: [none]", "pii: []", "LK103", "[]", "[]", ""),
    "name-twice": (TAGS, "  rows:\n", "  pii:\n", "LK005", "pii:\n    description: Whether", "pii", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_reported_where_it_stands(name: str, root: Path) -> None:
    file, old, new, code, mark, value, nearest = CASES[name]
    text = edit(root, file, old, new)
    found = [f for f in faults_of(root) if f.code == code and f.file == file]
    assert found, faults_of(root)
    fault = found[0]
    assert (fault.line, fault.column) == place(text, mark), str(fault)
    assert (fault.value, fault.nearest) == (value, nearest)
    assert fault.wanted


def test_a_tag_of_personal_data_must_know_none_and_masked(root: Path) -> None:
    edit(root, TAGS, "masked: hidden, ", "")
    assert ("LK102", "masked") in {(f.code, f.value) for f in faults_of(root)}


def test_a_role_has_grants_on_whole_tables_or_on_columns_not_both(root: Path) -> None:
    whole = "  - role: steward\n    table: silver.orders\n    permissions: [select]\njobs:"
    text = edit(root, GRANTS, "jobs:", whole)
    (fault,) = faults_of(root)
    assert (fault.code, fault.value, (fault.line, fault.column)) == (
        "LK404",
        "steward",
        place(text, "columns:"),
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "wanted"),
    [
        (GRANTS, "    table: gold.orders\n    columns", "    columns", "either tags, or a table"),
        (
            GRANTS,
            "    table: gold.orders\n",
            "    table: gold.orders\n    tags: {pii: [none]}\n",
            "either tags, or a table",
        ),
        (GRANTS, "    permissions: [select]\njobs", "    permissions: [describe]\njobs", "select"),
        (FILTERS, "    except_columns", "    columns: [amount]\n    except_columns", "not both"),
    ],
)
def test_a_grant_and_a_filter_say_one_thing(file: str, old: str, new: str, wanted: str, root: Path) -> None:
    edit(root, file, old, new)
    (fault,) = faults_of(root)
    assert fault.code == "LK103"
    assert wanted in fault.wanted


def test_a_filter_whose_role_sees_every_row_by_a_grant_filters_nothing(root: Path) -> None:
    edit(root, GRANTS, "rows: [all]", "rows: [all, filtered]")
    (fault,) = faults_of(root)
    assert (fault.code, fault.file, (fault.line, fault.column)) == ("LK407", FILTERS, (2, 11))
    assert "'analyst' sees every row of 'order_id' by its grant layer: silver or gold" in fault.what


def test_two_filters_of_a_table_need_two_names(root: Path) -> None:
    second = "  - {name: euros, table: silver.orders, role: analyst, reason: Again., rows: amount > 1, columns: [amount]}\n"
    path = root / FILTERS
    path.write_text(path.read_text() + second)
    (fault,) = faults_of(root)
    assert (fault.code, fault.line) == ("LK005", 8)


def test_personal_data_that_a_filter_names_is_shown(root: Path) -> None:
    edit(root, FILTERS, "except_columns: [email]", "columns: [email, amount]")
    assert load_policy(root).filters[0].columns == ["email", "amount"]


def test_all_faults_of_all_files_come_at_once(root: Path) -> None:
    for name in (
        "grant-to-an-unknown-role",
        "filter-of-an-unknown-table",
        "value-not-allowed-as-a-default",
        "masked-column-without-a-tag",
    ):
        file, old, new, *_ = CASES[name]
        edit(root, file, old, new)
    assert {f.file for f in faults_of(root)} == {TAGS, GRANTS, FILTERS, BRONZE}


def test_a_file_that_nobody_reads_is_a_fault(root: Path) -> None:
    (root / "lakeformation" / "grant.yml").write_text("{}")
    (fault,) = faults_of(root)
    assert (fault.code, fault.nearest) == ("LK212", "grants.yml")


def test_a_missing_file_is_a_fault_and_no_empty_policy(root: Path) -> None:
    (root / GRANTS).unlink()
    assert [(f.code, f.file) for f in faults_of(root)] == [("LK001", GRANTS)]


def test_a_broken_contract_is_said_once_and_not_held_against_the_policy(root: Path) -> None:
    edit(root, "schemas/gold/orders.schema.json", '"write": ', '"writ": ')
    assert {f.file for f in faults_of(root)} == {"schemas/gold/orders.schema.json"}
