"""`lakehouse table`: history, diff against an oracle, and a restore that is undone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.tables.diff import diff_tables
from cli.tables.storage import arrow_dataset
from cli.tables.versions import open_table
from glue_jobs.state.audit import Audit
from glue_jobs.state.lease import lease
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment
from tests.cli.calls import Call
from tests.cli.tables.delta_world import forget, rows, write

TABLE = "silver.products"
CONTRACT = load_schemas().contracts[TABLE]


@pytest.fixture
def world(local_env: Environment) -> Iterator[Environment]:
    forget(local_env, TABLE)
    write(local_env, TABLE, rows((1, "one", Decimal(1)), (2, "two", None)), batch="b-1")
    write(local_env, TABLE, rows((2, None, None), (3, "three", Decimal(3))), "overwrite", batch="b-2")
    yield local_env
    forget(local_env, TABLE)


def products(env: Environment) -> list[Any]:
    return sorted(open_table(env, TABLE).to_pyarrow_table()["product_id"].to_pylist())


def test_the_history_says_when_by_what_and_by_which_batch(world: Environment, lakehouse: Call) -> None:
    listed = json.loads(lakehouse("table", "history", "--env", "local", TABLE, "--json").out)
    assert [(v["version"], v["operation"], v["batch or run"]) for v in listed] == [
        (1, "WRITE", "b-2"),
        (0, "WRITE", "b-1"),
    ]


def test_a_diff_says_keys_and_columns(world: Environment, lakehouse: Call) -> None:
    answer = lakehouse("table", "diff", "--env", "local", TABLE, "--from", "0", "--keys", "9", "--json")
    assert answer.code == 1, answer.err
    facts = json.loads(answer.out)
    assert (facts["added"], facts["gone"], facts["changed"], facts["columns"]) == (1, 1, 1, {"name": 1})
    assert facts["samples"] == [
        ["added", '{"product_id":3}'],
        ["changed", '{"product_id":2}'],
        ["gone", '{"product_id":1}'],
    ]
    assert lakehouse("table", "diff", "--env", "local", TABLE, "--from", "1").code == 0


STATE = st.dictionaries(
    st.integers(0, 6),
    st.tuples(st.none() | st.sampled_from(["a", "b"]), st.none() | st.sampled_from([Decimal(1), Decimal(2)])),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=STATE, new=STATE)
def test_a_diff_equals_that_of_two_dictionaries(local_env: Environment, old: Any, new: Any) -> None:
    forget(local_env, TABLE)
    for state in (old, new):
        write(local_env, TABLE, rows(*((key, *value) for key, value in state.items())), "overwrite")
    first, second = (arrow_dataset(local_env, open_table(local_env, TABLE, version)) for version in (0, 1))
    diff = diff_tables(first, second, CONTRACT)
    both = old.keys() & new.keys()
    columns = {
        name: sum(old[k][n] != new[k][n] for k in both)
        for n, name in enumerate(("name", "price"))
        if any(old[k][n] != new[k][n] for k in both)
    }
    assert (diff.added, diff.gone) == (len(new.keys() - old.keys()), len(old.keys() - new.keys()))
    assert (diff.changed, diff.columns) == (sum(old[k] != new[k] for k in both), columns)
    forget(local_env, TABLE)


def test_a_state_that_holds_a_key_twice_cannot_be_paired(world: Environment, lakehouse: Call) -> None:
    write(world, TABLE, rows((3, "again", None)))
    answer = lakehouse("table", "diff", "--env", "local", TABLE, "--from", "0")
    assert (answer.code, answer.err[:6]) == (1, "RUN607")


def test_bronze_has_no_key_so_rows_are_compared_whole(local_env: Environment, lakehouse: Call) -> None:
    table = "bronze.snowflake_products"
    forget(local_env, table)
    for names in (["a", "a"], ["a", "b"]):
        write(local_env, table, pa.table({"product_id": [1, 1], "name": names}), "overwrite")
    answer = lakehouse("table", "diff", "--env", "local", table, "--from", "0", "--json")
    facts = json.loads(answer.out)
    assert (facts["added"], facts["gone"], facts["changed"]) == (1, 1, 0)
    forget(local_env, table)


def test_a_restore_is_a_commit_that_is_undone(world: Environment, lakehouse: Call) -> None:
    plan = lakehouse("table", "restore", "--env", "local", TABLE, "--to", "0", "--dry-run")
    assert "commits undone: 1 (WRITE)" in plan.out
    assert products(world) == [2, 3]
    done = lakehouse("table", "restore", "--env", "local", TABLE, "--to", "0", "--yes")
    assert done.code == 0, done.err
    assert "watermark reset --env local bronze_to_silver.silver.products --beginning" in done.out
    assert (products(world), open_table(world, TABLE).version()) == ([1, 2], 2)
    (row,) = Audit(world).list(job="table_restore", limit=1)
    assert (row.action, bool(row.actor)) == ({"table": TABLE, "before": 1, "after": 0}, True)
    assert open_table(world, TABLE).history(1)[0]["userMetadata"] == row.run_id
    undo = lakehouse("table", "restore", "--env", "local", TABLE, "--undo", row.run_id, "--yes")
    assert undo.code == 0, undo.err
    assert products(world) == [2, 3]
    wrong = lakehouse("table", "restore", "--env", "local", "silver.orders", "--undo", row.run_id, "--yes")
    assert (wrong.code, wrong.err[:6]) == (1, "RUN601")


def test_nothing_is_restored_while_a_run_writes(
    world: Environment, lakehouse: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.tables.restore.MORE_SECONDS", -world.lease_seconds)
    with lease(world, TABLE, "a-run"):
        answer = lakehouse("table", "restore", "--env", "local", TABLE, "--to", "0", "--yes")
    assert (answer.code, answer.err[:6]) == (1, "RUN020")
    assert products(world) == [2, 3]


def test_rows_of_a_real_environment_stay_there(lakehouse: Call) -> None:
    answer = lakehouse("table", "diff", "--env", "prod", TABLE, "--from", "0")
    assert (answer.code, answer.err[:6]) == (1, "RUN606")
