"""The project that a deployed job runs: fetched from S3, checked, and never written outside its folder."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from glue_jobs.bundle import fetch_project
from glue_jobs.errors import RunError
from lakehouse.digest import digest_of
from lakehouse.release import Release, bundle_key, release_key, running_release

BUCKET = "artifacts"
FILES = {"lakehouse.yml": b"name: shop\n", "pipelines/shop/job.csv": b"job_id\n"}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def uploaded(s3: Any, files: dict[str, bytes], raw: bytes | None = None) -> tuple[str, str]:
    """The URIs of bundle and release.

    `raw`: the bytes below the bundle's key when they are not those of the files.
    """
    release = Release("e" * 64, digest_of(files), "5dbb370", "1.0.0", "2026-11-26T19:30:00+00:00")
    keys = bundle_key(release.bundle), release_key(release.digest)
    s3.put_object(Bucket=BUCKET, Key=keys[0], Body=zipped(files) if raw is None else raw)
    s3.put_object(Bucket=BUCKET, Key=keys[1], Body=release.to_json().encode())
    bundle, manifest = (f"s3://{BUCKET}/{key}" for key in keys)
    return bundle, manifest


def test_the_bundle_is_unpacked_and_says_which_release_it_is(s3: Any) -> None:
    bundle, manifest = uploaded(s3, FILES)
    folder = fetch_project(s3, bundle, manifest)
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    release = running_release(folder)
    assert (release.engine, release.bundle, release.commit) == ("e" * 64, digest_of(FILES), "5dbb370")


def test_two_runs_share_no_folder(s3: Any) -> None:
    uris = uploaded(s3, FILES)
    assert fetch_project(s3, *uris) != fetch_project(s3, *uris)


def test_content_that_its_key_does_not_name_is_refused(s3: Any) -> None:
    uris = uploaded(s3, FILES, zipped({**FILES, "lakehouse.yml": b"name: other\n"}))
    with pytest.raises(RunError, match=r"RUN080 .* holds other content than its key names"):
        fetch_project(s3, *uris)


@pytest.mark.parametrize(
    "name", ["../outside.py", "/outside.py", "pipelines/../../outside.py", "a\\..\\b.py"]
)
def test_an_entry_that_leaves_the_folder_is_refused_before_anything_is_written(
    s3: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(RunError, match=r"RUN080 .* has an entry that leaves its folder"):
        fetch_project(s3, *uploaded(s3, {**FILES, name: b"x"}))
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_bundle_is_refused(s3: Any) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("pipelines/link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    uris = uploaded(s3, {"pipelines/link": b"/etc/passwd"}, buffer.getvalue())
    with pytest.raises(RunError, match="leaves its folder"):
        fetch_project(s3, *uris)


def test_what_is_no_zip_or_not_there_is_said_with_its_address(s3: Any) -> None:
    bundle, manifest = uploaded(s3, FILES, b"no zip")
    with pytest.raises(RunError, match=f"RUN080 {bundle} is no zip file"):
        fetch_project(s3, bundle, manifest)
    with pytest.raises(RunError, match=r"RUN080 .*nothing.json cannot be read"):
        fetch_project(s3, bundle, f"s3://{BUCKET}/nothing.json")


def test_a_bundle_of_another_release_is_refused(s3: Any) -> None:
    bundle, _ = uploaded(s3, FILES)
    _, manifest = uploaded(s3, {**FILES, "more": b""})
    with pytest.raises(RunError, match=r"RUN080 .* is not the bundle of release"):
        fetch_project(s3, bundle, manifest)


def test_a_manifest_whose_digest_is_not_its_contents_is_refused(s3: Any) -> None:
    bundle, manifest = uploaded(s3, FILES)
    forged = replace(Release("e" * 64, digest_of(FILES)), engine="f" * 64).to_json()
    right = Release("e" * 64, digest_of(FILES)).digest
    forged = forged.replace(Release("f" * 64, digest_of(FILES)).digest, right)
    s3.put_object(Bucket=BUCKET, Key=manifest.removeprefix(f"s3://{BUCKET}/"), Body=forged.encode())
    with pytest.raises(RunError, match=r"RUN080 .* is no manifest of a release"):
        fetch_project(s3, bundle, manifest)
