"""Every fault of a policy is reported at its file, line and column, with the value, the shape that is wanted
and the nearest name.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.access import load_policy
from tests.lakehouse.access.builders import edit, faults_of, write
from tests.lakehouse.access.policy_fault_cases import BRONZE, CASES, FILTERS, GRANTS, TAGS
from tests.lakehouse.contracts.builders import place


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path


def test_the_small_policy_is_sound(root: Path) -> None:
    assert list(load_policy(root).roles) == ["analyst", "steward"]


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_reported_where_it_stands(name: str, root: Path) -> None:
    case = CASES[name]
    text = edit(root, case.file, case.old, case.new)
    faults = [f for f in faults_of(root) if f.code == case.code and f.file == case.file]
    assert faults, faults_of(root)
    fault = faults[0]
    assert (fault.line, fault.column) == place(text, case.mark), str(fault)
    assert (fault.value, fault.nearest) == (case.value, case.nearest)
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
    ("file", "old", "new", "message"),
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
def test_a_grant_and_a_filter_say_one_thing(file: str, old: str, new: str, message: str, root: Path) -> None:
    edit(root, file, old, new)
    (fault,) = faults_of(root)
    assert fault.code == "LK103"
    assert message in fault.wanted


def test_a_filter_whose_role_sees_every_row_by_a_grant_filters_nothing(root: Path) -> None:
    edit(root, GRANTS, "rows: [all]", "rows: [all, filtered]")
    (fault,) = faults_of(root)
    assert (fault.code, fault.file, (fault.line, fault.column)) == ("LK407", FILTERS, (2, 11))
    assert "'analyst' sees every row of 'order_id' by its grant layer: silver or gold" in fault.what


def test_two_filters_of_a_table_need_two_names(root: Path) -> None:
    second = (
        "  - {name: euros, table: silver.orders, role: analyst, reason: Again., "
        "rows: amount > 1, columns: [amount]}\n"
    )
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
        edit(root, CASES[name].file, CASES[name].old, CASES[name].new)
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
