"""The DAG folder in the bucket becomes that of the project, whatever was there and wherever a call ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.deploy import dag_folder
from cli.deploy.dag_folder import SyncedDags, sync_dags
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri, list_keys
from infra.build.dags import dag_entries
from lakehouse.digest import digest_of
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from lakehouse.reading.faults import FaultsError
from tests.infra.job_parts import copied

NEW, OLD = "pipelines/retail/note.sql", "pipelines/retail/job.csv"


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes | Path]:
    """The files of the folder. A test may change them."""
    files: dict[str, bytes | Path] = {OLD: b"job_name\n", "mwaa_dags/dags.py": b"import airflow\n"}
    monkeypatch.setattr(dag_folder, "dag_entries", lambda root: files)
    return files


def synced(env: Environment, entries: dict[str, bytes | Path]) -> SyncedDags:
    return sync_dags(env, Path(), digest_of(entries))


def in_bucket(env: Environment) -> dict[str, bytes]:
    s3, folder = clients(env).s3, S3Uri(names.bucket(env, Zone.ARTIFACTS), "airflow/dags/")
    return {
        key.removeprefix(folder.key): s3.get_object(Bucket=folder.bucket, Key=key)["Body"].read()
        for key in list_keys(s3, folder)
    }


def test_every_file_of_the_folder_is_uploaded_once(env: Environment, tmp_path: Path) -> None:
    tree = copied(tmp_path / "tree")
    files = dag_entries(tree)
    assert sync_dags(env, tree, digest_of(files)) == SyncedDags(len(files), len(files), 0)
    assert in_bucket(env).keys() == files.keys()
    assert sync_dags(env, tree, digest_of(files)) == SyncedDags(len(files), 0, 0)


def test_changed_file_is_uploaded_and_one_that_is_gone_is_deleted(
    env: Environment, entries: dict[str, bytes | Path]
) -> None:
    synced(env, entries)
    del entries[OLD]
    entries |= {NEW: b"SELECT 1", "mwaa_dags/dags.py": b"import airflow.sdk\n"}
    assert synced(env, entries) == SyncedDags(2, 2, 1)
    assert in_bucket(env) == entries


def test_file_that_somebody_else_put_there_stays(env: Environment, entries: dict[str, bytes | Path]) -> None:
    bucket = names.bucket(env, Zone.ARTIFACTS)
    clients(env).s3.put_object(Bucket=bucket, Key="airflow/dags/theirs.py", Body=b"")
    synced(env, entries)
    del entries[OLD]
    synced(env, entries)
    assert in_bucket(env) == {**entries, "theirs.py": b""}


def test_file_that_was_deleted_by_hand_comes_back(env: Environment, entries: dict[str, bytes | Path]) -> None:
    synced(env, entries)
    clients(env).s3.delete_object(Bucket=names.bucket(env, Zone.ARTIFACTS), Key=f"airflow/dags/{OLD}")
    assert synced(env, entries) == SyncedDags(2, 1, 0)


@pytest.mark.parametrize("puts", range(1, 5))
def test_upload_that_was_killed_is_finished_by_the_next(
    env: Environment, entries: dict[str, bytes | Path], monkeypatch: pytest.MonkeyPatch, puts: int
) -> None:
    synced(env, entries)
    before = dict(entries)
    del entries[OLD]
    entries |= {NEW: b"SELECT 1", "mwaa_dags/dags.py": b"import airflow.sdk\n"}
    put_object, left = dag_folder.put_object, iter(range(puts - 1))

    def killed(*arguments: object) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        put_object(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(dag_folder, "put_object", killed)
        with pytest.raises(KeyboardInterrupt):
            synced(env, entries)
    # The plan that was killed is given up: the folder becomes that of before.
    after = dict(entries)
    entries.clear()
    entries |= before
    synced(env, entries)
    assert in_bucket(env) == before
    entries.clear()
    entries |= after
    synced(env, entries)
    assert in_bucket(env) == after


def test_folder_of_another_tree_is_refused(env: Environment, entries: dict[str, bytes | Path]) -> None:
    with pytest.raises(FaultsError, match="LK521 DAG folder 000000000000 is neither"):
        sync_dags(env, Path(), "0" * 64)
    assert in_bucket(env) == {}


def test_folder_that_is_there_needs_no_tree(env: Environment, entries: dict[str, bytes | Path]) -> None:
    synced(env, entries)
    digest = digest_of(entries)
    entries[NEW] = b"SELECT 1"
    assert sync_dags(env, Path(), digest) == SyncedDags(2, 0, 0)
