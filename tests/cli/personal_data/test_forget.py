"""A person is erased from every byte of the lake's buckets, old versions too; the others stay."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from deltalake import DeltaTable

from cli.personal_data import delta_rows
from cli.personal_data.forget import run_erasure
from cli.personal_data.subject import Subject
from cli.personal_data.subject_tables import subject_tables
from cli.tables.storage import storage_options
from glue_jobs.aws import clients
from glue_jobs.errors import RunError
from glue_jobs.sources.landing_position import LandingFile, LandingPosition, new_files
from glue_jobs.state.audit import Audit, Status
from glue_jobs.state.lease import LeaseTakenError, lease
from glue_jobs.state.watermark import Watermarks
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from tests.cli.personal_data.canaries import everything, hits
from tests.cli.personal_data.conftest import KEY
from tests.cli.personal_data.forgotten_person import (
    CANARY,
    COLUMNS,
    DOCUMENT,
    FILES,
    KEYS,
    erasure,
    fill,
    gate_document,
    rows,
)
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import schemas

BACKUPS = "backups of the Lakebase and of the state, in both regions"
FOUND = {
    "table gold.people": 2,
    "table silver.people": 2,
    "table bronze.people": 2,
    "quarantine bronze.people": 2,
    "landing crm/people/": 2,
    "gate results silver.people": 2,
    "staged files of to_silver": 1,
    "query results": 1,
}


def in_first_region(places: dict[str, int]) -> dict[str, int]:
    return {name: number for name, number in places.items() if not name.startswith("second region")}


def test_no_byte_of_any_version_holds_the_person_and_the_others_stay(env: Environment) -> None:
    fill(env)
    plan = erasure(env)
    assert len(hits(env, [CANARY])) > len(FOUND)
    assert in_first_region(plan.find()) == FOUND
    uri = run_erasure(plan)
    assert hits(env, [CANARY]) == {}
    assert [key for key, data in everything(env) if b"4711," in data] == []
    assert (rows(env, "silver.people"), rows(env, "gold.people")) == ([5, 6], ["5", "6"])
    texts = {key: data.decode("utf-8", "replace") for key, data in everything(env)}
    for (_, key), lines in FILES.items():
        assert texts[key] == "".join(json.dumps(r) + "\n" for r in lines if CANARY not in json.dumps(r))
    bucket = names.bucket(env, Zone.ARTIFACTS)
    certificate = json.loads(texts[uri.removeprefix(f"s3://{bucket}/")])
    assert in_first_region(certificate["erased"]) == FOUND
    left = certificate["left"]
    alive = "staged files of to_silver, run run_id=alive"
    assert set(left) == {alive, "table gold.letters", BACKUPS}
    assert date.fromisoformat(left[BACKUPS]["expires"]) > date.fromisoformat(left[alive]["expires"])
    assert texts["dq_results/" + DOCUMENT] == json.dumps(gate_document(5), indent=2)
    assert "4711" not in json.dumps({k: v for k, v in certificate.items() if k != "subject"})
    assert Audit(env).get("run-1").status is Status.SUCCEEDED  # type: ignore[union-attr]


def test_an_erasure_that_was_killed_half_way_ends_like_a_whole_one(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(env)
    silver = DeltaTable(names.table_uri(env, "bronze.people"), storage_options=storage_options(env))
    position = {"bronze.people": {"id": "x", "version": silver.version()}}
    Watermarks(env).reset("to_silver.silver.people", position)
    forget_log = delta_rows._forget_log

    def killed(*arguments: Any) -> None:
        if "bronze" in str(arguments[1]):
            raise KeyboardInterrupt
        forget_log(*arguments)

    monkeypatch.setattr(delta_rows, "_forget_log", killed)
    with pytest.raises(KeyboardInterrupt):
        erasure(env).erase()
    monkeypatch.setattr(delta_rows, "_forget_log", forget_log)
    again = erasure(env)
    again.erase()
    assert again.find() == {}
    assert hits(env, [CANARY]) == {}
    bronze = DeltaTable(names.table_uri(env, "bronze.people"), storage_options=storage_options(env))
    moved = Watermarks(env).read("to_silver.silver.people").position
    assert moved == {"bronze.people": {"id": "x", "version": bronze.version()}}


def test_a_table_that_is_being_written_or_read_is_not_touched(env: Environment) -> None:
    fill(env)
    with lease(env, "gold.people", "another run"), pytest.raises(LeaseTakenError):
        erasure(env).erase()
    Watermarks(env).reset("to_silver.silver.people", {"bronze.people": {"id": "x", "version": 0}})
    with pytest.raises(RunError, match=r"RUN529 to_silver\.silver\.people has not read bronze\.people"):
        erasure(env).erase()
    assert 4711 in rows(env, "bronze.people")


def test_a_rewritten_landing_file_is_no_news_to_its_ingest(env: Environment) -> None:
    fill(env)
    s3, bucket = clients(env).s3, names.bucket(env, Zone.LANDING)
    key = "crm/people/dt=2017-01-01/a.json"

    def file() -> LandingFile:
        head = s3.head_object(Bucket=bucket, Key=key)
        etag = head["ETag"].strip('"')
        return LandingFile(key, date(2017, 1, 1), head["LastModified"], etag, head["ContentLength"])

    read = LandingPosition(date(2017, 1, 2), file().modified, frozenset([file().fingerprint]))
    Watermarks(env).reset("bronze.people", read.as_json())
    erasure(env).erase()
    assert new_files([file()], Watermarks(env).read("bronze.people").position) == []


def test_an_unreadable_file_is_named_with_its_last_day_and_deleted_where_the_caller_says(
    env: Environment,
) -> None:
    s3, key = clients(env).s3, "crm/people/dt=2017-01-01/cut.json.gz"
    bucket = names.bucket(env, Zone.LANDING)
    for _ in range(2):
        s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(CANARY.encode())[:-9])
    plan, uri = erasure(env), f"s3://{bucket}/{key}"
    plan.erase()
    days = timedelta(days=env.stack.retention.landing_days)
    assert plan.left()[uri].expires == (datetime.now(UTC) + days).date().isoformat()
    assert len([k for k, _ in everything(env) if k == key]) == 1
    plan = replace(erasure(env), delete_files=True)
    plan.erase()
    assert "deleted whole" in plan.left()[uri].reason
    assert [k for k, _ in everything(env) if k == key] == []


def test_a_person_is_known_by_the_keyed_hash_that_silver_holds() -> None:
    email = {"type": ["string", "null"], "x-lake": {"tags": {"pii": "email"}, "mask": "hash"}}
    hashed = {"tags": {"pii": "masked"}, "derived_from": ["bronze.people.email"]}
    tables = subject_tables(
        schemas(
            contract("bronze.people", {**COLUMNS, "email": email}, **KEYS),
            contract("silver.people", {**COLUMNS, "email": {"type": "string", "x-lake": hashed}}, **KEYS),
        ),
        "email",
    )
    assert [(of.table, of.masked) for of in tables] == [("silver.people", "hash"), ("bronze.people", "")]
    key = bytes.fromhex(KEY)
    digest = hmac.new(key, b"ann@x.example", hashlib.sha256).hexdigest()
    assert Subject("email", " Ann@X.example ").masked("email", key).value == digest
