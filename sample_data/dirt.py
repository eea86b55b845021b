"""Adds dirt to clean rows: pure, seeded, and only ever adding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from random import Random
from typing import TypeVar

import polars as pl

from sample_data.rules import FRAME_RULES, Row, Rule, TextRule
from sample_data.summary import DirtCount
from sample_data.text_rules import TEXT_RULES

T = TypeVar("T")


def chosen(rule: Rule, rows: int, share: float, seed: int) -> list[int]:
    """The positions of the rows that a rule is applied to: the share, rounded up, so that each kind occurs
    where there is a row.
    """
    return sorted(
        Random(f"{seed}/{rule.source}/{rule.kind}").sample(range(rows), min(rows, ceil(share * rows)))
    )


def dirty_frame(
    source: str, clean: pl.DataFrame, share: float, seed: int
) -> tuple[pl.DataFrame, list[DirtCount]]:
    """The clean rows, then those of each rule of `source` in the rules' order, with the same columns and
    types.
    """
    frames, counts = [clean], []
    for rule in FRAME_RULES:
        if rule.source == source and share > 0:
            added = clean[chosen(rule, clean.height, share, seed)].with_columns(**rule.columns)
            frames.append(added)
            counts.append(_count(rule, added.height))
    return pl.concat(frames), counts


def dirty_lines(
    source: str,
    clean: Sequence[tuple[T, Row]],
    render: Callable[[Row], bytes],
    share: float,
    seed: int,
    rules: Sequence[TextRule] = TEXT_RULES,
) -> tuple[list[tuple[T, bytes]], list[DirtCount]]:
    """The lines that the rules of `source` add to its rows; each keeps the place (file, key, …) of the row it
    was made from.
    """
    lines: list[tuple[T, bytes]] = []
    counts: list[DirtCount] = []
    for rule in rules:
        if rule.source == source and share > 0:
            places = chosen(rule, len(clean), share, seed)
            lines += [(clean[i][0], _spoilt(rule, clean[i][1], render)) for i in places]
            counts.append(_count(rule, len(places)))
    return lines, counts


def _spoilt(rule: TextRule, row: Row, render: Callable[[Row], bytes]) -> bytes:
    return rule.spoil(render(rule.edit(row)))


def _count(rule: Rule, rows: int) -> DirtCount:
    return DirtCount(rule.source, rule.kind, rule.outcome, rule.says, rows)
