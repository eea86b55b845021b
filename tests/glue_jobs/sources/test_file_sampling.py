"""The columns of files are learnt from their beginnings."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from glue_jobs.aws import clients
from glue_jobs.sources import file_sampling
from glue_jobs.sources.file_sampling import FileSampler
from glue_jobs.sources.landing_position import LandingFile
from lakehouse.environments import Environment
from tests.buckets import create_bucket

BUCKET = "file-sampling"


class Folder:
    """Files of one test."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.files: list[LandingFile] = []

    def put(self, name: str, text: str | bytes) -> None:
        body = text.encode() if isinstance(text, str) else text
        clients(self.env).s3.put_object(Bucket=BUCKET, Key=name, Body=body)
        self.files.append(LandingFile(name, date.min, datetime(2017, 1, 1, tzinfo=UTC), "v1", len(body)))

    @property
    def sampler(self) -> FileSampler:
        return FileSampler(clients(self.env), BUCKET)


@pytest.fixture(scope="module")
def bucket(aws_env: Environment) -> Environment:
    create_bucket(aws_env, BUCKET)
    return aws_env


@pytest.fixture
def folder(bucket: Environment) -> Folder:
    return Folder(bucket)


def json_keys(folder: Folder) -> list[str]:
    beginnings = folder.sampler.json_beginnings(folder.files, large=1_000_000)
    return list(dict.fromkeys(key for beginning in beginnings.values() for key in beginning.keys))


def test_keys_of_all_sampled_lines_are_known_once(folder: Folder) -> None:
    folder.put("a.jsonl", '{"id": 1, "name": "Ann"}\n{"id": 2, "note": null}\r{"id": 3, "last": 1}')
    assert json_keys(folder) == ["id", "name", "note", "last"]


def test_broken_and_cut_lines_and_other_json_have_no_keys(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_sampling, "SAMPLE_BYTES", 40)
    folder.put("a.jsonl", '{"id": 1}\n[1, 2]\nnot json\n{"name": "cut here", "last": 1}\n')
    assert json_keys(folder) == ["id"]


def test_an_object_nested_too_deep_for_python_has_no_keys(folder: Folder) -> None:
    folder.put("a.jsonl", '{"id": ' + "[" * 30_000 + "]" * 30_000 + '}\n{"name": 1}')
    assert json_keys(folder) == ["name"]


def test_a_few_of_many_files_are_sampled_and_the_last_is_among_them(folder: Folder) -> None:
    for number in range(20):
        folder.put(f"{number:02}.jsonl", json.dumps({f"key_{number}": 1}))
    keys = json_keys(folder)
    assert {"key_0", "key_19"} <= set(keys)
    assert len(keys) <= file_sampling.SAMPLE_FILES + 1


def test_every_large_json_file_is_sampled(folder: Folder) -> None:
    for number in range(20):
        folder.put(f"{number:02}.jsonl", json.dumps({f"key_{number}": 1}))
    assert len(folder.sampler.json_beginnings(folder.files, large=1)) == 20


def test_every_csv_file_has_a_header_of_its_own(folder: Folder) -> None:
    folder.put("a.csv", '\ufeffid,"full name"\r\n1,Ann\r\n')
    folder.put("b.csv", "name;id\n")
    folder.put("c.csv", "id,name\r1,Ann\r")
    assert {key: b.header for key, b in folder.sampler.csv_beginnings(folder.files).items()} == {
        "a.csv": ("id", "full name"),
        "b.csv": ("name;id",),
        "c.csv": ("id", "name"),
    }


@pytest.mark.parametrize(
    "body",
    [
        b"\x1f\x8bzipped",
        "id,name\n".encode("utf-16"),
        b"id\0name\n",
        b"\n\nid,name\n1,Ann\n",
        b'id,"two\nlines"\n1,Ann\n',
        b'id,name\n1,"two\nlines"\n',
        b"id,na\xffme\n1,Ann\n",
        b"id," + b"n" * 70_000 + b"\n",
    ],
    ids=["gzip", "utf-16", "nul", "blank-first", "break-in-header", "break-in-value", "not-utf8", "long"],
)
def test_a_csv_file_that_lines_of_text_do_not_tell_is_streamed(folder: Folder, body: bytes) -> None:
    folder.put("a.csv", body)
    assert folder.sampler.csv_beginnings(folder.files)["a.csv"].streamed
