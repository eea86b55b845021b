"""Decides what results lead to: a failed critical rule stops the pipeline, a failed warning alerts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from glue_jobs.errors import RunError
from glue_jobs.quality.result import Result


@dataclass(frozen=True)
class Verdict:
    """The failed rules by severity: critical ones stop the pipeline, warnings alert."""

    critical: list[Result]
    warnings: list[Result]

    @property
    def passed(self) -> bool:
        """Whether no critical rule failed."""
        return not self.critical


def verdict(results: Iterable[Result]) -> Verdict:
    """The verdict on the results of a suite. A rule that could not be judged counts as failed."""
    failed = [r for r in results if not r.success]
    return Verdict(
        [r for r in failed if r.severity == "critical"], [r for r in failed if r.severity != "critical"]
    )


class GateFailedError(RunError):
    """A quality gate stopped the pipeline. The message is what the person on call reads first."""

    code = "RUN301"

    def __init__(self, gate: str, verdict: Verdict, *, run_date: date, run_id: str, results_in: str) -> None:
        """`gate` is the job's name, `results_in` the folder of all results, `run_id` the run that stored
        them.
        """
        self.verdict = verdict
        count = f"{len(verdict.critical)} critical rule{'s' if len(verdict.critical) != 1 else ''}"
        lines = [
            f"{gate} stopped the pipeline: {count} failed for {run_date.isoformat()}. "
            "Nothing after this gate has run."
        ]
        for i, result in enumerate(verdict.critical, 1):
            lines += [f"  {i}. {describe(result)}", *(f"     {line}" for line in _details(result))]
        if verdict.warnings:
            lines.append(f"  Also failed, as warnings: {'; '.join(describe(r) for r in verdict.warnings)}")
        lines.append(f"  All results: {results_in}, run_id {run_id}")
        super().__init__("\n".join(lines))


# What these observe is the value of one row.
_OF_ONE_ROW = frozenset(["expect_column_max_to_be_between", "expect_column_min_to_be_between"])
# A mean or a sum of fewer rows tells what stands in them.
_OF_ALL_ROWS = frozenset(["expect_column_mean_to_be_between", "expect_column_sum_to_be_between"])
_MANY_ROWS = 10


def describe(result: Result) -> str:
    """One line: the table, the rule with its arguments, and how badly it failed."""
    arguments = ", ".join(f"{k}={_short(v)}" for k, v in result.kwargs.items())
    return f"{result.table}: {result.expectation}({arguments}): {_outcome(result)}"


def _outcome(result: Result) -> str:
    if result.exception is not None:
        return f"could not be judged: {result.exception}"
    if result.unexpected_count is None:
        if result.expectation in _OF_ONE_ROW and result.observed_value is not None:
            return f"a value is out of bounds, in {result.element_count:,} rows"
        if result.expectation in _OF_ALL_ROWS and result.element_count < _MANY_ROWS:
            return f"it is out of bounds, in {result.element_count:,} rows"
        return f"found {_short(result.observed_value)} in {result.element_count:,} rows"
    considered = result.element_count - (result.missing_count or 0)
    allowed = 100 - 100 * float(result.kwargs.get("mostly", 1.0))
    percent = result.unexpected_percent or 0
    return f"{result.unexpected_count:,} of {considered:,} rows ({percent:.3g} %, allowed {allowed:.3g} %)"


def _details(result: Result) -> list[str]:
    # The keys are those of persons, and a message has more readers than the table of results.
    details = (
        [f"keys of {len(result.sample_keys)} such rows stand in the results"] if result.sample_keys else []
    )
    return [*details, f"why it matters: {result.why}"] if result.why else details


def _short(value: object, max_chars: int = 120) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= max_chars else text[: max_chars - 1] + "…"
