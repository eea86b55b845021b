"""A condition over the columns of one row, as row rules state it: what of it is refused, by sqlglot."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from lakehouse.pipelines.sql_guard import refusals
from lakehouse.pipelines.sql_nodes import foreign_nodes
from lakehouse.pipelines.sql_refusal import Refusal
from lakehouse.pipelines.sql_regexes import costly_regexes, foreign_regexes

WANTED = "a condition over columns of the row, such as ends_at >= starts_at"
# Functions of many rows, or that make many rows of one, or that end the whole run.
NOT_OF_ONE_ROW = frozenset(
    """
    any any_value approx_count_distinct approx_percentile array_agg assert_true avg bit_and bit_or
    bit_xor bitmap_construct_agg bitmap_or_agg bool_and bool_or collect_list collect_set corr count
    count_if count_min_sketch covar_pop covar_samp cume_dist dense_rank every explode explode_outer
    first first_value grouping grouping_id histogram_numeric hll_sketch_agg hll_union_agg inline
    inline_outer json_tuple kurtosis lag last last_value lead max max_by mean median min min_by mode
    nth_value ntile percent_rank percentile percentile_approx percentile_cont percentile_disc posexplode
    posexplode_outer raise_error rank regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope
    regr_sxx regr_sxy regr_syy row_number session_window skewness some sql_keywords stack std stddev
    stddev_pop stddev_samp sum try_avg try_sum var_pop var_samp variance window window_time
    """.split()  # noqa: SIM905 (one word a line would be a hundred lines)
)
# What gives a number, a text or nothing, and is never true.
_VALUES = (
    exp.Literal,
    exp.Alias,
    exp.Star,
    exp.Null,
    exp.Neg,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.IntDiv,
    exp.Mod,
    exp.DPipe,
)
_CALL = re.compile(r"(?<![\w`.])([A-Za-z_]\w*)\s*\(", re.ASCII)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`", re.DOTALL)
# Before a bracket these are words of the grammar: LIKE ANY ('a', 'b').
_AFTER_LIKE = re.compile(r"\b(?:r?i?like)\s+$", re.IGNORECASE)


def condition_refusals(sql: str, columns: Collection[str]) -> list[Refusal]:
    """Everything that is refused in a condition over `columns`. The offset of each is that in `sql`."""
    refused = [Refusal(r.message, r.offset, r.expected) for r in refusals(sql)]
    refused += list(_of_calls(sql))
    if re.search(r"--|/\*", _QUOTED.sub("''", sql)):
        refused.append(Refusal("has a comment", 0, "the reason of the rule says why"))
    try:
        tree: Any = sqlglot.parse_one(sql, dialect="spark", into=exp.Condition)
    except ParseError as error:
        first: dict[str, Any] = error.errors[0] if error.errors else {}
        near = f" at '{first['highlight']}'" if first.get("highlight") else ""
        return [*refused, Refusal(f"is no condition{near}", 0, WANTED)]
    except (SqlglotError, RecursionError) as error:
        return [*refused, Refusal(f"is no condition: {type(error).__name__}", 0, WANTED)]
    of_regexes = [*foreign_regexes(tree), *costly_regexes(tree)]
    return [*refused, *_of_tree(tree, columns), *foreign_nodes(tree), *of_regexes]


def _of_calls(sql: str) -> Iterator[Refusal]:
    text = _QUOTED.sub(lambda match: " " * len(match[0]), sql)
    for call in _CALL.finditer(text):
        name = call[1].lower()
        if name in NOT_OF_ONE_ROW and not _AFTER_LIKE.search(text[: call.start()]):
            yield Refusal(f"calls {call[1]}, which is of no single row", call.start(), WANTED)


def _of_tree(tree: Any, columns: Collection[str]) -> Iterator[Refusal]:
    if isinstance(tree.unnest(), _VALUES):
        yield Refusal("is no condition", 0, WANTED)
    if tree.find(exp.Query, exp.Window, exp.Star):
        yield Refusal("reads more than the row", 0, WANTED)
    if tree.find(exp.Placeholder, exp.Parameter):
        yield Refusal("has a parameter, :name", 0, WANTED)
    named = list(tree.find_all(exp.Column))
    if not named:
        yield Refusal("names no column", 0, WANTED)
    for column in named:
        name = column.parts[0].name
        if name not in columns:
            offset = int(column.parts[0].meta.get("start", 0))
            yield Refusal(f"names '{name}', which is no column of the table", offset, name)
