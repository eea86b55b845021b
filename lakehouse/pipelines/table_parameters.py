"""Names of a function's parameters and of the tables they stand for."""

from __future__ import annotations

# Parameters of a transform that are no tables: the logical date, the session, the job's parameters.
INJECTED_PARAMETERS = ("run_date", "spark", "params")


def parameter_of(table: str) -> str:
    """The name that a function and a query know a table by: `silver_orders` for silver.orders."""
    return table.replace(".", "_", 1)


def table_of(parameter: str) -> str:
    """The table that a parameter names: silver.orders for `silver_orders`."""
    return parameter.replace("_", ".", 1)
