"""Publishing to Redshift and Snowflake, one specification for both."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest
from pyspark.sql import DataFrame, SparkSession

from glue_jobs.aws import clients
from glue_jobs.observability.secrets import Secrets
from glue_jobs.s3 import S3Uri, list_keys
from glue_jobs.warehouses.registry import warehouse_for
from glue_jobs.warehouses.warehouse import Warehouse, WarehouseError
from lakehouse.contracts import Contract
from lakehouse.environments import Environment, names
from tests.glue_jobs.builders import contract
from tests.glue_jobs.sources.systems import AWKWARD, WarehouseTable, unique

RUN = "7b0c3f0e-3c1f-4b39-9b43-1f3a0a5d9c11"
SALES: dict[str, Any] = {
    "id": {"type": "integer"},
    "line": {"type": "integer", "x-lake": {"type": "int"}},
    "day": {"type": "string", "format": "date"},
    "sold_at": {"type": ["string", "null"], "format": "date-time"},
    "amount": {"type": ["number", "null"], "x-lake": {"type": "decimal(18,4)"}},
    "name": {"type": ["string", "null"], "maxLength": 400},
    "is_new": {"type": ["boolean", "null"]},
    "share": {"type": ["number", "null"]},
}
DDL = (
    "id bigint, line int, day date, sold_at timestamp, amount decimal(18,4), "
    "name string, is_new boolean, share double"
)


class Published:
    """A published table of one test."""

    def __init__(
        self,
        env: Environment,
        spark: SparkSession,
        kind: Literal["redshift", "snowflake"],
        sales: dict[str, Any] = SALES,
    ) -> None:
        self.kind, self.spark, self.env = kind, spark, env
        self.name = unique("sales")
        self.staging = names.staging_uri(env, "publish", unique("r"))
        self.warehouse: Warehouse = warehouse_for(kind, env, Secrets(env), clients(env), self.staging)
        self.table = WarehouseTable(env, kind)
        self.table.name = (
            f"ANALYTICS.GOLD.{self.name.upper()}" if kind == "snowflake" else f"gold.{self.name}"
        )
        self.contract = self.of(sales)

    def of(self, sales: dict[str, Any]) -> Contract:
        return contract(
            f"gold.{self.name}",
            sales,
            write="recompute",
            primary_key=["id", "line"],
            sequence=None,
            recompute_by="day",
        )

    def rows(self, *values: tuple[int, int, str, str]) -> DataFrame:
        """(id, line, day, name) each; the rest is the same for all."""
        rows = self.spark.createDataFrame(list(values), "id bigint, line int, day string, name string")
        return rows.selectExpr(
            "id",
            "line",
            "date(day) day",
            "timestamp(concat(day, ' 12:34:56.789012')) sold_at",
            "1234.5678BD amount",
            "name",
            "true is_new",
            "0.1D share",
        )

    def publish(
        self, rows: DataFrame, mode: Any = "merge", days: list[date] | None = None, run_id: str = RUN
    ) -> int:
        return self.warehouse.publish(self.contract, rows, mode=mode, days=days, run_id=run_id)

    def stored(self, columns: str = "id, line, name") -> list[tuple[Any, ...]]:
        return self.table.run(f"SELECT {columns} FROM {{t}} ORDER BY id, line")

    def count(self) -> int:
        return int(self.table.run("SELECT COUNT(*) FROM {t}")[0][0])

    def left_behind(self) -> list[str]:
        """Staging tables in the warehouse, and staged files."""
        tables = self.table.run(
            "SELECT table_name FROM "
            + ("ANALYTICS." if self.kind == "snowflake" else "")
            + "information_schema.tables"
        )
        files = list_keys(clients(self.env).s3, S3Uri.parse(self.staging))
        staging = [
            str(name)
            for (name,) in tables
            if "STAGING" in str(name).upper() and self.name.upper() in str(name).upper()
        ]
        return [*staging, *files]


@pytest.fixture(params=["redshift", "snowflake"])
def published(request: pytest.FixtureRequest, spark: SparkSession, local_env: Environment) -> Published:
    return Published(local_env, spark, request.param)


def test_the_table_is_made_with_every_value_as_it_was(published: Published) -> None:
    assert published.publish(published.rows((1, 1, "2017-01-01", AWKWARD))) == 1
    rows = published.stored(
        "id, line, CAST(day AS VARCHAR(10)), CAST(sold_at AS VARCHAR(26)), CAST(amount AS VARCHAR(12)), "
        "name, is_new, share"
    )
    assert [tuple(row) for row in rows] == [
        (1, 1, "2017-01-01", "2017-01-01 12:34:56.789012", "1234.5678", AWKWARD, True, 0.1)
    ]
    assert published.left_behind() == []


def test_null_and_the_empty_text_stay_two_things(published: Published) -> None:
    rows = published.spark.createDataFrame(
        [
            (1, 1, date(2017, 1, 1), None, None, None, None, None),
            (2, 1, date(2017, 1, 1), None, None, "", None, None),
        ],
        DDL,
    )
    published.publish(rows)
    assert [tuple(row) for row in published.stored("id, name, amount, is_new")] == [
        (1, None, None, None),
        (2, "", None, None),
    ]


def test_extreme_values_arrive_as_they_were(published: Published) -> None:
    """The publish compares them itself: RUN151 would be its error."""
    rows = published.spark.sql(f"""SELECT * FROM VALUES
        (1, 1, DATE '2017-01-01', TIMESTAMP '2017-01-01 00:00:00.000001', 0.0001BD, '~', true, 0.1D),
        (2, 1, DATE '1969-12-31', TIMESTAMP '1969-12-31 23:59:59.999999', -0.0001BD, '', false, -5e-324D),
        (3, 1, DATE '9999-12-31', TIMESTAMP '9999-12-31 23:59:59.999999', 99999999999999.9999BD, '|', null,
            1.7976931348623157e308D),
        (4, 1, DATE '1900-02-28', null, 0BD, null, null, double('NaN')),
        (5, 1, DATE '2000-02-29', null, null, ' a ', null, double('-Infinity')),
        (6, 1, DATE '2000-02-29', null, null, 'a|b', null, -0.0D)
        AS t({", ".join(SALES)})""")
    assert published.publish(rows.withColumn("amount", rows.amount.cast("decimal(18,4)"))) == 6
    assert [row[1] for row in published.stored("id, name")] == ["~", "", "|", None, " a ", "a|b"]


def test_a_warehouse_that_stores_another_last_bit_publishes_nothing(
    spark: SparkSession, local_env: Environment
) -> None:
    published = Published(local_env, spark, "redshift")
    published.publish(published.rows((1, 1, "2017-01-01", "a")))
    body = "BEGIN NEW.share = 0.10000000000000002; RETURN NEW; END"
    function = f"gold.f_{published.name}"
    published.table.run(
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$; "
        f"CREATE TRIGGER t BEFORE INSERT ON {{t}} FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
    with pytest.raises(WarehouseError, match=r"RUN151 .* Redshift holds rows with other values") as fault:
        published.publish(published.rows((1, 1, "2017-01-01", "b")))
    assert fault.value.code == "RUN151"
    assert [tuple(row) for row in published.stored()] == [(1, 1, "a")]


def test_a_merge_puts_each_row_in_the_place_of_its_key(published: Published) -> None:
    published.publish(
        published.rows((1, 1, "2017-01-01", "a"), (1, 2, "2017-01-01", "b"), (2, 1, "2017-01-02", "c"))
    )
    assert published.publish(published.rows((1, 2, "2017-01-01", "B"), (3, 1, "2017-01-03", "d"))) == 2
    assert [tuple(row) for row in published.stored()] == [(1, 1, "a"), (1, 2, "B"), (2, 1, "c"), (3, 1, "d")]


def test_publishing_twice_leaves_the_same_rows(published: Published) -> None:
    rows = published.rows((1, 1, "2017-01-01", "a"), (2, 1, "2017-01-02", "b"))
    days = [date(2017, 1, 1), date(2017, 1, 2)]
    for mode, of in [("merge", None), ("replace_days", days), ("replace", None)]:
        for _ in range(2):
            assert published.publish(rows, mode, of) == 2
            assert published.count() == 2


def test_replaced_days_lose_their_old_rows_and_other_days_keep_theirs(published: Published) -> None:
    published.publish(
        published.rows((1, 1, "2017-01-01", "a"), (2, 1, "2017-01-02", "b"), (3, 1, "2017-01-03", "c"))
    )
    published.publish(
        published.rows((4, 1, "2017-01-02", "new")), "replace_days", [date(2017, 1, 2), date(2017, 1, 3)]
    )
    assert [tuple(row) for row in published.stored()] == [(1, 1, "a"), (4, 1, "new")]


def test_replacing_takes_the_place_of_everything(published: Published) -> None:
    published.publish(published.rows((1, 1, "2017-01-01", "a"), (2, 1, "2017-01-02", "b")))
    published.publish(published.rows((3, 1, "2017-01-03", "c")), "replace")
    assert [tuple(row) for row in published.stored()] == [(3, 1, "c")]


def test_no_rows_at_all_are_published_as_such(published: Published) -> None:
    published.publish(published.rows((1, 1, "2017-01-01", "a")))
    assert published.publish(published.rows().limit(0)) == 0
    assert published.publish(published.rows().limit(0), "replace_days", [date(2017, 1, 1)]) == 0
    assert published.stored() == []


def test_a_publish_that_fails_leaves_yesterdays_rows_and_nothing_behind(published: Published) -> None:
    published.publish(published.rows((1, 1, "2017-01-01", "a")))
    types = published.table.run("SELECT * FROM {t} WHERE 1 = 0")
    assert types == []
    published.table.run("DROP TABLE {t}")
    text, stamp, exact, real = (
        ("VARCHAR", "TIMESTAMP_NTZ", "NUMBER", "FLOAT")
        if published.kind == "snowflake"
        else ("VARCHAR(1600)", "TIMESTAMP", "NUMERIC", "DOUBLE PRECISION")
    )
    published.table.run(
        f"CREATE TABLE {{t}} (id BIGINT NOT NULL, line INTEGER NOT NULL, day DATE, sold_at {stamp}, "
        f"amount {exact}(18,4), name {text}, is_new BOOLEAN, share {real}, forced INTEGER NOT NULL)"
    )
    published.table.run("INSERT INTO {t} VALUES (1, 1, '2017-01-01', NULL, 1, 'yesterday', NULL, 1, 1)")
    # The rows of the day are deleted first; that `forced` may not be null stops the insert after it.
    with pytest.raises(Exception, match=r"(?i)forced|insert into"):
        published.publish(published.rows((1, 1, "2017-01-01", "today")), "replace_days", [date(2017, 1, 1)])
    assert [tuple(row) for row in published.stored()] == [(1, 1, "yesterday")]
    assert published.left_behind() == []


def test_a_column_that_the_contract_gained_is_added_empty(published: Published) -> None:
    published.publish(published.rows((1, 1, "2017-01-01", "a")))
    published.contract = published.of({**SALES, "colour": {"type": ["string", "null"]}})
    published.publish(published.rows((2, 1, "2017-01-02", "b")).selectExpr("*", "'red' colour"))
    assert [tuple(row) for row in published.stored("id, name, colour")] == [(1, "a", None), (2, "b", "red")]


def test_a_column_of_another_type_is_an_error_and_never_rounded(published: Published) -> None:
    published.publish(published.rows((1, 1, "2017-01-01", "a")))
    published.contract = published.of(
        {**SALES, "amount": {"type": ["number", "null"], "x-lake": {"type": "decimal(18,2)"}}}
    )
    with pytest.raises(
        WarehouseError, match=r"(?i)amount is numeric\(18,4\), the contract wants numeric\(18,2\)"
    ) as fault:
        published.publish(published.rows((1, 1, "2017-01-01", "a")).withColumn("amount", _amount()))
    assert fault.value.code == "RUN403"
    assert published.left_behind() == []


def _amount() -> Any:
    from pyspark.sql import functions as F

    return F.lit("1.25").cast("decimal(18,2)")


def test_a_type_that_no_warehouse_column_holds_is_an_error_before_anything_is_sent(
    published: Published,
) -> None:
    published.contract = published.of(
        {**SALES, "tags": {"type": ["array", "null"], "x-lake": {"type": "array<string>"}}}
    )
    with pytest.raises(WarehouseError, match=r"\.tags: no column of a warehouse can hold array<string>"):
        published.publish(published.rows((1, 1, "2017-01-01", "a")))


def test_what_a_killed_publish_left_behind_goes_with_the_next_one(
    spark: SparkSession, local_env: Environment
) -> None:
    published = Published(local_env, spark, "snowflake")
    published.table.run(f'CREATE TABLE ANALYTICS.GOLD."_STAGING_{published.name.upper()}_ABC123" (id BIGINT)')
    published.table.run(
        f'CREATE TABLE ANALYTICS.GOLD."_STAGING_{published.name.upper()}_OTHER_ABC123" (id BIGINT)'
    )
    published.publish(published.rows((1, 1, "2017-01-01", "a")))
    assert published.left_behind() == [f"_STAGING_{published.name.upper()}_OTHER_ABC123"]


def test_two_publishes_at_once_never_double_a_row(published: Published) -> None:
    from concurrent.futures import ThreadPoolExecutor

    published.publish(published.rows((1, 1, "2017-01-01", "a")))
    batches = [
        published.rows(*[(n, 1, "2017-01-01", f"w{writer}") for n in range(1, 200)]) for writer in range(3)
    ]

    def send(number: int) -> str:
        try:
            published.publish(batches[number], run_id=f"{number}" * 32)
        except Exception as error:
            return str(error)
        return "done"

    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(send, range(3)))
    assert "done" in outcomes
    assert published.count() == 199
