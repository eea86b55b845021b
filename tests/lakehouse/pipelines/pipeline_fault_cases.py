"""Single faults of the loan pipelines: a change of their tables, and the fault that the change causes."""

from __future__ import annotations

from typing import NamedTuple

from tests.lakehouse.pipelines import loans
from tests.lakehouse.pipelines.tree_changes import Change, add, add_proc, both, drop, put, tables

JOB, PROC, PARAM = (f"pipelines/loans/{name}.csv" for name in ("job", "proc", "proc_param"))
FILES = {"job": JOB, "proc": PROC, "param": PARAM}
DRAWN = {"job": loans.JOB, "proc": loans.PROC, "param": loans.PARAM}
BRONZE_SQL, SILVER_SQL, GOLD_SQL = (
    f"src/transformation/{name}.sql"
    for name in ("bronze/bronze_loan_raw", "silver/silver_loan_enrich", "gold/gold_kpi_metrics")
)
MISSPELT_SQL = SILVER_SQL.replace("enrich", "enrch")


class FaultCase(NamedTuple):
    """What a fault names after `change`: `value` is how its value begins, `expected` is part of its shape.

    Line 0 leaves line and column open.
    """

    change: Change
    code: str
    file: str
    line: int
    column: int
    value: str
    expected: str
    nearest: str = ""


def cell(
    table: str,
    line: int,
    column: str,
    text: str,
    code: str,
    expected: str,
    nearest: str = "",
    value: str | None = None,
) -> FaultCase:
    """`text` in one cell is a fault of that cell. Its value is the whole text, where none is given."""
    return FaultCase(
        put(table, line, column, text),
        code,
        FILES[table],
        line,
        loans.cells(DRAWN[table])[0].index(column) + 1,
        text if value is None else value,
        expected,
        nearest,
    )


def remove_the_proc_of_j005(tree: loans.Tree) -> None:
    tree.proc.pop(5)
    tree.param.pop(5)


def add_a_cell_to_j003(tree: loans.Tree) -> None:
    tree.job[3].append("x")


J006_AGAIN = add("job", "J006", "other", "0 1 * * *", "", "batch", "o", "dev", "d", "1 retry", "a@b.c")

CASES = {
    "missing column": FaultCase(
        drop("job", "retry_policy"), "LK301", JOB, 1, 0, "retry_policy", "failure_notification"
    ),
    "empty cell": cell("job", 3, "owner", "", "LK302", "a value for owner"),
    "parameter of no proc": FaultCase(
        add("param", "", "x", "1", "int", "No"), "LK302", PARAM, 11, 1, "", "a value for proc_id"
    ),
    "proc of no job": FaultCase(add_proc("P009", ""), "LK302", PROC, 8, 2, "", "a value for job_id"),
    "ragged row": FaultCase(
        add_a_cell_to_j003, "LK008", JOB, 4, 0, "J003,bronze_transform", "one cell per column"
    ),
    "hour 25": cell("job", 4, "schedule", "0 25 * * *", "LK303", "or 'continuous'"),
    "six fields": cell("job", 4, "schedule", "0 0 4 * * *", "LK303", "five fields"),
    "a day that never comes": cell("job", 4, "schedule", "0 4 30 2 *", "LK303", "five fields"),
    "retry in words": cell("job", 2, "retry_policy", "three times", "LK303", "'3 retries, backoff 5m'"),
    "unknown environment": cell(
        "job", 2, "environment", "dev,prd", "LK303", "local, dev", "prod", value="prd"
    ),
    "no environment": cell("job", 2, "environment", ",", "LK303", "some of local"),
    "name with a blank": cell("job", 6, "job_name", "gold kpi", "LK303", "lower-case letters"),
    "unknown job type": cell("job", 2, "job_type", "batsch", "LK303", "one of batch", "batch"),
    "no address": cell("job", 2, "failure_notification", "me", "LK303", "an e-mail address"),
    "job id twice": FaultCase(
        both(J006_AGAIN, put("proc", 7, "order", "1")), "LK305", JOB, 8, 1, "J006", "each once"
    ),
    "job name twice": cell("job", 6, "job_name", "silver_transform", "LK305", "each once"),
    "proc id twice": FaultCase(
        add_proc("P006", "J005", GOLD_SQL, "2"), "LK305", PROC, 8, 1, "P006", "each once"
    ),
    "parameter twice": FaultCase(
        add("param", "P001", "start_date", "{{ today() }}", "date", "No"),
        "LK305",
        PARAM,
        11,
        2,
        "start_date",
        "each name",
    ),
    "no proc": FaultCase(remove_the_proc_of_j005, "LK306", JOB, 6, 1, "J005", "at least one proc"),
    "dangling job dependency": cell(
        "job", 5, "dependencies", "J003,J0O4", "LK310", "same pipeline", "J004", value="J0O4"
    ),
    "dangling proc dependency": cell(
        "proc", 4, "dependencies", "P001,P0002", "LK310", "same pipeline", "P002", value="P0002"
    ),
    "dangling job of a proc": FaultCase(add_proc("P009", "J00"), "LK310", PROC, 8, 2, "J00", "same", "J006"),
    "dangling proc of a parameter": FaultCase(
        add("param", "P0006", "x", "1", "int", "No"), "LK310", PARAM, 11, 1, "P0006", "same pipeline", "P006"
    ),
    "timeout in words": cell("proc", 2, "timeout_minutes", "1h", "LK303", "0 (continuous)"),
    "timeout of a continuous job": cell("proc", 7, "timeout_minutes", "60", "LK303", "0 (continuous)"),
    "no timeout of a daily job": cell("proc", 2, "timeout_minutes", "0", "LK303", "0 (continuous)"),
    "unknown scheduler": cell(
        "proc", 2, "scheduler_type", "Airflo", "LK303", "one of ADF, Airflow", "Airflow"
    ),
    "negative order": cell("proc", 2, "order", "-1", "LK303", "0, 1, 2"),
    "file that is not there": cell("proc", 5, "notebook_path", MISSPELT_SQL, "LK308", ".sql", SILVER_SQL),
    "folder": cell("proc", 5, "notebook_path", "src/transformation", "LK303", ".sql"),
    "path that leaves the project": cell("proc", 5, "notebook_path", "../x.sql", "LK309", "inside"),
    "path that leaves by a detour": cell("proc", 5, "notebook_path", "src/../../x.sql", "LK309", "inside"),
    "absolute path": cell("proc", 5, "notebook_path", "/etc/hosts.py", "LK309", "inside"),
    "path with a null byte": cell("proc", 5, "notebook_path", "src/\x00.sql", "LK303", "parted by /"),
    "type that is none": cell("param", 6, "param_type", "integer", "LK303", "one of string, int", "int"),
    "value of another type": cell("param", 6, "param_value", "thirty", "LK304", "a whole number"),
    "call that is none": cell("param", 3, "param_value", "{{ tomorrow() }}", "LK304", "{{ today() }}"),
    "secure in other words": cell("param", 6, "secure", "Y", "LK303", "Yes or No"),
    "secret not marked": FaultCase(
        put("param", 10, "secure", "No"), "LK307", PARAM, 10, 3, "{{ secret('api_key') }}", "secure = Yes"
    ),
    "circle": FaultCase(put("job", 2, "dependencies", "J005"), "LK311", JOB, 0, 0, "", "without a cycle"),
    "job that waits for itself": FaultCase(
        put("job", 7, "dependencies", "J006"), "LK311", JOB, 7, 0, "", "without a cycle"
    ),
    "two writers": FaultCase(
        tables(("P001", "writes", "bronze.a"), ("P002", "writes", "bronze.b, bronze.a")),
        "LK312",
        JOB,
        3,
        0,
        "bronze.a",
        "one writer",
    ),
    "read and never written": FaultCase(
        tables(("P001", "writes", "bronze.loans"), ("P003", "reads", "bronze.loan")),
        "LK313",
        JOB,
        4,
        0,
        "bronze.loan",
        "that a job writes",
        "bronze.loans",
    ),
    "read without waiting": FaultCase(
        tables(("P005", "writes", "gold.a"), ("P006", "reads", "gold.a")),
        "LK314",
        JOB,
        7,
        0,
        "gold.a",
        "dependency on its writer",
    ),
    "proc before the one it waits for": FaultCase(
        add_proc("P007", "J003", BRONZE_SQL, dependencies="P003"), "LK317", PROC, 8, 5, "1", "more than 1"
    ),
    "one job's procs at odds": FaultCase(
        both(
            add_proc("P007", "J005", GOLD_SQL, "2"),
            add("param", "P007", "kpi_window_days", "31", "int", "No"),
        ),
        "LK305",
        PARAM,
        11,
        2,
        "kpi_window_days",
        "a name of its own",
    ),
    "reads that is no list of tables": FaultCase(
        add("param", "P003", "reads", "silver.a", "string", "No"),
        "LK304",
        PARAM,
        11,
        3,
        "silver.a",
        "of type tables",
    ),
}
