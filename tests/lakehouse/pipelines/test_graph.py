"""Jobs run after those that they wait for; circles are named, each wait in one circle only."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from graphlib import TopologicalSorter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.pipelines import Job, load_pipelines
from lakehouse.pipelines.graph import ancestors, cycles, ordered

NAMES = "abcdefg"
Waits = dict[str, frozenset[str]]
ANY_WAITS = st.fixed_dictionaries({name: st.frozensets(st.sampled_from(NAMES)) for name in NAMES})


@cache
def template() -> Job:
    return load_pipelines()["retail"].jobs[0]


def jobs_of(waits: Waits) -> dict[str, Job]:
    return {name: replace(template(), name=name, depends_on=tuple(sorted(waits[name]))) for name in waits}


def without_circles(waits: Waits) -> Waits:
    """Only waits for a job whose name comes earlier."""
    return {name: frozenset(d for d in waits[name] if d < name) for name in waits}


def closure(waits: Waits) -> set[tuple[str, str]]:
    """(job, job before it) by Warshall's algorithm."""
    pairs = {(name, before) for name in waits for before in waits[name]}
    for middle in waits:
        pairs |= {(a, c) for a, b in pairs if b == middle for b2, c in pairs if b2 == middle}
    return pairs


@settings(max_examples=60, deadline=None)
@given(ANY_WAITS, st.permutations(list(NAMES)))
def test_jobs_come_after_all_that_they_wait_for(waits: Waits, order: list[str]) -> None:
    by_name = jobs_of(without_circles(waits))
    names = [job.name for job in ordered([by_name[name] for name in order])]
    assert sorted(names) == sorted(NAMES)
    assert all(names.index(d) < names.index(name) for name in names for d in by_name[name].depends_on)


@settings(max_examples=60, deadline=None)
@given(ANY_WAITS)
def test_ancestors_are_all_jobs_before_a_job(waits: Waits) -> None:
    acyclic = without_circles(waits)
    by_name, pairs = jobs_of(acyclic), closure(acyclic)
    for name, job in by_name.items():
        assert ancestors(job, by_name) == {before for after, before in pairs if after == name}


def test_name_that_is_no_job_is_no_ancestor() -> None:
    by_name = jobs_of({"a": frozenset({"gone"}), "b": frozenset({"a"})})
    assert ancestors(by_name["b"], by_name) == {"a"}


@settings(max_examples=60, deadline=None)
@given(ANY_WAITS)
def test_circles_are_circles_that_share_no_wait_and_leave_none(waits: Waits) -> None:
    circles = cycles(jobs_of(waits))
    edges = [edge for circle in circles for edge in pairwise(circle)]
    assert all(circle[0] == circle[-1] for circle in circles)
    assert all(before in waits[after] for before, after in edges)
    assert len(set(edges)) == len(edges)
    rest = {name: {d for d in waits[name] if (d, name) not in edges} for name in waits}
    assert len(list(TopologicalSorter(rest).static_order())) == len(NAMES)


def test_jobs_in_a_circle_keep_the_order_of_their_file() -> None:
    jobs = list(jobs_of({"b": frozenset({"a"}), "a": frozenset({"b"})}).values())
    assert ordered(jobs) == jobs
