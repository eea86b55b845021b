"""The Snowflake stand-in answers through Snowflake's connector."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import snowflake.connector
from snowflake.connector.pandas_tools import write_pandas

Secret = Callable[[str], dict[str, Any]]


def test_a_result_of_several_chunks_arrives_whole_as_arrow(secret: Secret) -> None:
    with snowflake.connector.connect(**secret("snowflake")) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE TABLE MANY AS SELECT SEQ8() AS ID, '2017-01-01'::TIMESTAMP_NTZ AS TS "
            "FROM TABLE(GENERATOR(ROWCOUNT => 250000))"
        )
        cursor.execute("SELECT ID, TS FROM MANY")
        batches = list(cursor.fetch_arrow_batches())
        assert sum(batch.num_rows for batch in batches) == 250_000
        assert len({value for batch in batches for value in batch.column("ID").to_pylist()}) == 250_000
        assert len(cursor.get_result_batches() or []) == 3


def test_sessions_share_merged_and_copied_rows(secret: Secret, tmp_path: Path) -> None:
    pd.DataFrame({"ID": [1, 2], "V": [1.5, 2.5]}).to_parquet(tmp_path / "part.parquet")
    with (
        snowflake.connector.connect(**secret("snowflake")) as one,
        snowflake.connector.connect(**secret("snowflake")) as other,
    ):
        writer, reader = one.cursor(), other.cursor()
        writer.execute("CREATE OR REPLACE TABLE ANALYTICS.GOLD.T (ID NUMBER, V FLOAT)")
        writer.execute("CREATE OR REPLACE STAGE ST")
        writer.execute(f"PUT file://{tmp_path}/part.parquet @ST AUTO_COMPRESS=FALSE")
        writer.execute(
            "COPY INTO ANALYTICS.GOLD.T FROM @ST FILES=('part.parquet') "
            "FILE_FORMAT=(TYPE=PARQUET) MATCH_BY_COLUMN_NAME=CASE_INSENSITIVE"
        )
        writer.execute("USE SCHEMA ANALYTICS.GOLD")
        write_pandas(one, pd.DataFrame({"ID": [3], "V": [3.5]}), "T")
        writer.execute(
            "MERGE INTO ANALYTICS.GOLD.T t USING (SELECT 1 AS ID, 9.5 AS V) s ON t.ID = s.ID "
            "WHEN MATCHED THEN UPDATE SET V = s.V WHEN NOT MATCHED THEN INSERT (ID, V) VALUES (s.ID, s.V)"
        )
        reader.execute("SELECT ID, V FROM ANALYTICS.GOLD.T ORDER BY ID")
        assert reader.fetchall() == [(1, 9.5), (2, 2.5), (3, 3.5)]


def test_an_unsupported_statement_fails_at_once(secret: Secret) -> None:
    with (
        snowflake.connector.connect(**secret("snowflake")) as connection,
        pytest.raises(snowflake.connector.errors.ProgrammingError),
    ):
        connection.cursor().execute("COPY INTO @ST FROM (SELECT 1 AS A) FILE_FORMAT=(TYPE=PARQUET)")


def test_a_wrong_password_is_refused(secret: Secret) -> None:
    with pytest.raises(snowflake.connector.errors.DatabaseError, match="Incorrect username or password"):
        snowflake.connector.connect(**{**secret("snowflake"), "password": "wrong"})
