"""Random rows: uniqueness, nulls and ranges against a few lines of plain Python."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from pyspark.sql import SparkSession

from lakehouse.contracts import Expectation
from tests.glue_jobs.quality.helpers import judged, rule

TEXTS = (None, "", "a", "b", "A", "a ", "é", "e\u0301", "\x00")
ROWS, PAIRS = 12, 4


@dataclass(frozen=True)
class Pair:
    """Two columns of a table, a number and a text, with the bounds and the tolerance of their rules."""

    number: str
    text: str
    rows: list[tuple[Any, Any]]
    low: int
    high: int
    strict: bool
    mostly: float

    @property
    def rules(self) -> list[Expectation]:
        bounds = {"min_value": self.low, "max_value": self.high, "strict_min": self.strict}
        mostly = {"mostly": self.mostly}
        both = [self.number, self.text]
        return [
            rule("expect_column_values_to_not_be_null", column=self.number, **mostly),
            rule("expect_column_values_to_be_unique", column=self.text, **mostly),
            rule("expect_compound_columns_to_be_unique", column_list=both, **mostly),
            rule("expect_column_values_to_be_between", column=self.number, **mostly, **bounds),
        ]

    @property
    def broken(self) -> list[tuple[int, list[int]]]:
        """Of each rule, how many rows it considers and which of these break it."""
        rows = [(i, *row) for i, row in enumerate(self.rows)]
        numbers = [(i, n) for i, n, _ in rows if n is not None]
        texts = [(i, s) for i, _, s in rows if s is not None]
        pairs = [(i, (n, s)) for i, n, s in rows if (n, s) != (None, None)]
        often_texts, often_pairs = Counter(s for _, s in texts), Counter(p for _, p in pairs)
        inside = range(self.low + self.strict, self.high + 1)
        return [
            (len(rows), [i for i, n, _ in rows if n is None]),
            (len(texts), [i for i, s in texts if often_texts[s] > 1]),
            (len(pairs), [i for i, p in pairs if often_pairs[p] > 1]),
            (len(numbers), [i for i, n in numbers if n not in inside]),
        ]


def a_pair(chance: random.Random, number: int) -> Pair:
    nulls = chance.choice([0.0, 0.2, 1.0])

    def value() -> int | None:
        return None if chance.random() < nulls else chance.randint(-3, 3)

    rows = [(value(), chance.choice(TEXTS[: chance.choice([1, 4, 9])])) for _ in range(ROWS)]
    low = chance.randint(-3, 3)
    high, strict = low + chance.randrange(5), chance.random() < 0.5
    return Pair(f"n{number}", f"s{number}", rows, low, high, strict, chance.choice([0.25, 0.5, 1.0]))


@pytest.mark.parametrize("seed", [2017, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(10))])
def test_counts_are_those_of_plain_python(spark: SparkSession, seed: int) -> None:
    """All pairs are columns of one table, so that one judgement tells of each."""
    chance = random.Random(seed)
    pairs = [a_pair(chance, number) for number in range(PAIRS)]
    rows = [(i, *(cell for pair in pairs for cell in pair.rows[i])) for i in range(ROWS)]
    ddl = ", ".join(["id int", *(f"{pair.number} int, {pair.text} string" for pair in pairs)])
    results = judged(spark.createDataFrame(rows, ddl), *[r for pair in pairs for r in pair.rules])
    broken = [(pair, *of_rule) for pair in pairs for of_rule in pair.broken]
    for result, (pair, considered, wrong) in zip(results, broken, strict=True):
        assert (result.element_count, result.unexpected_count) == (ROWS, len(wrong))
        assert result.element_count - (result.missing_count or 0) == considered
        assert result.success == (not considered or 1 - len(wrong) / considered >= pair.mostly - 1e-12)
        assert [json.loads(k)["id"] for k in result.sample_keys] == ([] if result.success else wrong[:5])
