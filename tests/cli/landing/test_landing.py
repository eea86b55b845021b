"""`lakehouse landing`: files that their source takes are put into its folder, others are refused."""

from __future__ import annotations

import gzip
import json
import re
from datetime import date
from pathlib import Path

import pytest

from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri
from glue_jobs.sources import landing_position
from glue_jobs.sources.landing_files import landing_files
from glue_jobs.state.watermark import Watermarks
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from lakehouse.pipelines.job_keys import ingest_watermark
from tests.cli.calls import Answer, Call

TABLE, SOURCE, DAY = "bronze.crm_accounts", "crm/accounts", "2017-03-05"
WATERMARK = ingest_watermark(load_schemas().contracts[TABLE])
COLUMNS = load_schemas().contracts[TABLE].column_names


def put(lakehouse: Call, *files: Path, source: str = SOURCE) -> Answer:
    names_ = map(str, files)
    return lakehouse("landing", "put", *names_, "--env", "local", "--source", source, "--date", DAY, "--json")


def states(lakehouse: Call) -> dict[str, str]:
    answer = lakehouse("landing", "list", "--env", "local", "--source", TABLE, "--date", DAY, "--json")
    return {row["file"]: row["state"] for row in json.loads(answer.out)}


def lines(number: int) -> bytes:
    return b"".join(json.dumps(dict.fromkeys(COLUMNS, str(n))).encode() + b"\n" for n in range(number))


def test_files_are_put_once_replaced_when_mended_and_listed_by_what_was_read(
    local_env: Environment, lakehouse: Call, tmp_path: Path
) -> None:
    first, packed = tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"
    first.write_bytes(lines(3))
    packed.write_bytes(gzip.compress(lines(2)))
    answer = put(lakehouse, first, packed)
    bucket = names.bucket(local_env, names.Zone.LANDING)
    assert [(r["file"], r["outcome"], r["read by"]) for r in json.loads(answer.out)] == [
        (f"s3://{bucket}/{SOURCE}/dt={DAY}/{f.name}", "new", "crm_to_bronze") for f in (first, packed)
    ]
    stored = clients(local_env).s3.get_object(Bucket=bucket, Key=f"{SOURCE}/dt={DAY}/b.jsonl.gz")
    assert stored["Body"].read() == packed.read_bytes()
    assert states(lakehouse) == {f"dt={DAY}/{f.name}": "waiting" for f in (first, packed)}

    prefix = S3Uri(bucket, SOURCE).folder
    files = landing_files(clients(local_env).s3, prefix, TABLE)
    position = landing_position.advance(None, files, date.fromisoformat(DAY))
    Watermarks(local_env).reset(WATERMARK, position)
    assert set(states(lakehouse).values()) == {"read"}
    first.write_bytes(lines(4))
    outcomes = [row["outcome"] for row in json.loads(put(lakehouse, first, packed).out)]
    assert outcomes == ["replaced", "unchanged: no run reads it again"]
    assert states(lakehouse) == {f"dt={DAY}/a.jsonl": "waiting", f"dt={DAY}/b.jsonl.gz": "read"}
    Watermarks(local_env).reset(WATERMARK, None)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        (
            "a.csv",
            b"account_id,name\n1,x\n",
            "RUN634 .*a.csv: has no JSON object in line 1; wanted",
        ),
        ("a.jsonl", b"[\n" + lines(1) + b"]", "RUN634 .*a.jsonl: has a JSON array in line 1"),
        ("a.jsonl", b"PAR1....", "RUN634 .*a.jsonl: is a Parquet file, not text"),
        ("a.jsonl", b"", "RUN634 .*a.jsonl: is empty"),
        ("a.jsonl.gz", gzip.compress(lines(9))[:-9], "RUN634 .*a.jsonl.gz: cannot be decompressed"),
        ("_a.jsonl", lines(1), "RUN634 .*_a.jsonl: files of this name are unfinished uploads"),
        (
            "a.jsonl",
            lines(2).replace(b'"account_id"', b'"acount_id"'),
            r"RUN102 bronze\.crm_accounts: .*a\.jsonl:1 lacks column 'account_id' \(it has 'acount_id'\)",
        ),
    ],
)
def test_a_file_that_is_not_in_the_form_of_its_source_is_refused_before_any_upload(
    name: str, content: bytes, fault: str, local_env: Environment, lakehouse: Call, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    good = tmp_path / "good.jsonl"
    good.write_bytes(lines(1))
    answer = put(lakehouse, good, tmp_path / name)
    assert answer.code == 2
    assert re.search(fault, answer.err)
    assert f"dt={DAY}/good.jsonl" not in states(lakehouse)


def test_an_unknown_source_is_refused_with_the_nearest(
    local_env: Environment, lakehouse: Call, tmp_path: Path
) -> None:
    answer = put(lakehouse, tmp_path / "a.jsonl", source="crm/acounts")
    assert answer.code == 2
    assert "unknown source 'crm/acounts'; did you mean 'crm/accounts'?" in " ".join(answer.err.split())
