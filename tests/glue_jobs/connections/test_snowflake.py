"""Which of Snowflake's errors are worth a retry."""

from __future__ import annotations

import pytest
from snowflake.connector.errors import DatabaseError, OperationalError, ProgrammingError

from glue_jobs.connections.snowflake import is_down


@pytest.mark.parametrize(
    ("error", "down"),
    [
        (OperationalError("no answer"), True),
        (ConnectionError("refused"), True),
        (TimeoutError(), True),
        (DatabaseError("Incorrect username or password"), False),
        (ProgrammingError("SQL compilation error"), False),
    ],
)
def test_only_a_server_that_does_not_answer_is_down(error: Exception, down: bool) -> None:
    assert is_down(error) is down
