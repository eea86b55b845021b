"""Loads the two warehouses: delete the range and insert it again, in one transaction, so that twice is as
once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import psycopg
import snowflake.connector
from snowflake.connector.cursor import SnowflakeCursor

from lakehouse.environments import Environment
from sample_data.connections import secret
from sample_data.dataset import since, until

TABLES = {
    "ORDERS": """ORDER_ID BIGINT, LINE_NUMBER BIGINT, CUSTOMER_ID BIGINT, PRODUCT_ID BIGINT,
        STORE_ID BIGINT, QUANTITY BIGINT,
        AMOUNT NUMBER(18,2), RETAIL_DISCOUNT NUMBER(18,2), COUPON_DISCOUNT NUMBER(18,2), CURRENCY VARCHAR,
        ORDER_TS TIMESTAMP_NTZ(6), UPDATED_AT TIMESTAMP_NTZ(6)""",
    "CUSTOMERS": """CUSTOMER_ID BIGINT, FULL_NAME VARCHAR, EMAIL VARCHAR, PHONE VARCHAR, COUNTRY VARCHAR,
        AGE VARCHAR, INCOME VARCHAR, HOME_OWNERSHIP VARCHAR, MARITAL_STATUS VARCHAR,
        HOUSEHOLD_SIZE VARCHAR, HOUSEHOLD_COMP VARCHAR, KIDS_COUNT VARCHAR,
        IS_DELETED BOOLEAN, CREATED_AT TIMESTAMP_NTZ(6), UPDATED_AT TIMESTAMP_NTZ(6)""",
    "PRODUCTS": """PRODUCT_ID BIGINT, MANUFACTURER_ID BIGINT, DEPARTMENT VARCHAR, BRAND VARCHAR,
        PRODUCT_CATEGORY VARCHAR,
        PRODUCT_TYPE VARCHAR, PACKAGE_SIZE VARCHAR, IS_DELETED BOOLEAN, UPDATED_AT TIMESTAMP_NTZ(6)""",
}
BEHAVIOR = """behavior_id text, customer_id bigint, kind text, campaign_id bigint, coupon_upc bigint,
    occurred_at timestamp, updated_at timestamp"""


class Snowflake:
    """The source database RETAIL.PUBLIC, its tables there after `with open_snowflake(env)`."""

    def __init__(self, cursor: SnowflakeCursor, folder: Path) -> None:
        self._cursor = cursor
        self._folder = folder

    def newest_customer_change(self) -> date | None:
        """The day of the newest change that a load has brought so far."""
        self._cursor.execute("SELECT MAX(UPDATED_AT) FROM CUSTOMERS")
        row: Any = self._cursor.fetchone()
        return row[0].date() if row and row[0] else None

    def replace(self, table: str, rows: pl.DataFrame, where: str = "TRUE") -> None:
        """Puts `rows` in the place of those that `where` finds.

        A Parquet file by PUT and COPY: one statement, whatever the size.
        """
        file = self._folder / f"{table.lower()}.parquet"
        rows.write_parquet(file)
        self._cursor.execute(f"PUT 'file://{file}' @SAMPLE_LOAD AUTO_COMPRESS=FALSE OVERWRITE=TRUE")
        self._cursor.execute("BEGIN")
        self._cursor.execute(f"DELETE FROM {table} WHERE {where}")
        self._cursor.execute(
            f"COPY INTO {table} FROM @SAMPLE_LOAD/{file.name} FILE_FORMAT=(TYPE=PARQUET) "
            "MATCH_BY_COLUMN_NAME=CASE_INSENSITIVE FORCE=TRUE PURGE=TRUE"
        )
        self._cursor.execute("COMMIT")


@contextmanager
def open_snowflake(env: Environment) -> Iterator[Snowflake]:
    facts = secret(env, env.snowflake.secret)
    database, schema = facts["database"], facts["schema"]
    quiet = {"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False}
    with (
        TemporaryDirectory() as folder,
        snowflake.connector.connect(
            **facts, session_parameters=quiet, login_timeout=30, network_timeout=120
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS {database}")
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {database}.{schema}")
        cursor.execute(f"USE SCHEMA {database}.{schema}")
        for table, columns in TABLES.items():
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
        cursor.execute("CREATE TEMPORARY STAGE IF NOT EXISTS SAMPLE_LOAD")
        yield Snowflake(cursor, Path(folder))


def changed_within(start: date, end: date) -> str:
    """The rows of a range: every row of it, dirt too, was last changed on its own day."""
    return f"UPDATED_AT >= '{since(start)}' AND UPDATED_AT < '{until(end)}'"


def load_behavior(
    env: Environment, rows: pl.DataFrame, history: pl.DataFrame, start: date, end: date
) -> None:
    """Replaces the range by `rows`; of `history`, the contacts before the range, what is not there yet is
    added.
    """
    facts = secret(env, env.redshift.secret)
    with psycopg.connect(**facts, connect_timeout=30) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS public")
        cursor.execute(f"CREATE TABLE IF NOT EXISTS public.behavior ({BEHAVIOR})")
        cursor.execute(
            "DELETE FROM public.behavior WHERE occurred_at >= %s AND occurred_at < %s",
            (since(start), until(end)),
        )
        _copy(cursor, "public.behavior", rows)
        cursor.execute("CREATE TEMPORARY TABLE behavior_history (LIKE public.behavior) ON COMMIT DROP")
        _copy(cursor, "behavior_history", history)
        cursor.execute(
            "INSERT INTO public.behavior SELECT h.* FROM behavior_history h "
            "WHERE NOT EXISTS (SELECT 1 FROM public.behavior b WHERE b.behavior_id = h.behavior_id)"
        )


def _copy(cursor: psycopg.Cursor[Any], table: str, rows: pl.DataFrame) -> None:
    # An empty field is NULL to both sides, an empty text is quoted.
    with cursor.copy(f"COPY {table} ({', '.join(rows.columns)}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(rows.write_csv(include_header=False))
