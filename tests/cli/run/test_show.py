"""`lakehouse runs` shows what a run warned of, and how many files it could not read."""

from __future__ import annotations

from datetime import date

from cli.run.show import run_table
from glue_jobs.state.audit import Audit, Counts, RunRow
from lakehouse.environments import Environment
from tests.glue_jobs.sources.systems import unique

WARNING = "silver.orders: expect_column_values_to_be_unique(column=id): 2 of 9 rows (22.2 %, allowed 0 %)"


def test_a_run_shows_its_warnings_and_the_files_that_it_quarantined(local_env: Environment) -> None:
    audit, job = Audit(local_env), unique("job")
    run = audit.start(RunRow(unique("run"), job, "retail", date(2017, 1, 31)))
    counts = Counts(rows_in=3, written=2, quarantined=1, quarantined_files=4)
    audit.finish(run.run_id, tables={"t": counts}, seconds=1, cost_estimate_usd=0, warnings=[WARNING])
    listed = audit.list(job=job)
    columns, rows = run_table(local_env, listed, as_json=True)
    shown = dict(zip(columns, rows[0], strict=True))
    assert (shown["quarantined"], shown["quarantined_files"], shown["warnings"]) == (1, 4, [WARNING])
    columns, rows = run_table(local_env, listed, as_json=False)
    assert dict(zip(columns, rows[0], strict=True))["warnings"] == 1
