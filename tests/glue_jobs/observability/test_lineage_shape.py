"""Every event has the shape that OpenLineage publishes."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import types
import typing
from enum import Enum
from pathlib import Path
from typing import Any

import attr
import jsonschema
import openlineage.client.generated as published
import pytest
from openlineage.client.generated import base
from referencing import Registry, Resource


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
