"""Which landing files are new: each version of each file is read once, whenever it turns up."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glue_jobs.sources.landing_position import WINDOW, LandingFile, advance, files_between
from glue_jobs.sources.source import Position, SourceError

NOON = datetime(2017, 2, 1, 12, tzinfo=UTC)


def file(name: str, day: int, at: datetime = NOON, etag: str = "v1") -> LandingFile:
    return LandingFile(f"p/dt=2017-01-{day:02}/{name}", date(2017, 1, day), at, etag, 1)


def read(files: list[LandingFile], position: Position, day: int) -> tuple[list[str], Position]:
    until = advance(position, files, date(2017, 1, day))
    return [f"{f.key.rsplit('/', 1)[1]}" for f in files_between(files, position, until)], until


def test_folders_after_the_run_date_wait_for_their_run() -> None:
    files = [file("a", 1), file("b", 2), file("c", 3)]
    first, position = read(files, None, 1)
    second, position = read(files, position, 2)
    assert (first, second) == (["a"], ["b"])
    # Their stamps are long behind by now, and they are read all the same.
    later, _ = read(
        [*files, file("d", 2, NOON + 3 * WINDOW)],
        read([*files, file("d", 2, NOON + 3 * WINDOW)], position, 2)[1],
        3,
    )
    assert later == ["c"]


def test_nothing_new_is_the_same_position() -> None:
    files = [file("a", 1)]
    _, position = read(files, None, 5)
    assert advance(position, files, date(2017, 1, 9)) == position
    assert advance(None, [], date(2017, 1, 9)) is None


def test_a_late_file_in_an_old_folder_is_read() -> None:
    _, position = read([file("a", 1), file("b", 9)], None, 9)
    assert read([file("a", 1), file("late", 1, NOON + timedelta(days=3)), file("b", 9)], position, 9)[0] == [
        "late"
    ]


def test_an_overwritten_file_is_read_again_and_the_same_content_once_more_is_not() -> None:
    _, position = read([file("a", 1)], None, 9)
    assert read([file("a", 1, NOON + timedelta(hours=1), "v2")], position, 9)[0] == ["a"]
    assert read([file("a", 1, NOON + timedelta(hours=1), "v1")], position, 9)[0] == []


def test_a_file_of_the_same_second_as_the_newest_is_not_passed_over() -> None:
    _, position = read([file("a", 1)], None, 9)
    assert read([file("a", 1), file("b", 1)], position, 9)[0] == ["b"]


def test_an_upload_that_began_before_the_newest_and_ended_after_it_is_read() -> None:
    _, position = read([file("a", 1)], None, 9)
    assert read([file("a", 1), file("large", 1, NOON - timedelta(hours=5))], position, 9)[0] == ["large"]


def test_a_backfill_of_an_old_day_passes_over_no_file_of_a_later_one() -> None:
    old = [file("a", 1), file("b", 9)]
    _, position = read(old, None, 9)
    late = NOON + 2 * WINDOW
    files = [*old, file("new-1", 1, late), file("new-9", 9, late - timedelta(hours=1))]
    backfilled, position = read(files, position, 1)
    assert backfilled == ["new-1"]
    assert read(files, position, 9)[0] == ["new-9"]


def test_a_batch_is_the_same_files_again_though_others_have_come_since() -> None:
    files = [file("a", 1), file("b", 2)]
    until = advance(None, files, date(2017, 1, 9))
    more = [*files, file("c", 1, NOON + timedelta(hours=1)), file("d", 2, NOON - timedelta(hours=1))]
    assert files_between(more, None, until) == files


def test_a_year_of_files_leaves_a_position_that_fits_an_item() -> None:
    files = [
        LandingFile(f"p/dt={d}/{n}", d, NOON + timedelta(days=i), "v1", 1)
        for i in range(365)
        for n in "abc"
        for d in [date(2017, 1, 1) + timedelta(days=i)]
    ]
    position = advance(None, files, date(2017, 12, 31))
    assert position is not None
    assert len(json.dumps({**position, "files": []})) < 1_000


def test_a_planned_file_that_is_gone_is_named_and_one_that_was_overwritten_is_not() -> None:
    files = [file(f"{n}.json", 1) for n in range(6)]
    until = advance(None, files, date(2017, 1, 9))
    overwritten = [file("0.json", 1, NOON + timedelta(days=2), "v2"), *files[1:]]
    assert files_between(overwritten, None, until) == files[1:]
    with pytest.raises(SourceError) as caught:
        files_between(files[5:], None, until)
    assert str(caught.value) == (
        "RUN140 landing files that were planned are gone: p/dt=2017-01-01/0.json, p/dt=2017-01-01/1.json, "
        "p/dt=2017-01-01/2.json (and 2 more); bring them back, or drop the batch (docs/errors/RUN140.md)"
    )


arrivals = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 60), st.sampled_from("abc"), st.sampled_from(["v1", "v2"])),
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(arrivals, st.integers(1, 6)), max_size=6))
def test_every_version_of_every_file_is_read_once_by_the_run_of_its_day_or_a_later_one(
    steps: list[tuple[list[tuple[int, int, str, str]], int]],
) -> None:
    """Uploads that take up to an hour, runs in any order of days."""
    listing: dict[str, LandingFile] = {}
    position: Position = None
    read_so_far: list[str] = []
    replaced: set[str] = set()
    for number, (arriving, day) in enumerate([*steps, ([], 6)]):
        for at, minute, name, version in arriving:
            new = file(name, at, NOON + timedelta(hours=number, minutes=minute), version)
            if new.key in listing and listing[new.key].fingerprint != new.fingerprint:
                replaced.add(listing[new.key].fingerprint)
            listing[new.key] = new
        files = list(listing.values())
        until = advance(position, files, date(2017, 1, day))
        batch = files_between(files, position, until)
        assert all(f.day <= date(2017, 1, day) for f in batch)
        read_so_far += [f.fingerprint for f in batch]
        position = until
    once = [f for f in read_so_far if f not in replaced]
    assert len(once) == len(set(once))
    assert {f.fingerprint for f in listing.values()} <= set(read_so_far)
