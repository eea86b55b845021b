"""JSON Schemas of the fact files, made from their models, so that an editor completes and checks what is
typed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from lakehouse.access.model import Grants, RowFilters, Tags
from lakehouse.contracts.document import Document
from lakehouse.contracts.short.model import ShortTable
from lakehouse.contracts.suite import EXPECTATIONS, Suite
from lakehouse.environments.model import Environment
from lakehouse.environments.prices import Prices
from lakehouse.pipelines.config_doc import Config
from lakehouse.pipelines.detect import KINDS
from lakehouse.pipelines.graph_doc import WORK, GraphDoc
from lakehouse.pipelines.pipeline_settings import PipelineSettings

FOLDER = Path("docs/schemas")
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_texts() -> dict[str, str]:
    """Path from the project's root → text, one file per kind of fact below docs/schemas."""
    return {
        f"{FOLDER.as_posix()}/{name}": json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in fact_schemas().items()
    }


def fact_schemas() -> dict[str, dict[str, Any]]:
    """File name → JSON Schema 2020-12."""
    return {
        "contract.schema.json": _schema(Document),
        "table.schema.json": _schema(ShortTable),
        "suite.schema.json": _with_expectations(_schema(Suite)),
        "pipeline.schema.json": _of_one_kind(_schema(Config)),
        "pipeline_settings.schema.json": _schema(PipelineSettings),
        "pipeline_yml.schema.json": _of_one_work(_schema(GraphDoc)),
        "environment.schema.json": _partial(_schema(Environment)),
        "prices.schema.json": _schema(Prices),
        "tags.schema.json": _schema(Tags),
        "grants.schema.json": _schema(Grants),
        "row_filters.schema.json": _schema(RowFilters),
    }


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": DIALECT, **model.model_json_schema(by_alias=True)}


def _partial(schema: dict[str, Any]) -> dict[str, Any]:
    """An environment's file states only what differs from base.yml, so nothing in it is required."""
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("required", None)
    return schema


def _of_one_kind(schema: dict[str, Any]) -> dict[str, Any]:
    """Which of the two keys it has is the kind of a pipeline; a task has one of its two, likewise."""
    schema["oneOf"] = [
        {"required": [key], "properties": {"pipeline_type": {"pattern": f"^{kind}(_|$)"}}, "title": kind}
        for key, kind in KINDS.items()
    ]
    schema["$defs"]["Task"]["oneOf"] = [{"required": ["table"]}, {"required": ["sql_file"]}]
    schema["$defs"]["Step"]["oneOf"] = [{"required": [key]} for key in ("sql_file", "ingest", "gate")]
    return schema


def _of_one_work(schema: dict[str, Any]) -> dict[str, Any]:
    """A job of pipeline.yml has one of the keys that say what it does."""
    schema["$defs"]["GraphJob"]["oneOf"] = [{"required": [key]} for key in WORK]
    return schema


def _with_expectations(schema: dict[str, Any]) -> dict[str, Any]:
    """Offers the names of the expectations, and after each the arguments that it takes."""
    rule = schema["$defs"]["Expectation"]
    rule["properties"]["type"]["enum"] = list(EXPECTATIONS)
    rule["allOf"] = [_arguments(name, needs, takes) for name, (needs, takes) in EXPECTATIONS.items()]
    return schema


def _arguments(name: str, needs: frozenset[str], takes: frozenset[str]) -> dict[str, Any]:
    allowed = dict.fromkeys(sorted(needs | takes), True)
    kwargs = {"required": sorted(needs), "properties": allowed, "additionalProperties": False}
    then: dict[str, Any] = {"properties": {"kwargs": kwargs}}
    if needs:
        then["required"] = ["kwargs"]
    return {"if": {"properties": {"type": {"const": name}}}, "then": then}
