"""`lakehouse quarantine` from a list of rejected rows to rows that are in their table, or discarded."""

from __future__ import annotations

import json
import uuid
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from cli.quarantine.files import quarantined_files
from glue_jobs.aws import clients
from glue_jobs.s3 import S3Uri
from glue_jobs.state.audit import Audit, Counts
from glue_jobs.tables.quarantined_files import QuarantinedFile, copy_of, quarantine_file
from lakehouse.contracts import load_schemas
from lakehouse.environments import Environment, names
from tests.cli.calls import Call

TABLE, LANDED = "bronze.snowflake_products", "bronze.crm_accounts"
DAY = date(2017, 1, 31)
LOCAL = ("--env", "local")


@pytest.fixture
def run_id(local_env: Environment) -> str:
    """The run that has rejected three rows of a warehouse's table."""
    columns = load_schemas().contracts[TABLE].column_names
    run_id = f"r-{uuid.uuid4()}"
    for number in range(3):
        row = {**dict.fromkeys(columns), "product_id": number + 1, "department": "long " * 50}
        line = {
            "reasons": ["updated_at: required"],
            "table": TABLE,
            "source_position": None,
            "raw": None,
            "row": row,
            "row_hash": f"{run_id}-{number}",
        }
        file = S3Uri.parse(names.quarantine_uri(local_env, TABLE, DAY, run_id)).child(f"part-{number}.json")
        body = json.dumps(line).encode()
        clients(local_env).s3.put_object(Bucket=file.bucket, Key=file.key, Body=body)
    return run_id


def books(lakehouse: Call, table: str = TABLE) -> dict[str, list[int]]:
    answer = lakehouse("quarantine", "list", *LOCAL, "--table", table, "--books", "--json")
    return {
        book["unit"]: [book[state] for state in ("quarantined", "open", "replayed", "discarded")]
        for book in json.loads(answer.out)
    }


def test_rows_are_listed_edited_replayed_and_discarded(
    run_id: str, spark: SparkSession, lakehouse: Call, tmp_path: Path, local_env: Environment
) -> None:
    shown = lakehouse("quarantine", "list", *LOCAL, "--table", TABLE, "--rows", "3", "--json")
    rows = json.loads(shown.out)
    sources = [f"snowflake:RETAIL.PUBLIC.PRODUCTS product_id={n}" for n in (1, 2, 3)]
    assert [r["source"] for r in rows] == sources
    people = lakehouse("quarantine", "list", *LOCAL, "--table", TABLE, "--rows", "3").out
    # The whole row, however it is folded.
    assert "".join(people.split()).count("long") == 150

    file = tmp_path / "rows.csv"
    out = lakehouse("quarantine", "export", *LOCAL, "--table", TABLE, "--run-id", run_id, "--out", str(file))
    assert out.out.endswith(f"3 rows of {TABLE}\n")
    again = lakehouse("quarantine", "export", *LOCAL, "--table", TABLE, "--out", str(file))
    assert (again.code, "exists, and may hold edited rows" in again.err) == (2, True)
    text = file.read_text().splitlines()
    header = text[0].split(",")
    cells = text[1].split(",")
    cells[header.index("updated_at")] = "2017-01-31T10:00:00Z"
    file.write_text("\n".join([text[0], ",".join(cells), *text[2:]]))
    replay = ["quarantine", "replay", *LOCAL, "--table", TABLE, "--file", str(file), "--here", "--json"]
    answer = lakehouse(*replay)
    (done,) = json.loads(answer.out)
    assert (answer.code, done["status"], done["tried"], done["replayed"]) == (0, "done", 3, 1)
    assert "2 of 3 replayed rows break the contract again and stay open" in answer.err
    assert books(lakehouse) == {"rows": [3, 2, 1, 0]}
    (run,) = Audit(local_env).list(job="snowflake_to_bronze", limit=1)
    assert (run.run_date, run.tables[TABLE]) == (DAY, Counts(1, 1, replayed=1))

    discard = ["quarantine", "discard", *LOCAL, "--table", TABLE, "--reason", "a test"]
    assert "choose rows with --id, --run-id, --rule or --day" in lakehouse(*discard).err
    assert "unknown row 'x'" in lakehouse(*discard, "--id", "x").err
    assert lakehouse(*discard, "--all").out == f"{TABLE}: 2 rows discarded\n"
    assert books(lakehouse) == {"rows": [3, 0, 1, 2]}
    (act,) = Audit(local_env).list(job="quarantine_discard", limit=1)
    assert act.tables == {TABLE: Counts(discarded=2)}
    assert "no row that is open was chosen" in lakehouse(*replay[:-2], "--here").err.replace("\n", " ")


def test_a_landing_file_is_dropped_again_once_or_discarded(local_env: Environment, lakehouse: Call) -> None:
    s3 = clients(local_env).s3
    for name in ("a.jsonl", "b.jsonl"):
        landed = S3Uri(names.bucket(local_env, names.Zone.LANDING), f"crm/accounts/dt={DAY}/{name}")
        etag = s3.put_object(Bucket=landed.bucket, Key=landed.key, Body=name.encode())["ETag"].strip('"')
        root = S3Uri.parse(names.quarantined_files_uri(local_env, LANDED, DAY, "run-1"))
        copy = str(copy_of(root, str(landed), etag))
        facts = ("cannot be read", copy, etag, 7, "2017-01-31T00:00:00+00:00", str(DAY), "run-1", "b", 1)
        quarantine_file(s3, QuarantinedFile(LANDED, str(landed), *facts))
    first = next(f for f in quarantined_files(local_env, LANDED) if f.file.endswith("a.jsonl"))
    replay = ["quarantine", "replay", *LOCAL, "--landing-file", first.id]
    assert lakehouse(*replay).out.endswith(f"{first.id}-a.jsonl: the next run of crm_to_bronze reads it\n")
    assert " is replayed since " in lakehouse(*replay).out
    discard = ["quarantine", "discard", *LOCAL, "--landing-file", "b.jsonl", "--reason", "empty"]
    assert lakehouse(*discard).out.endswith("/b.jsonl: discarded\n")
    assert lakehouse(*discard).code == 2
    assert books(lakehouse, LANDED) == {"rows": [0, 0, 0, 0], "files": [2, 0, 1, 1]}
    (shown,) = json.loads(lakehouse("quarantine", "show", *LOCAL, "b.jsonl", "--json").out)
    assert (shown["state"], shown["discarded"], shown["reason"]) == ("discarded", "empty", "cannot be read")
