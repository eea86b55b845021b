"""Runs the quality suites of tables: a broken critical rule stops the pipeline, a broken warning alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

from glue_jobs.errors import first_line
from glue_jobs.job_types import gate_results
from glue_jobs.job_types.concurrency import run_concurrently
from glue_jobs.job_types.gate_extremes import extremes_of
from glue_jobs.job_types.gate_judge import judge_table
from glue_jobs.job_types.gate_state import State, answers, passed_since, rules_hash, state_of
from glue_jobs.job_types.retries import try_again
from glue_jobs.observability.alerts import alert
from glue_jobs.quality.gate import GateFailedError, describe, verdict
from glue_jobs.quality.result import Result
from glue_jobs.run_context import Batch, Json, RunContext
from glue_jobs.state.audit import Counts
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import names
from lakehouse.pipelines.job_keys import results_key, table_watermark


@dataclass(frozen=True)
class Judgement:
    """The results of one table in one state, and the run under whose id they are stored.

    `whole`: the logical date on which the whole table was judged last. `extremes`: values of the whole table.
    """

    state: State
    results: list[Result]
    run_id: str
    whole: str
    extremes: dict[str, list[str]]

    @property
    def passed(self) -> State:
        """What is remembered of a table that passed."""
        return {**self.state, "whole": self.whole, "extremes": self.extremes}


class Gate:
    """Runs the quality suite of every table that the job reads.

    It skips a table whose version, rules and date have already passed. The results are a batch: planned,
    stored in one transaction per layer, alerted, and only then is a passed table remembered. A gate that was
    killed is finished with the versions that it had planned.
    """

    def execute(self, run: RunContext) -> None:
        judged: dict[str, Judgement] = {}
        resumed = self._batch(run, judged)
        if resumed:
            # The killed run's batch is finished; what has changed since then is judged now.
            self._batch(run, judged)
        for table in run.job.reads:
            if table in run.schemas.suites and table not in judged:
                run.count_unchanged(table, table_watermark(run.job, table))
        # A killed run may have been one of another date: its results are stored, and decide nothing here.
        today = [j for j in judged.values() if j.state["run_date"] == run.run_date.isoformat()]
        outcome = verdict(r for judgement in today for r in judgement.results)
        run.critical_failures = len(outcome.critical)
        if outcome.critical:
            raise GateFailedError(
                run.job.name,
                outcome,
                run_date=run.run_date,
                run_id=", ".join(sorted({judged[r.table].run_id for r in outcome.critical})),
                results_in=names.dq_results_root(run.env),
            )

    def _batch(self, run: RunContext, judged: dict[str, Judgement]) -> bool:
        """Judges what has no result yet. True when the batch is one that a killed run had planned."""

        def plan(position: Json) -> Json:
            remembered = {t: j.passed for t, j in judged.items()}
            states = {t: s for t, s in self._states(run).items() if not answers(run, remembered.get(t), s)}
            # The run's id makes the batch a new one: a table that failed is judged again in the same state.
            since = {t: passed_since(run, t, s) for t, s in states.items()}
            return {"tables": states, "since": since, "planned_by": run.run_id} if states else position

        key = results_key(run.job)
        with run.batch(key, key, plan) as batch:
            if batch is None:
                return False
            new, errors = self._judge(run, batch)
            judged |= new
            gate_results.store(run, batch, {table: j.results for table, j in new.items()})
            self._alert(run, [r for j in new.values() for r in j.results])
            for table, judgement in new.items():
                if verdict(judgement.results).passed:
                    Watermarks(run.env).reset(table_watermark(run.job, table), judgement.passed)
        for table, error in errors.items():
            run.log.error("table %s not judged: %s", table, first_line(error), extra={"table": table})
        if errors and not batch.resumed:
            raise next(iter(errors.values()))
        return batch.resumed

    def _states(self, run: RunContext) -> dict[str, State]:
        """The state of each table that has not passed in it, or that is forced."""
        states = {t: state_of(run, t) for t in run.job.reads if t in run.schemas.suites}
        watermarks = Watermarks(run.env)
        passed = {t: watermarks.read(table_watermark(run.job, t)).position for t in states}
        return {t: s for t, s in states.items() if t in run.force or not answers(run, passed[t], s)}

    def _judge(self, run: RunContext, batch: Batch) -> tuple[dict[str, Judgement], dict[str, Exception]]:
        """The judgement of each planned table, or the error that prevented it."""
        # A table may have left the job's row, or have other rules, since a killed run planned the batch.
        judgeable = [t for t in run.job.reads if t in run.schemas.suites]
        states: dict[str, State] = {
            t: s
            for t, s in batch.until["tables"].items()
            if t in judgeable and s["rules"] == rules_hash(run, t)
        }
        judged: dict[str, Judgement] = {}
        errors: dict[str, Exception] = {}

        def act(table: str) -> None:
            state, since = states[table], batch.until.get("since", {}).get(table)
            run_date, versions = date.fromisoformat(state["run_date"]), state["versions"]
            judge = partial(
                judge_table,
                run.session,
                run.env,
                run.schemas,
                table,
                run_date,
                versions=versions,
                since=since and since["versions"],
                before=since and since.get("extremes"),
            )
            try:
                results = try_again(run, judge, f"table {table}")
            except Exception as error:  # the results of the other tables are stored all the same
                errors[table] = error
                return
            rows = max((r.element_count for r in results), default=0)
            run.count(table, Counts(rows_in=rows, written=rows))
            in_part = since is not None and any(r.part for r in results)
            whole = since["whole"] if in_part else state["run_date"]
            extremes = extremes_of(results, run.contract(table))
            judged[table] = Judgement(state, results, batch.run_id, whole, extremes)

        run_concurrently(act, states)
        return {table: judged[table] for table in states if table in judged}, errors

    def _alert(self, run: RunContext, results: list[Result]) -> None:
        warnings = [describe(r) for r in verdict(results).warnings]
        for warning in warnings:
            run.warn(warning)
        if warnings:
            body = {"job": run.job.name, "run_id": run.run_id, "warnings": warnings}
            alert(run.env, f"{run.job.name}: {len(warnings)} warnings", body)
