"""A person in landing files, tables, run files and gate documents, and the erasure that finds all of it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from cli.personal_data.erasure import Erasure
from cli.personal_data.subject import Subject
from cli.personal_data.subject_tables import nameless_tables, subject_tables
from cli.tables.storage import storage_options
from glue_jobs.aws import clients
from glue_jobs.state.audit import Audit, RunRow
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone
from lakehouse.pipelines.job_type import JobType
from tests.cli.personal_data.canaries import second_region, versions
from tests.glue_jobs.builders import contract
from tests.glue_jobs.run_harness import job, schemas

CANARY, OTHER = "canary-of-4711", "somebody-else"
DOCUMENT = "silver/people/dt=2017-01-01/run_id=r1.json"


LANDING = {"kind": "landing", "object": "crm/people", "format": "json_lines", "system": "crm"}


COLUMNS: dict[str, Any] = {
    "customer_id": {"type": "integer"},
    "name": {"type": ["string", "null"]},
    "changed_at": {"type": "string", "format": "date-time"},
}


DERIVED = {"customer": {"type": "string", "x-lake": {"derived_from": ["silver.people.customer_id"]}}}


NAMED: dict[str, Any] = {
    "type": ["string", "null"],
    "x-lake": {"tags": {"pii": "name"}, "mask": "clear", "derived_from": ["silver.people.name"]},
}


KEYS: dict[str, Any] = {"primary_key": ["customer_id"]}


TABLES = schemas(
    contract("bronze.people", COLUMNS, write="append", source=LANDING, **KEYS),
    contract("silver.people", COLUMNS, **KEYS),
    contract("gold.people", DERIVED | {"changed_at": COLUMNS["changed_at"]}, primary_key=["customer"]),
    contract("gold.products", {"id": {"type": "integer"}, "changed_at": COLUMNS["changed_at"]}),
    contract("gold.letters", {"id": {"type": "integer"}, "changed_at": COLUMNS["changed_at"], "name": NAMED}),
)


JOBS = [
    job("to_silver", type=JobType.TRANSFORM, reads=("bronze.people",), writes=("silver.people",)),
]


FILES = {
    (Zone.LANDING, "crm/people/dt=2017-01-01/a.json"): [
        {"customer_id": 4711, "name": CANARY},
        {"customer_id": 5, "name": OTHER},
        {"customer_id": "4711", "name": CANARY},
    ],
    (Zone.QUARANTINE, "_errors/bronze/people/dt=2017-01-01/run_id=r1/part-0.json"): [
        {"reasons": ["x"], "raw": None, "row": {"customer_id": "4711", "name": CANARY}},
        {"reasons": ["x"], "raw": f'{{"customer_id": 4711, "name": "{CANARY}', "row": {"customer_id": None}},
        {"reasons": ["x"], "raw": '{"customer_id": 47110, "na', "row": {"customer_id": None}},
    ],
}


def fill(env: Environment) -> None:
    """Three versions of each table, with a change feed, and files with an older version of each."""
    s3 = clients(env).s3
    at = datetime(2017, 1, 1, tzinfo=UTC)
    for of in ("bronze.people", "silver.people", "gold.people"):
        for ids in ([4711, 5], [4711], [6]):
            people = {"customer_id": ids, "name": [CANARY if i == 4711 else OTHER for i in ids]}
            if of == "gold.people":
                people = {"customer": [str(i) for i in ids], "note": people["name"]}
            write_deltalake(
                names.table_uri(env, of),
                pa.table(people | {"changed_at": [at] * len(ids)}),
                mode="append",
                configuration={"delta.enableChangeDataFeed": "true"},
                storage_options=storage_options(env),
            )
    for (zone, key), rows in FILES.items():
        body = "".join(json.dumps(row) + "\n" for row in rows).encode()
        for text in (body + b"\n", body):
            s3.put_object(Bucket=names.bucket(env, zone), Key=key, Body=text)
    run_files(env)
    for zone in names.REPLICATED:
        for key, data in versions(s3, names.bucket(env, zone)):
            second_region(env).put_object(Bucket=names.replica_bucket(env, zone), Key=key, Body=data)


def run_files(env: Environment) -> None:
    """What a query, a killed run, a run that lives, and a gate left behind."""
    s3, staging = clients(env).s3, f"staging/{JOBS[0].name}"
    Audit(env).start(RunRow("alive", JOBS[0].name, "tests", date(2017, 1, 1)))
    for zone, key, text in (
        (Zone.ATHENA, "people/analyst/1.csv", CANARY),
        (Zone.CHECKPOINTS, f"{staging}/run_id=killed/part-0", CANARY),
        (Zone.CHECKPOINTS, f"{staging}/run_id=alive/part-0", OTHER),
        (Zone.ARTIFACTS, f"dq_results/{DOCUMENT}", json.dumps(gate_document(4711, 5))),
    ):
        s3.put_object(Bucket=names.bucket(env, zone), Key=key, Body=text.encode())
    keys = pa.array([['{"customer_id":4711}', '{"customer_id":5}'], ['{"customer_id":47110}']])
    results = pa.table({"table_name": ["silver.people"] * 2, "sample_keys": keys})
    root = f"{names.dq_results_root(env)}/silver/results"
    write_deltalake(root, results, storage_options=storage_options(env))


def gate_document(*ids: int) -> dict[str, Any]:
    keys = [{"customer_id": i} for i in ids]
    return {"results": [{"result": {"partial_unexpected_index_list": keys}}, {"result": {}}]}


def erasure(env: Environment) -> Erasure:
    tables = subject_tables(TABLES, "customer_id")
    nameless = nameless_tables(TABLES, tables)
    return Erasure(env, clients(env).s3, Subject.parse("customer_id=4711"), tables, JOBS, "run-1", nameless)


def rows(env: Environment, of: str) -> list[Any]:
    table = DeltaTable(names.table_uri(env, of), storage_options=storage_options(env))
    return sorted(table.to_pyarrow_table().column(0).to_pylist())
