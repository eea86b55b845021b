"""Judges what changed of a table since it last passed, where that says the same as judging all of it.

- A rule about rows that allows none to break it holds when it holds for the changed rows.
- One that allows a share of them (`mostly`) holds when the changed rows brought no more than that share.
- The greatest, least or newest value fits when it fits among the changed rows. Else it follows from the value
  before, which the gate remembers, and from these rows.
- A key is there twice only if it has come, and intervals are broken only where a row came, went or changed.

Whatever this does not prove, the whole table decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from pyspark.sql import Column, DataFrame

from glue_jobs.job_types.gate_extremes import EXTREMES, Remembered, value_before, value_now
from glue_jobs.job_types.gate_keys import Bounds, changed_keys, new_keys, sharing
from glue_jobs.job_types.gate_part import ChangedPart
from glue_jobs.quality.bounds import RuleError
from glue_jobs.quality.compile import judge
from glue_jobs.quality.result import Result, observed
from glue_jobs.quality.row_rules import ROW_RULES
from glue_jobs.quality.table_rules import AGGREGATES
from lakehouse.contracts import Expectation, Suite

REFERENCE = "expect_column_values_to_exist_in_table"
_ROW_COUNT = "expect_table_row_count_to_be_between"
_INTERVALS = "expect_intervals_to_be_contiguous"
# Rules about rows that share a key: the argument with the columns of the key.
_KEYED = {
    "expect_column_values_to_be_unique": "column",
    "expect_compound_columns_to_be_unique": "column_list",
    _INTERVALS: "column_list",
}
Results = dict[int, Result]


@dataclass(frozen=True)
class PartJudge:
    """Judges a suite by a part of its table. `tables` and `key` as in `judge`.

    `has_lost` says of a reference whether the other table no longer has a value that it had: then rows that
    did not change may break it. `before`: values of the whole table as it was.
    """

    whole: DataFrame
    part: ChangedPart
    suite: Suite
    run_date: date
    tables: Callable[[str], DataFrame]
    key: Sequence[str]
    has_lost: Callable[[Expectation], bool]
    before: Remembered

    def results(self) -> list[Result]:
        """One result per expectation, in the suite's order; each says which part it judged."""
        rules = list(enumerate(self.suite.expectations))
        references = [i for i, e in rules if e.type == REFERENCE and not self.has_lost(e)]
        of_rows = [i for i, e in rules if e.type in ROW_RULES or i in references]
        by_share = [i for i in of_rows if self.suite.expectations[i].mostly < 1]
        exact = [i for i in of_rows if i not in by_share]
        extremes = [i for i, e in rules if e.type in EXTREMES]
        # Of whole days the rows that are there now are those that the shares are about: one pass.
        at_once = by_share if self.part.day is not None else []
        answers = self._ask(self.part.rows, [*exact, *extremes, *at_once], self.part.label, self._bounds)
        results = {i: r for i, r in answers.items() if i in exact}
        results |= self._by_memory({i: answers[i] for i in extremes})
        results |= self._by_share(by_share, {i: answers[i] for i in at_once})
        results |= self._by_key()
        results |= self._by_log()
        results |= self._ask(self.whole, [i for i, _ in rules if i not in results], None)
        return [results[i] for i, _ in rules]

    @cached_property
    def _bounds(self) -> Bounds:
        """The bounds of all that is asked of other rows about `part.rows`."""
        of = [str(e.kwargs["column"]) for e in self.suite.expectations if e.type == REFERENCE]
        if self.part.day is not None:
            of += [name for _, columns in self._keyed for name in columns]
        return Bounds.of(self.part.rows, [n for n in of if n in self.part.rows.columns], self.part.day)

    def _ask(
        self, rows: DataFrame, numbers: Sequence[int], label: str | None, bounds: Bounds | None = None
    ) -> Results:
        if not numbers:
            return {}
        rules = [self.suite.expectations[i] for i in numbers]
        of = self.suite.model_copy(update={"expectations": rules})
        tables = self.tables if bounds is None else self._known_near(bounds, rules)
        judged = judge(rows, of, run_date=self.run_date, tables=tables, key=self.key)
        return {i: replace(r, part=label) for i, r in zip(numbers, judged, strict=True)}

    def _ask_changed(self, rows: DataFrame, numbers: Sequence[int]) -> Results:
        of = [self.suite.expectations[i] for i in numbers]
        names = [str(e.kwargs["column"]) for e in of if e.type == REFERENCE]
        bounds = Bounds.of(rows, [n for n in names if n in rows.columns], self.part.day)
        return self._ask(rows, numbers, self.part.label, bounds)

    def _by_share(self, numbers: Sequence[int], added: Results) -> Results:
        """The rules that the changed rows break no more often, for their number, than is allowed."""
        added = added or self._ask_changed(self.part.added, numbers)
        judged = [i for i in numbers if added[i].exception is None]
        holding = [i for i in judged if self._holds_at_worst(i, added[i])]
        removed = self._ask_changed(self.part.removed, [i for i in judged if i not in holding])

        def has_improved(i: int) -> bool:
            (more, broken), (less, mended) = _counts(added[i]), _counts(removed[i])
            return broken - mended <= (1 - self.suite.expectations[i].mostly) * (more - less)

        holding += [i for i, r in removed.items() if r.exception is None and has_improved(i)]
        return {i: replace(added[i], success=True) for i in holding}

    def _holds_at_worst(self, i: int, added: Result) -> bool:
        """Whether the rule holds even if every row that was removed had been considered, and sound."""
        if self.part.net_rows is None:
            return False
        rows, broken = _counts(added)
        removed = added.element_count - self.part.net_rows
        return broken <= (1 - self.suite.expectations[i].mostly) * (rows - removed)

    def _by_memory(self, changed: Results) -> Results:
        """Values that fit among the changed rows, or are known of the whole table."""
        known = {i: value_before(self.suite.expectations[i], self.before) for i in changed}
        asked = [i for i, r in changed.items() if not r.success and known[i] is not None]
        removed = self._ask_changed(self.part.removed, asked)
        results: Results = {}
        for i, r in changed.items():
            of, gone = self.suite.expectations[i], removed.get(i)
            # Without the rows as they were, only a value that is no worse than the one before is sure.
            value = value_now(of, known[i], r.observed_value, gone.observed_value if gone else known[i])
            if r.success:
                results[i] = replace(r, whole_value=value)
            elif value is not None and r.exception is None:
                judge_value = AGGREGATES[of.type](of.kwargs, self.whole.schema).judge
                sent = value.isoformat() if isinstance(value, datetime) else value
                holds, shown = judge_value(sent, self.run_date)
                results[i] = replace(r, success=holds, observed_value=shown, whole_value=value)
        return results

    @cached_property
    def _keyed(self) -> dict[tuple[bool, tuple[str, ...]], list[int]]:
        """(whether the rule is about intervals, its key) → the numbers of such rules."""
        keyed: dict[tuple[bool, tuple[str, ...]], list[int]] = {}
        for i, e in enumerate(self.suite.expectations):
            if e.type in _KEYED and e.mostly == 1:
                names = e.kwargs[_KEYED[e.type]]
                columns = tuple([names] if isinstance(names, str) else names)
                if set(columns) <= set(self.whole.columns):
                    keyed.setdefault((e.type == _INTERVALS, columns), []).append(i)
        return keyed

    def _by_key(self) -> Results:
        results: Results = {}
        for (intervals, columns), numbers in self._keyed.items():
            keys = (changed_keys if intervals else new_keys)(self.part, columns)
            of_days = self.part.day is not None and not intervals
            bounds = self._bounds if of_days else Bounds.of(keys, columns)
            rows = sharing(self.whole, keys, columns, bounds)
            results |= self._ask(rows, numbers, f"keys of {self.part.label}")
        return results

    def _by_log(self) -> Results:
        """Numbers of rows. Delta knows that of a version by its log, if it is asked for nothing else."""
        rules = {i: e for i, e in enumerate(self.suite.expectations) if e.type == _ROW_COUNT}
        rows = self.whole.count() if rules else 0
        results: Results = {}
        for i, e in rules.items():
            # A rule without sense is left to the pass that says why.
            with suppress(RuleError):
                judge_count = AGGREGATES[_ROW_COUNT](e.kwargs, self.whole.schema).judge
                holds, value = judge_count(rows, self.run_date)
                results[i] = observed(self.suite.table, e, rows, holds, value)
        return results

    def _known_near(self, bounds: Bounds, rules: Sequence[Expectation]) -> Callable[[str], DataFrame]:
        """The other tables, of each the rows that a value within the bounds may be found in."""
        conditions: dict[str, Column] = {}
        for e in rules:
            if e.type == REFERENCE and e.kwargs["column"] in self.whole.columns:
                other = str(e.kwargs["table"])
                one = bounds.near({str(e.kwargs["column"]): str(e.kwargs["table_column"])})
                conditions[other] = conditions[other] | one if other in conditions else one

        def known(name: str) -> DataFrame:
            rows = self.tables(name)
            return rows.where(conditions[name]) if name in conditions else rows

        return known


def _counts(result: Result) -> tuple[int, int]:
    """(rows that the rule considers, rows that break it)"""
    return result.element_count - (result.missing_count or 0), result.unexpected_count or 0
