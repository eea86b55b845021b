"""Releases in the bucket: uploaded once, never overwritten, found again by the digits of their digest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cli.deploy.deploy import show_releases
from cli.deploy.releases import deployed_release, find_release, list_releases, upload_release
from glue_jobs.aws import clients
from glue_jobs.bundle import fetch_project
from glue_jobs.errors import RunError
from glue_jobs.s3 import S3Uri, list_keys
from infra.build import packages
from infra.build.archive import write_zip
from infra.build.make import build
from infra.build.release import working_release
from infra.parts.storage.artifacts import release_uris
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from lakehouse.reading.faults import FaultsError
from lakehouse.release import Release, release_key
from tests.infra.job_parts import copied


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that can be built without an index: its dependencies are one empty package."""

    def download(lines: str, target: packages.Target, folder: Path) -> list[Path]:
        wheel = folder / "one-1.0-py3-none-any.whl"
        write_zip(wheel, {"one/__init__.py": b""})
        return [wheel]

    monkeypatch.setattr(packages, "download", download)
    return copied(tmp_path / "tree")


def change(tree: Path) -> None:
    rows = tree / "pipelines" / "retail" / "job.csv"
    rows.write_text(rows.read_text().replace("Dimensions and facts", "Facts"))


def uploaded(env: Environment, tree: Path) -> Release:
    build(tree)
    return upload_release(env, tree, working_release(tree).digest)


def objects(env: Environment) -> dict[str, str]:
    """Key → version mark of every object of the bucket."""
    bucket, s3 = names.bucket(env, Zone.ARTIFACTS), clients(env).s3
    return {key: s3.head_object(Bucket=bucket, Key=key)["ETag"] for key in list_keys(s3, S3Uri(bucket))}


def test_a_release_is_uploaded_once_and_a_job_can_fetch_it(env: Environment, tree: Path) -> None:
    release = uploaded(env, tree)
    before = objects(env)
    assert len(before) == 5
    assert upload_release(env, tree, release.digest) == release
    assert objects(env) == before
    uris = release_uris(env, release)
    folder = fetch_project(clients(env).s3, uris["bundle_uri"], uris["release_uri"])
    assert (folder / "pipelines/retail/job.csv").read_bytes() == (
        tree / "pipelines/retail/job.csv"
    ).read_bytes()


def test_a_changed_row_is_a_release_beside_the_one_before_with_the_same_engine(
    env: Environment, tree: Path
) -> None:
    first = uploaded(env, tree)
    before = objects(env)
    change(tree)
    second = uploaded(env, tree)
    after = objects(env)
    assert second.engine == first.engine
    assert before.items() <= after.items()
    assert {key.split("/")[1] for key in set(after) - set(before)} == {"bundle", "releases"}
    assert {release.digest for release in list_releases(env)} == {first.digest, second.digest}


def test_an_older_release_is_found_by_the_first_digits_and_needs_no_build(
    env: Environment, tree: Path
) -> None:
    first = uploaded(env, tree)
    change(tree)
    uploaded(env, tree)
    assert find_release(env, first.digest[:12]) == first
    # Terraform runs the upload of a roll-back, too: there is nothing to upload.
    assert upload_release(env, tree, first.digest) == first


def test_an_unknown_release_is_refused_with_the_known_ones(env: Environment, tree: Path) -> None:
    release = uploaded(env, tree)
    with pytest.raises(RunError, match=r"RUN512 no release 'nope' in environment 'dev'") as caught:
        find_release(env, "nope")
    assert release.digest[:12] in str(caught.value)
    with pytest.raises(RunError, match="RUN512 no release ''"):
        find_release(env, "")


def test_before_the_first_deploy_no_release_is_known(env: Environment) -> None:
    with pytest.raises(RunError, match="none: nothing was deployed yet"):
        find_release(env.model_copy(update={"project": "other"}), "abc")


def test_a_release_that_is_neither_stored_nor_built_is_refused(env: Environment, tree: Path) -> None:
    digest = working_release(tree).digest
    with pytest.raises(FaultsError, match=r"LK521 release \w{12} is neither in the bucket nor built"):
        upload_release(env, tree, digest)
    build(tree)
    change(tree)
    with pytest.raises(FaultsError, match="LK521"):
        upload_release(env, tree, digest)
    assert objects(env) == {}


def test_the_manifest_of_a_commit_takes_the_place_of_a_dirty_trees(
    env: Environment, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dirty = uploaded(env, tree)
    assert dirty.commit == ""
    committed = replace(working_release(tree), commit="5dbb370")
    monkeypatch.setattr("cli.deploy.releases.working_release", lambda root: committed)
    assert upload_release(env, tree, dirty.digest).commit == "5dbb370"
    monkeypatch.setattr("cli.deploy.releases.working_release", lambda root: replace(committed, commit="a"))
    assert upload_release(env, tree, dirty.digest).commit == "5dbb370"


def test_the_deployed_release_is_the_one_that_the_jobs_name(env: Environment, tree: Path) -> None:
    assert deployed_release(env, ["silver_to_gold"]) is None
    release = uploaded(env, tree)
    uri = f"{names.zone_uri(env, Zone.ARTIFACTS)}/{release_key(release.digest)}"
    clients(env).glue.create_job(
        Name=names.glue_job(env, "silver_to_gold"),
        Role="role",
        Command={"Name": "glueetl"},
        DefaultArguments={"--release": uri},
    )
    assert deployed_release(env, ["not_deployed_yet", "silver_to_gold"]) == release


def test_a_deploy_tells_how_to_roll_back(capsys: pytest.CaptureFixture[str]) -> None:
    one, two = Release("e1", "b1", "c1"), Release("e1", "b2", "c2")
    show_releases("dev", two, one)
    out = capsys.readouterr().out
    assert f"roll back: lakehouse deploy --env dev --artifacts {one.digest[:12]}" in out
    assert two.digest[:12] in out.splitlines()[0]
    show_releases("dev", two, two)
    assert "roll back" not in capsys.readouterr().out
