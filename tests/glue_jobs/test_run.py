"""The entrypoint of a deployed job: its project is the bundle that its arguments name, before any fact is
read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from glue_jobs import run
from glue_jobs.run import main, yesterday
from infra.build.archive import write_zip
from infra.build.bundle import bundle_entries
from lakehouse.digest import digest_of
from lakehouse.project import VARIABLE, project_root
from lakehouse.release import Release, bundle_key, release_key, running_release

BUCKET = "artifacts"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of an AWS that the process finds by itself, as in Glue: nothing of the project says where it
    is.
    """
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    variables = {
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{server.get_host_and_port()[1]}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        VARIABLE: str(project_root()),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    name = f"{BUCKET}-{os.getpid()}"
    boto3.client("s3").create_bucket(Bucket=name)
    yield name
    server.stop()


def upload(bucket: str, root: Path, folder: Path, release: Release | None = None) -> list[str]:
    """The arguments of a job that runs the project at `root`."""
    entries = bundle_entries(root)
    release = release or Release("e" * 64, digest_of(entries), "5dbb370", "1.0.0")
    write_zip(folder / "project.zip", entries)
    keys = bundle_key(release.bundle), release_key(release.digest)
    s3 = boto3.client("s3")
    s3.put_object(Bucket=bucket, Key=keys[0], Body=(folder / "project.zip").read_bytes())
    s3.put_object(Bucket=bucket, Key=keys[1], Body=release.to_json().encode())
    return ["--bundle", f"s3://{bucket}/{keys[0]}", "--release", f"s3://{bucket}/{keys[1]}"]


def test_a_deployed_job_reads_the_facts_of_its_bundle_and_no_others(
    bucket: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.infra.job_parts import copied

    tree = copied(tmp_path / "tree")
    rows = tree / "pipelines" / "retail" / "job.csv"
    rows.write_text(rows.read_text().replace("R001,snowflake_to_bronze,", "R001,only_in_the_bundle,"))
    procs = tree / "pipelines" / "retail" / "proc.csv"
    procs.write_text(
        procs.read_text().replace("RP001,R001,snowflake_to_bronze,", "RP001,R001,only_in_the_bundle,")
    )
    arguments = upload(bucket, tree, tmp_path)
    assert main(["--job", "only_in_the_bundl", "--env", "dev", *arguments]) == 2
    assert "unknown job 'only_in_the_bundl'; did you mean 'only_in_the_bundle'?" in capsys.readouterr().err
    # What the audit names is what the process runs.
    release = running_release(project_root())
    assert (release.engine, release.commit) == ("e" * 64, "5dbb370")
    assert project_root() not in (tree, Path.cwd())


def test_a_bundle_that_is_not_the_named_one_ends_the_run_before_a_fact_is_read(
    bucket: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = project_root()
    arguments = upload(bucket, before, tmp_path, Release("e" * 64, "b" * 64))
    assert main(["--job", "no_such_job", "--env", "dev", *arguments]) == 1
    assert "RUN080" in (err := capsys.readouterr().err)
    assert "holds other content than its key names" in err
    assert project_root() == before


def test_a_run_without_a_date_is_for_the_last_day_that_is_over() -> None:
    from datetime import UTC, datetime, timedelta

    assert yesterday() < datetime.now(UTC).date() <= yesterday() + timedelta(days=2)


def test_a_run_date_after_today_is_refused_before_anything_is_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--job", "no_job", "--env", "no_env", "--run-date", "9999-01-31"]) == 2
    assert capsys.readouterr().err.startswith("RUN141 the run date 9999-01-31 is after today, ")


def test_only_a_job_that_builds_tables_makes_them_anew(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--env", "local", "--run-date", "2017-01-31", "--full-refresh"]
    assert main(["--job", "dq_silver_gate", *words]) == 2
    assert "LK330 job 'dq_silver_gate' builds no table from tables" in capsys.readouterr().err


@pytest.mark.parametrize("code", [0, 1, 2])
def test_a_run_that_succeeded_ends_without_an_exception(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sys.exit(0)` is one, which whoever runs the script may take for a failure."""
    monkeypatch.setattr(run, "main", lambda: code)
    if code == 0:
        run.console()
        return
    with pytest.raises(SystemExit) as ended:
        run.console()
    assert ended.value.code == code
