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

BUCKET = "file-sampling"


class Folder:
    """Files of one test."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.files: list[LandingFile] = []

    def put(self, name: str, body: str) -> None:
        clients(self.env).s3.put_object(Bucket=BUCKET, Key=name, Body=body.encode())
        self.files.append(LandingFile(name, date.min, datetime(2017, 1, 1, tzinfo=UTC), "v1", len(body)))

    @property
    def sampler(self) -> FileSampler:
        return FileSampler(clients(self.env), BUCKET)


@pytest.fixture(scope="module")
def bucket(aws_env: Environment) -> Environment:
    region = {"LocationConstraint": aws_env.region}
    clients(aws_env).s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)  # type: ignore[arg-type]
    return aws_env


@pytest.fixture
def folder(bucket: Environment) -> Folder:
    return Folder(bucket)


def test_keys_of_all_sampled_lines_are_known_once(folder: Folder) -> None:
    folder.put("a.jsonl", '{"id": 1, "name": "Ann"}\n{"id": 2, "note": null}\n')
    assert folder.sampler.json_keys(folder.files) == ["id", "name", "note"]


def test_broken_and_cut_lines_and_other_json_have_no_keys(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_sampling, "SAMPLE_BYTES", 40)
    folder.put("a.jsonl", '{"id": 1}\n[1, 2]\nnot json\n{"name": "cut here", "last": 1}\n')
    assert folder.sampler.json_keys(folder.files) == ["id"]


def test_a_few_of_many_files_are_sampled_and_the_last_is_among_them(folder: Folder) -> None:
    for number in range(20):
        folder.put(f"{number:02}.jsonl", json.dumps({f"key_{number}": 1}))
    keys = folder.sampler.json_keys(folder.files)
    assert {"key_0", "key_19"} <= set(keys)
    assert len(keys) <= file_sampling.SAMPLE_FILES + 1


def test_every_csv_file_has_a_header_of_its_own(folder: Folder) -> None:
    folder.put("a.csv", '\ufeffid,"full name"\r\n1,Ann\r\n')
    folder.put("b.csv", "name;id\n")
    assert folder.sampler.csv_headers(folder.files) == {
        "a.csv": ("id", "full name"),
        "b.csv": ("name;id",),
    }
