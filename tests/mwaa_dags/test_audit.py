"""A task logs what its run warned of, and which tables had no news."""

from __future__ import annotations

from datetime import date

from glue_jobs.aws import clients
from glue_jobs.state.audit import Audit, Counts, RunRow
from lakehouse.environments import Environment, names
from mwaa_dags.audit import audit_lines

DAY = date(2017, 1, 31)


def lines(env: Environment, job: str, since: str = "") -> list[str]:
    table = names.control_table(env, names.Control.AUDIT)
    return audit_lines(clients(env).client("dynamodb"), table, job, DAY.isoformat(), since)


def test_warnings_and_unchanged_tables_of_the_newest_run_of_the_day(local_env: Environment) -> None:
    audit = Audit(local_env)
    for run_id, warnings in (("a-old", ["older"]), ("a-new", ["gold.sales: 3 of 10 rows break unique"])):
        audit.start(RunRow(run_id, "dq_audit_lines", "retail", DAY))
        audit.finish(
            run_id,
            tables={"gold.sales": Counts(), "gold.days": Counts()},
            seconds=1,
            cost_estimate_usd=0,
            warnings=warnings,
            unchanged={"gold.days": "2017-02-01T04:10:12.345+00:00"},
        )
    assert lines(local_env, "dq_audit_lines") == [
        "warning: gold.sales: 3 of 10 rows break unique",
        "gold.days: unchanged since 2017-02-01 04:10",
    ]
    assert lines(local_env, "dq_audit_lines", since="2999-01-01") == []
    assert lines(local_env, "of_nobody") == []
