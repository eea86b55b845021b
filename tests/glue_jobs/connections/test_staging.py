"""Arrow opens the environment's S3 and lists the data files of a folder."""

from __future__ import annotations

import io

import pytest

from glue_jobs.aws import clients
from glue_jobs.connections.staging import arrow, data_files, s3_files
from glue_jobs.warehouses.staged_files import StagedFiles
from lakehouse.environments import Environment
from tests.aws_gate import gate_before
from tests.buckets import create_bucket


def test_data_files_are_the_parquet_files_of_a_folder_in_order(aws_env: Environment) -> None:
    s3 = create_bucket(aws_env, "staging-test")
    for name in ("t/part-1.parquet", "t/part-0.parquet", "t/_SUCCESS", "t2/part-0.parquet"):
        s3.put_object(Bucket="staging-test", Key=name, Body=b"x")
    files = s3_files(aws_env)
    assert data_files(files, "s3://staging-test/t") == [
        "staging-test/t/part-0.parquet",
        "staging-test/t/part-1.parquet",
    ]
    assert data_files(files, "s3://staging-test/none") == []
    with files.open_input_stream("staging-test/t/part-0.parquet") as stream:
        assert stream.read() == b"x"


def test_deployed_job_finds_s3_where_the_other_clients_of_its_process_do(
    aws_env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", str(aws_env.aws.endpoint))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    clients(aws_env).s3.create_bucket(
        Bucket="deployed-test",
        CreateBucketConfiguration={"LocationConstraint": aws_env.region},  # type: ignore[typeddict-item]
    )
    files = s3_files(aws_env.on_glue())
    with files.open_output_stream("deployed-test/t/part-0.parquet") as stream:
        stream.write(b"x")
    assert data_files(files, "s3://deployed-test/t") == ["deployed-test/t/part-0.parquet"]


def test_a_file_is_read_although_s3_is_asked_too_often(aws_env: Environment) -> None:
    create_bucket(aws_env, "throttled-test").put_object(Bucket="throttled-test", Key="a", Body=b"x" * 10_000)
    slow_down = {"code": "SlowDown", "status": 503}
    with gate_before(str(aws_env.aws.endpoint)) as (gate, endpoint):
        gate.engine.set_rules([{"service": "s3", "operation": "GetObject", "times": 3, "error": slow_down}])
        aws = aws_env.aws.model_copy(update={"endpoint": endpoint})
        files = s3_files(aws_env.model_copy(update={"aws": aws}))
        with files.open_input_stream("throttled-test/a") as stream:
            assert stream.read() == b"x" * 10_000
        assert len(gate.fired) == 3


def test_chunks_of_few_bytes_are_read_although_s3_is_asked_too_often(aws_env: Environment) -> None:
    """Arrow takes the reply to a read of fewer bytes than the reply has for a broken stream."""
    pa = arrow()
    rows = pa.table({name: [1, 2, 3] for name in "abcdefghijklmnopqrstuvwxyz"})
    arrow("parquet").write_table(rows, file := io.BytesIO())
    create_bucket(aws_env, "chunks-test").put_object(
        Bucket="chunks-test", Key="t/a.parquet", Body=file.getvalue()
    )
    slow_down = {"code": "SlowDown", "status": 503}
    with gate_before(str(aws_env.aws.endpoint)) as (gate, endpoint):
        rule = {"service": "s3", "operation": "GetObject", "probability": 0.3, "error": slow_down}
        gate.engine.set_rules([rule])
        aws = aws_env.aws.model_copy(update={"endpoint": endpoint})
        staged = StagedFiles(aws_env.model_copy(update={"aws": aws}), "s3://chunks-test/t", {})
        assert pa.Table.from_batches(staged.batches()) == rows


def test_parts_of_arrow_are_imported_by_name() -> None:
    assert arrow("parquet").ParquetFile
    assert arrow().array([1]).to_pylist() == [1]
