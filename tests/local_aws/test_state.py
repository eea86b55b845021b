"""A local world with a folder for its state is the same lake after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from lakehouse.environments import Environment, load_environment, names
from local_aws.bootstrap import session_client
from local_aws.files import read_json
from local_aws.local_platform import LocalPlatform
from local_aws.state.store import StateError

ODD_KEY = "dt=2017-01-01/an ä+b%20c?.json"
DATABASE, TABLE = "lakehouse_local_bronze", "orders"


@contextmanager
def world(env: Environment, workdir: Path, state: Path) -> Iterator[Any]:
    """Clients of a world that is saved in `state`, by service."""
    platform = LocalPlatform.start(env, workdir, only=("aws",), state=state)
    try:
        endpoint = (read_json(platform.overlay) or {})["aws"]["endpoint"]
        yield lambda service: session_client(env, service, endpoint, "testing")
    finally:
        platform.stop()


def options(s3: Any) -> dict[str, str]:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "aws_region": "eu-central-1"}
    return {**keys, "aws_endpoint_url": s3.meta.endpoint_url, "aws_allow_http": "true"}


def contents(env: Environment, client: Any) -> dict[str, Any]:
    """What a world holds, without what AWS says of a request itself."""
    s3, dynamodb = client("s3"), client("dynamodb")
    bucket = names.bucket(env, names.Zone.BRONZE)
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    secret = client("secretsmanager").get_secret_value(SecretId=names.secret(env, "pii_key"))
    tables = client("glue").get_tables(DatabaseName=DATABASE)["TableList"]
    return {
        "objects": [(entry["Key"], entry["ETag"], entry["LastModified"]) for entry in listed],
        "type": s3.get_object(Bucket=bucket, Key=ODD_KEY)["ContentType"],
        "body": s3.get_object(Bucket=bucket, Key=ODD_KEY)["Body"].read(),
        "audit": dynamodb.scan(TableName=names.control_table(env, names.Control.AUDIT))["Items"],
        "key": secret["SecretString"],
        "tables": [(t["Name"], t["Parameters"], t["StorageDescriptor"]["Columns"]) for t in tables],
    }


def fill(env: Environment, client: Any) -> None:
    s3, bucket = client("s3"), names.bucket(env, names.Zone.BRONZE)
    s3.put_object(Bucket=bucket, Key=ODD_KEY, Body=b"{}", ContentType="application/json")
    for rows in ([1, 2], [3]):
        frame = pl.DataFrame({"order_id": rows})
        frame.write_delta(f"s3://{bucket}/orders", mode="append", storage_options=options(s3))
    item = {"pk": {"S": "run-1"}, "packed": {"B": b"\x00\xff"}, "seconds": {"N": "1.5"}}
    client("dynamodb").put_item(TableName=names.control_table(env, names.Control.AUDIT), Item=item)
    glue = client("glue")
    glue.create_database(DatabaseInput={"Name": DATABASE})
    columns = [{"Name": "order_id", "Type": "bigint"}]
    table = {"Name": TABLE, "Parameters": {"a": "b"}, "StorageDescriptor": {"Columns": columns}}
    glue.create_table(DatabaseName=DATABASE, TableInput=table)


def test_lake_is_the_same_after_a_restart(tmp_path: Path) -> None:
    env, state = load_environment("local"), tmp_path / "lake"
    uri = f"s3://{names.bucket(env, names.Zone.BRONZE)}/orders"
    with world(env, tmp_path / "first", state) as client:
        fill(env, client)
        before = contents(env, client)
    assert (state / "state.json").stat().st_mode & 0o777 == 0o600
    with world(env, tmp_path / "second", state) as client:
        assert contents(env, client) == before
        table = DeltaTable(uri, storage_options=options(client("s3")))
        assert sorted(table.to_pyarrow_table()["order_id"].to_pylist()) == [1, 2, 3]
        table.load_as_version(0)
        assert table.to_pyarrow_table()["order_id"].to_pylist() == [1, 2]
        client("s3").delete_object(Bucket=names.bucket(env, names.Zone.BRONZE), Key=ODD_KEY)
        with pytest.raises(StateError, match="RUN644 a world that is up is not saved in"):
            LocalPlatform.start(env, tmp_path / "second", only=("aws",), state=tmp_path / "other")
    document = read_json(state / "state.json") or {}
    saved = [stored for objects in document["buckets"].values() for stored in objects]
    assert ODD_KEY not in {stored["key"] for stored in saved}
    assert {file.name for file in (state / "objects").iterdir()} == {stored["digest"] for stored in saved}


def test_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StateError, match=r"RUN644 .* is no folder of a saved world and is not empty"):
        LocalPlatform.start(load_environment("local"), tmp_path / "world", only=("aws",), state=tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["notes.txt"]
