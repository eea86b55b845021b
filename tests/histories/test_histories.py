"""A thousand histories, cut into batches in any order, end in the tables of one load and of DuckDB.

From files and from CDC topics; at night of two more seeds.
"""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from lakehouse.environments import Environment
from tests.histories.changes import Histories, generate
from tests.histories.contracts import COLUMNS, KEYS
from tests.histories.oracle import Oracle
from tests.histories.tables import HistoryTables
from tests.histories.topics import HistoryTopics

HISTORIES = 1_000
# (seed, batches)
CUTS = [(2017, 2), *(pytest.param(cut, marks=pytest.mark.slow) for cut in ((2018, 3), (2019, 5)))]
BUILT = [("silver", name) for name in KEYS] + [("gold", "dim_customers"), ("gold", "fact_sales")]


@pytest.fixture(scope="module", params=CUTS, ids=str)
def histories(request: pytest.FixtureRequest) -> Histories:
    seed, batches = request.param
    return generate(HISTORIES, batches, seed)


@pytest.fixture(scope="module")
def cut(histories: Histories, local_env: Environment, spark: SparkSession) -> HistoryTables:
    """The tables after batch upon batch."""
    tables = HistoryTables(local_env, spark)
    tables.load(histories)
    return tables


@pytest.fixture(scope="module")
def whole(histories: Histories, local_env: Environment, spark: SparkSession) -> HistoryTables:
    """The tables after one load of everything."""
    tables = HistoryTables(local_env, spark)
    tables.load(histories.in_one_load())
    return tables


@pytest.fixture(scope="module")
def streamed(histories: Histories, local_env: Environment, spark: SparkSession) -> HistoryTopics:
    """Tables of silver that streams have written, batch upon batch, from CDC topics."""
    topics = HistoryTopics(local_env, spark)
    for batch in histories.batches:
        topics.arrive(batch)
    return topics


@pytest.fixture
def oracle(histories: Histories) -> Oracle:
    return Oracle(histories)


@pytest.mark.parametrize(("layer", "name"), BUILT)
def test_history_cut_into_batches_gives_the_rows_of_one_load(
    cut: HistoryTables, whole: HistoryTables, oracle: Oracle, layer: str, name: str
) -> None:
    oracle.take("cut", cut.table(layer, name))
    oracle.take("whole", whole.table(layer, name))
    assert oracle.rows("SELECT count(*) FROM whole")[0][0] >= HISTORIES
    assert oracle.rows("SELECT count(*) FROM cut") == oracle.rows("SELECT count(*) FROM whole")
    assert oracle.rows("(FROM cut EXCEPT ALL FROM whole) LIMIT 5") == []


@pytest.mark.parametrize("name", KEYS)
def test_history_on_a_cdc_topic_ends_in_the_rows_of_files(
    cut: HistoryTables, streamed: HistoryTopics, oracle: Oracle, name: str
) -> None:
    """Of states of one instant either may win, so keys that have such are compared by their number alone."""
    oracle.take("files", cut.table("silver", name))
    oracle.take("topic", streamed.table(name))
    key = ", ".join(KEYS[name])
    untied = f"""
        SELECT {key} FROM (SELECT DISTINCT * FROM {name} WHERE {KEYS[name][0]} IS NOT NULL)
        GROUP BY {key} HAVING count(*) = count(DISTINCT updated_at)
    """
    files, topic = (
        f"SELECT {', '.join(COLUMNS[name])} FROM {way} WHERE ({key}) IN ({untied})"
        for way in ("files", "topic")
    )
    assert oracle.rows(f"(({files}) EXCEPT ALL ({topic})) LIMIT 5") == []
    assert oracle.rows(f"(({topic}) EXCEPT ALL ({files})) LIMIT 5") == []
    assert oracle.rows(f"SELECT count(*) FROM ({topic})")[0][0] > HISTORIES / 10
    assert oracle.rows("SELECT count(*) FROM files") == oracle.rows("SELECT count(*) FROM topic")


@pytest.mark.parametrize("name", KEYS)
def test_silver_holds_a_newest_state_of_every_key(cut: HistoryTables, oracle: Oracle, name: str) -> None:
    keys = ", ".join(KEYS[name])
    oracle.take("stored", cut.table("silver", name).select(oracle.columns(name)))
    newest = (
        f"SELECT * FROM {name} WHERE {KEYS[name][0]} IS NOT NULL "
        f"QUALIFY updated_at = max(updated_at) OVER (PARTITION BY {keys})"
    )
    assert oracle.rows(f"(FROM stored EXCEPT ({newest})) LIMIT 5") == []
    assert oracle.rows("SELECT count(*) FROM stored") == oracle.rows(
        f"SELECT count(DISTINCT ({keys})) FROM ({newest})"
    )


def test_dimension_has_a_version_for_every_state_that_differs_from_the_one_before(
    cut: HistoryTables, oracle: Oracle
) -> None:
    """Of states of one instant either may win, so customers that have such are left to the other tests."""
    oracle.take("dimension", cut.table("gold", "dim_customers"))
    untied = """
        SELECT customer_id FROM (SELECT DISTINCT * FROM customers WHERE customer_id IS NOT NULL)
        GROUP BY customer_id HAVING count(*) = count(DISTINCT updated_at)
    """
    expected = f"""
        WITH states AS (
            SELECT DISTINCT customer_id, updated_at, city, tier, is_deleted FROM customers
            WHERE customer_id IN ({untied})
        ), changed AS (
            SELECT *, updated_at AS since FROM states
            WINDOW w AS (PARTITION BY customer_id ORDER BY updated_at)
            QUALIFY row_number() OVER w = 1
                OR (city, tier, is_deleted) IS DISTINCT FROM lag((city, tier, is_deleted)) OVER w
        )
        SELECT customer_id, city, tier, is_deleted,
            CASE WHEN row_number() OVER w = 1 THEN TIMESTAMPTZ '1900-01-01 00:00:00+00' ELSE since END,
            coalesce(lead(since) OVER w, TIMESTAMPTZ '9999-12-31 00:00:00+00'),
            lead(since) OVER w IS NULL
        FROM changed WINDOW w AS (PARTITION BY customer_id ORDER BY since)
    """
    stored = f"""
        SELECT customer_id, city, tier, is_deleted, valid_from, valid_to, is_current FROM dimension
        WHERE customer_id IN ({untied})
    """
    assert oracle.rows(f"SELECT count(*) FROM ({expected})")[0][0] > HISTORIES
    assert oracle.rows(f"(({stored}) EXCEPT ALL ({expected})) LIMIT 5") == []
    assert oracle.rows(f"(({expected}) EXCEPT ALL ({stored})) LIMIT 5") == []


def test_versions_of_a_customer_touch_and_never_overlap(cut: HistoryTables, oracle: Oracle) -> None:
    oracle.take("dimension", cut.table("gold", "dim_customers"))
    gaps = """
        SELECT * FROM dimension
        QUALIFY valid_to IS DISTINCT FROM coalesce(
            lead(valid_from) OVER (PARTITION BY customer_id ORDER BY valid_from),
            TIMESTAMPTZ '9999-12-31 00:00:00+00')
    """
    assert oracle.rows(f"SELECT * FROM ({gaps}) LIMIT 5") == []


def test_fact_has_the_version_and_the_rate_that_hold_for_it_however_late_they_came(
    cut: HistoryTables, oracle: Oracle
) -> None:
    for layer, name in BUILT:
        oracle.take(f"{layer}_{name}", cut.table(layer, name))
    expected = """
        SELECT s.sale_id, d.customer_sk, r.rate, s.amount
        FROM silver_sales s
        LEFT JOIN gold_dim_customers d
            ON s.customer_id = d.customer_id AND s.sold_at >= d.valid_from AND s.sold_at < d.valid_to
        ASOF LEFT JOIN silver_rates r ON s.currency = r.currency AND s.sold_on >= r.rate_date
        WHERE NOT s.is_deleted
    """
    stored = "SELECT sale_id, customer_sk, rate, amount FROM gold_fact_sales"
    assert oracle.rows(f"(({expected}) EXCEPT ALL ({stored})) LIMIT 5") == []
    assert oracle.rows(f"(({stored}) EXCEPT ALL ({expected})) LIMIT 5") == []


def test_second_run_writes_nothing(cut: HistoryTables) -> None:
    before = {table: cut.version(*table) for table in BUILT}
    assert set(cut.run().values()) == {0}
    assert {table: cut.version(*table) for table in BUILT} == before
