"""OpenLineage events: what was read and written, valid by the standard, and never in the way of a run."""

from __future__ import annotations

import importlib
import json
import logging
import os
import pkgutil
import threading
import types
import typing
import uuid
from collections.abc import Iterator
from datetime import date
from enum import Enum
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import attr
import jsonschema
import openlineage.client.generated as published
import pytest
from openlineage.client.generated import base
from referencing import Registry, Resource

from glue_jobs.aws import clients
from glue_jobs.observability.lineage import Dataset, Engine, Lineage, LineageRun, Parent
from glue_jobs.observability.lineage_facets import dataset_name
from glue_jobs.observability.redact import register
from lakehouse.environments import Environment, names
from lakehouse.environments.names import Zone, bucket

ORDERS = Dataset(
    "bronze.snowflake_orders",
    [("order_id", "string"), ("amount", "decimal(18,4)")],
    rows=10,
    nulls={"amount": 2},
)
RATES = Dataset("s3://landing/fx/", rows=1)
SILVER = Dataset(
    "silver.orders",
    [("order_id", "string"), ("amount_usd", "decimal(18,4)")],
    {
        "order_id": [("bronze.snowflake_orders", "order_id")],
        "amount_usd": [("bronze.snowflake_orders", "amount"), ("s3://landing/fx/", "rate")],
    },
    rows=8,
    nulls={"amount_usd": 0},
)
TOPIC = Dataset("kafka://broker:9092/order_events", [("value", "binary")])


@pytest.fixture(scope="module")
def env(aws_env: Environment) -> Environment:
    clients(aws_env).s3.create_bucket(
        Bucket=bucket(aws_env, Zone.ARTIFACTS),
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
    )
    return aws_env


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OPENLINEAGE")]:
        monkeypatch.delenv(name)


def a_run(env: Environment) -> Lineage:
    parent = Parent("retail", str(uuid.uuid4()))
    run = LineageRun(date(2017, 1, 31), parent, Engine("spark", "3.5.6"))
    return Lineage(env, "bronze_to_silver", str(uuid.uuid4()), run)


def events_of(env: Environment, run: Lineage) -> dict[str, dict[str, Any]]:
    s3, prefix = clients(env).s3, f"lineage/job=bronze_to_silver/run_id={run._run_id}/"
    listed = s3.list_objects_v2(Bucket=bucket(env, Zone.ARTIFACTS), Prefix=prefix).get("Contents", [])
    keys = [item["Key"] for item in listed]
    return {
        key.removeprefix(prefix): json.loads(
            s3.get_object(Bucket=bucket(env, Zone.ARTIFACTS), Key=key)["Body"].read()
        )
        for key in keys
    }


@pytest.fixture(scope="module")
def events(env: Environment) -> dict[str, dict[str, Any]]:
    """One of each kind, with every facet that there is."""
    run = a_run(env)
    run.start([ORDERS, RATES, TOPIC], [Dataset("silver.orders", SILVER.columns)])
    run.progress([ORDERS], [SILVER])
    run.complete([ORDERS, RATES, TOPIC], [SILVER])
    register(["canary-in-lineage"])
    try:
        raise ValueError("refused canary-in-lineage")
    except ValueError as error:
        run.fail(error, [ORDERS], [Dataset("silver.orders")])
    return events_of(env, run)


def test_each_event_is_an_object_in_order(events: dict[str, Any]) -> None:
    assert list(events) == ["001-START.json", "002-RUNNING.json", "003-COMPLETE.json", "004-FAIL.json"]
    assert [event["eventType"] for event in events.values()] == ["START", "RUNNING", "COMPLETE", "FAIL"]


def test_event_tells_of_run_parent_and_logical_date(env: Environment, events: dict[str, Any]) -> None:
    event = events["001-START.json"]
    facets = event["run"]["facets"]
    assert (event["job"]["namespace"], event["job"]["name"]) == (f"{env.project}/local", "bronze_to_silver")
    assert (facets["nominalTime"]["nominalStartTime"], facets["nominalTime"]["nominalEndTime"]) == (
        "2017-01-31T00:00:00Z",
        "2017-02-01T00:00:00Z",
    )
    assert facets["parent"]["job"]["name"] == "retail"
    assert (facets["processing_engine"]["name"], facets["processing_engine"]["version"]) == ("spark", "3.5.6")
    assert event["job"]["facets"]["jobType"]["processingType"] == "BATCH"


def test_datasets_are_named_by_the_rules_of_the_standard(env: Environment) -> None:
    assert dataset_name(env, "silver.orders") == (f"s3://{bucket(env, Zone.SILVER)}", "orders")
    assert dataset_name(env, "s3://landing/fx/") == ("s3://landing", "fx")
    assert dataset_name(env, "postgres://h:5432/db.gold.fact") == ("postgres://h:5432", "db.gold.fact")
    assert dataset_name(env, "s3://landing") == ("s3://landing", "/")


def test_output_tells_columns_where_they_come_from_and_rows(env: Environment, events: dict[str, Any]) -> None:
    (output,) = events["003-COMPLETE.json"]["outputs"]
    assert [(f["name"], f["type"], f["ordinal_position"]) for f in output["facets"]["schema"]["fields"]] == [
        ("order_id", "string", 1),
        ("amount_usd", "decimal(18,4)", 2),
    ]
    sources = {
        column: [(f["namespace"], f["name"], f["field"]) for f in sources["inputFields"]]
        for column, sources in output["facets"]["columnLineage"]["fields"].items()
    }
    bronze = (f"s3://{bucket(env, Zone.BRONZE)}", "snowflake_orders")
    assert sources == {
        "order_id": [(*bronze, "order_id")],
        "amount_usd": [(*bronze, "amount"), ("s3://landing", "fx", "rate")],
    }
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 8
    assert output["facets"]["dataQualityMetrics"]["columnMetrics"]["amount_usd"]["nullCount"] == 0
    inputs = events["003-COMPLETE.json"]["inputs"]
    assert inputs[0]["inputFacets"]["dataQualityMetrics"]["rowCount"] == 10
    assert [(i["namespace"], i["name"]) for i in inputs][2] == ("kafka://broker:9092", "order_events")


def test_failure_is_told_without_secrets(events: dict[str, Any]) -> None:
    error = events["004-FAIL.json"]["run"]["facets"]["errorMessage"]
    assert (error["message"], error["programmingLanguage"]) == ("refused ***", "PYTHON")
    assert "ValueError: refused ***" in error["stackTrace"]
    assert "canary-in-lineage" not in json.dumps(events)


def published_models() -> dict[str, Any]:
    """The models that OpenLineage generates from its JSON Schemas and publishes, by the URL of the schema
    each comes from.
    """
    modules = [
        base,
        *(
            importlib.import_module(f"{published.__name__}.{m.name}")
            for m in pkgutil.iter_modules(published.__path__)
        ),
    ]
    classes = {
        c
        for module in modules
        for c in vars(module).values()
        if isinstance(c, type) and attr.has(c) and hasattr(c, "_get_schema")
    }
    return {c._get_schema(): c for c in classes}


def test_every_event_has_the_shape_of_the_published_models(events: dict[str, Any]) -> None:
    models, facets = published_models(), 0
    for event in events.values():
        assert faults_of(event, models[event["schemaURL"]]) == []
        for name, facet in facets_of(event):
            assert f"/{name.replace('_', '')}".lower() in facet["_schemaURL"].lower(), (
                f"{name} is not the name of {facet['_schemaURL']}"
            )
            assert faults_of(facet, models[facet["_schemaURL"]]) == []
            assert facet["_producer"] == event["producer"]
            facets += 1
    assert facets > 30


def test_shape_is_really_checked(events: dict[str, Any]) -> None:
    models = published_models()
    event = json.loads(json.dumps(events["003-COMPLETE.json"]))
    del event["job"]["name"]
    event["eventType"] = "DONE"
    event["more"] = 1
    faults = faults_of(event, models[event["schemaURL"]])
    assert sorted(faults) == [".eventType: DONE", ".job: without {'name'}", ": unknown {'more'}"]
    lineage = event["outputs"][0]["facets"]["columnLineage"]
    lineage["fields"]["order_id"]["inputFields"][0]["field"] = 5
    assert faults_of(lineage, models[lineage["_schemaURL"]]) == [".fields.order_id.inputFields.0.field: 5"]


def facets_of(event: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    holders = [event["run"], event["job"], *event["inputs"], *event["outputs"]]
    groups = ("facets", "inputFacets", "outputFacets")
    return [facet for holder in holders for group in groups for facet in holder.get(group, {}).items()]


def faults_of(value: Any, kind: Any, at: str = "") -> list[str]:
    """Where a JSON value is not what a published model says: unknown and missing keys, wrong types, at any
    depth.
    """
    arguments = [a for a in typing.get_args(kind) if a is not type(None)]
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return faults_of(value, arguments[0], at)
    if typing.get_origin(kind) is list and isinstance(value, list):
        return [fault for i, item in enumerate(value) for fault in faults_of(item, arguments[0], f"{at}.{i}")]
    if typing.get_origin(kind) is dict and isinstance(value, dict):
        # Which facet it is says its own _schemaURL, not the field that holds it.
        facets = isinstance(arguments[1], type) and issubclass(arguments[1], base.BaseFacet)
        return [
            fault
            for k, item in value.items()
            if not facets
            for fault in faults_of(item, arguments[1], f"{at}.{k}")
        ]
    if not attr.has(kind):
        fits = (
            value in [member.value for member in kind]
            if issubclass(kind, Enum)
            else type(value) in (kind, int if kind is float else kind)
        )
        return [] if fits else [f"{at}: {value}"]
    fields = {field.name: field for field in attr.fields(attr.resolve_types(kind))}
    unknown, missing = (
        set(value) - set(fields),
        {n for n, f in fields.items() if f.default is attr.NOTHING} - set(value),
    )
    faults = [f"{at}: unknown {unknown}"] * bool(unknown) + [f"{at}: without {missing}"] * bool(missing)
    return faults + [
        fault
        for k, item in value.items()
        if k in fields
        for fault in faults_of(item, fields[k].type, f"{at}.{k}")
    ]


SPEC = os.environ.get("OPENLINEAGE_SPEC", "")


@pytest.mark.skipif(
    not SPEC,
    reason="OPENLINEAGE_SPEC names no folder with OpenLineage.json and facets/; no package registry has them",
)
def test_every_event_is_valid_by_the_published_json_schema(events: dict[str, Any]) -> None:
    documents = {
        path.name: json.loads(path.read_text())
        for path in [Path(SPEC, "OpenLineage.json"), *Path(SPEC, "facets").glob("*.json")]
    }
    registry: Registry[Any] = Registry().with_resources(
        (d["$id"], Resource.from_contents(d)) for d in documents.values()
    )

    def errors(value: Any, url: str) -> list[str]:
        # The folder may be of another patch release than the client: the same document is found by its name.
        document, _, part = url.partition("#")
        schema_id = documents[document.rpartition("/")[2]]["$id"]
        checker = jsonschema.Draft202012Validator(
            {"$ref": f"{schema_id}#{part}"}, registry=registry, format_checker=jsonschema.FormatChecker()
        )
        return [f"{url} {error.json_path}: {error.message}" for error in checker.iter_errors(value)]

    for event in events.values():
        assert errors(event, event["schemaURL"]) == []
        assert [fault for _, facet in facets_of(event) for fault in errors(facet, facet["_schemaURL"])] == []
    broken = json.loads(json.dumps(events["001-START.json"]))
    broken["run"]["runId"] = "not a uuid"
    del broken["job"]["name"]
    assert len(errors(broken, broken["schemaURL"])) >= 2


class Receiver(BaseHTTPRequestHandler):
    status = 200
    received: typing.ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Receiver.received.append(json.loads(body))
        self.send_response(Receiver.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Receiver]]:
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Receiver.received, Receiver.status = [], 200
    monkeypatch.setenv("OPENLINEAGE_URL", f"http://127.0.0.1:{server.server_port}")
    yield Receiver
    server.shutdown()
    thread.join()
    server.server_close()


def test_events_also_go_where_openlineage_is_configured(env: Environment, receiver: type[Receiver]) -> None:
    run = a_run(env)
    run.start([ORDERS], [SILVER])
    run.complete([ORDERS], [SILVER])
    assert [event["eventType"] for event in receiver.received] == ["START", "COMPLETE"]
    assert receiver.received[0]["run"]["runId"] == run._run_id
    assert len(events_of(env, run)) == 2


def test_receiver_that_refuses_is_logged_and_not_asked_again(
    env: Environment, receiver: type[Receiver], caplog: pytest.LogCaptureFixture
) -> None:
    receiver.status = 401
    run = a_run(env)
    with caplog.at_level(logging.ERROR):
        run.start()
        run.complete()
    assert len(receiver.received) == 1
    assert "was not sent to OpenLineage's transport" in caplog.text
    assert len(events_of(env, run)) == 2


def test_outage_of_lineage_is_logged_and_fails_nothing(
    lossy: Any, env: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    lossy.refuse("s3", "PutObject")
    run = a_run(lossy.env)
    with caplog.at_level(logging.ERROR):
        run.start([ORDERS], [SILVER])
        run.complete([Dataset("not a table")])
    assert "START of job bronze_to_silver was not sent to S3" in caplog.text
    assert "COMPLETE of job bronze_to_silver could not be made" in caplog.text


def test_run_id_is_a_uuid(env: Environment) -> None:
    with pytest.raises(ValueError, match="badly formed"):
        Lineage(env, "j", "run-1", LineageRun(date(2017, 1, 1)))
    assert names.lineage_root(env).endswith("/lineage")
