"""Lines of landing files have their position and say whether they are UTF-8, in small and large files."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pyspark.sql import SparkSession

from glue_jobs.sources import files
from glue_jobs.sources.landing_position import LandingFile
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from tests.glue_jobs.sources.systems import Landing, rows_of

NOON = datetime(2017, 1, 1, 12, tzinfo=UTC)
WHOLE_OR_SPLIT = pytest.mark.parametrize(
    "whole_bytes", [files.WHOLE_BYTES, 0], ids=["as-one-value", "in-splits"]
)


class Folder:
    """Files of one test, read as lines."""

    def __init__(self, env: Environment, spark: SparkSession) -> None:
        self._landing, self._spark = Landing(env), spark
        self._bucket = names.bucket(env, Zone.LANDING)
        self.prefix = self._landing.prefix
        self._files: list[LandingFile] = []

    def put(self, name: str, body: bytes) -> None:
        self._landing.put(name, body)
        key = f"{self.prefix}/{name}"
        self._files.append(LandingFile(key, date.min, NOON, "v1", len(body)))

    def lines(self, *columns: str, skip_first: bool = False) -> list[tuple[object, ...]]:
        return rows_of(files.lines(self._spark, self._bucket, self._files, skip_first=skip_first), *columns)

    def whole(self) -> list[tuple[object, ...]]:
        return rows_of(files.whole_files(self._spark, self._bucket, self._files), "value", "key", "utf8")


@pytest.fixture
def folder(local_env: Environment, spark: SparkSession) -> Folder:
    return Folder(local_env, spark)


def test_a_line_has_the_number_it_has_in_its_file_and_blank_ones_are_left_out(folder: Folder) -> None:
    folder.put("a.txt", b"one\n\n  \nfour\n")
    assert folder.lines("line", "position") == [
        ("four", f"{folder.prefix}/a.txt:4"),
        ("one", f"{folder.prefix}/a.txt:1"),
    ]


@WHOLE_OR_SPLIT
def test_windows_line_ends_and_a_byte_order_mark_are_not_data(
    folder: Folder, whole_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE_BYTES", whole_bytes)
    folder.put("a.txt", b"\xef\xbb\xbfone\r\ntwo\r\n")
    assert folder.lines("line", "utf8") == [("one", True), ("two", True)]


@WHOLE_OR_SPLIT
def test_bytes_that_are_not_utf8_mark_their_line_and_no_other(
    folder: Folder, whole_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE_BYTES", whole_bytes)
    folder.put("a.txt", "naïve\n".encode() + b"broken \xff\xfe\n")
    folder.put("b.txt", "a \ufffd that was sent\n".encode())
    assert folder.lines("line", "utf8") == [
        ("a \ufffd that was sent", True),
        ("broken \ufffd\ufffd", False),
        ("naïve", True),
    ]


@WHOLE_OR_SPLIT
def test_the_header_of_every_file_is_left_out(
    folder: Folder, whole_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WHOLE_BYTES", whole_bytes)
    folder.put("a.csv", b"id\n1\n")
    folder.put("b.csv", b"id\n2\n3\n")
    assert folder.lines("line", skip_first=True) == [("1",), ("2",), ("3",)]


def test_a_large_file_has_positions_by_its_splits(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WHOLE_BYTES", 0)
    folder.put("a.txt", b"one\ntwo\n")
    assert {position for (position,) in folder.lines("position")} == {f"{folder.prefix}/a.txt@0"}


def test_file_names_may_hold_whatever_s3_allows(folder: Folder) -> None:
    name = "dt=2017-01-01/a b+c%20{x,y}*[1]?'; drop\\é.jsonl"
    folder.put(name, b"one")
    folder.put("dt=2017-01-01/a bXc.jsonl", b"two")
    assert folder.lines("line", "position") == [
        ("one", f"{folder.prefix}/{name}:1"),
        ("two", f"{folder.prefix}/dt=2017-01-01/a bXc.jsonl:1"),
    ]


def test_no_files_have_no_lines(folder: Folder) -> None:
    assert folder.lines("line", "position", "utf8") == []
    assert folder.whole() == []


def test_a_whole_file_is_one_value(folder: Folder) -> None:
    folder.put("a.json", b'{\n"id": 1}')
    assert folder.whole() == [('{\n"id": 1}', f"{folder.prefix}/a.json", True)]
