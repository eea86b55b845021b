"""What cannot be published changes nothing and leaves nothing behind."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pyspark.sql import SparkSession

from glue_jobs.warehouses.warehouse import WarehouseError
from lakehouse.environments import Environment
from tests.glue_jobs.warehouses.published import SALES, Published


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
