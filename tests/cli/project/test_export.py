"""The JSON Schemas that editors use are current, sound, and true to the project's own files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cli.project.export import FOLDER, fact_schemas, schema_texts
from lakehouse.project import project_root

ROOT = project_root()
SETTINGS: dict[str, Any] = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))
FILES = {
    "contract.schema.json": sorted(ROOT.glob("schemas/*/*.schema.json")),
    "table.schema.json": sorted(f for f in ROOT.glob("schemas/*/*.yml") if not f.name.endswith(".dq.yml")),
    "suite.schema.json": sorted(ROOT.glob("schemas/*/*.dq.yml")),
    "pipeline.schema.json": sorted(ROOT.glob("pipelines/*/config.json")),
    "pipeline_settings.schema.json": sorted(ROOT.glob("pipelines/*/settings.yml")),
    "pipeline_yml.schema.json": sorted(ROOT.glob("pipelines/*/pipeline.yml")),
    "environment.schema.json": sorted(f for f in ROOT.glob("environments/*.yml") if f.stem != "prices"),
    "prices.schema.json": [ROOT / "environments" / "prices.yml"],
    **{
        f"{name}.schema.json": [ROOT / "lakeformation" / f"{name}.yml"]
        for name in ("tags", "grants", "row_filters")
    },
}
PAIRS = [(name, file) for name, files in FILES.items() for file in files]


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(fact_schemas()[name])


def read(file: Path) -> Any:
    # JSON is YAML; BaseLoader would turn numbers into text.
    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        k: [r for r in v if "timestamp" not in r[0]]
        for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(file.read_text(encoding="utf-8"), Loader)


def test_each_kind_of_fact_has_a_schema() -> None:
    assert list(schema_texts()) == [f"{FOLDER}/{name}" for name in FILES]


@pytest.mark.parametrize("name", FILES)
def test_each_is_json_schema_2020_12(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(fact_schemas()[name])


@pytest.mark.parametrize(("name", "file"), PAIRS, ids=[f"{f.parent.name}-{f.name}" for _, f in PAIRS])
def test_an_editor_finds_no_fault_in_the_files_of_the_project(name: str, file: Path) -> None:
    assert [e.message for e in validator(name).iter_errors(read(file))] == []


STREAM = {
    "pipeline_name": "A",
    "pipeline_type": "streaming",
    "notification_email": "#a",
    "tasks": [{"task_name": "a", "table": "gold.a"}],
}
RULE = {
    "type": "expect_column_values_to_be_between",
    "kwargs": {"column": "a", "min_value": 0},
    "severity": "warn",
}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("environment.schema.json", {"glue": {"worker": 3}}, "'worker' was unexpected"),
        ("environment.schema.json", {"glue": {"workers": 1}}, "1 is less than the minimum of 2"),
        (
            "suite.schema.json",
            {"table": "silver.a", "expectations": [{**RULE, "type": "expect_nothing"}]},
            "is not one of",
        ),
        (
            "suite.schema.json",
            {"table": "silver.a", "expectations": [{**RULE, "kwargs": {"min_value": 0}}]},
            "'column' is a required property",
        ),
        (
            "suite.schema.json",
            {"table": "silver.a", "expectations": [{**RULE, "kwargs": {"column": "a", "mosty": 1}}]},
            "'mosty' was unexpected",
        ),
        ("contract.schema.json", {"x_lake": {}}, "'x_lake' was unexpected"),
        ("pipeline.schema.json", {"task": []}, "'task' was unexpected"),
        (
            "pipeline.schema.json",
            {"tasks": [], "execution_sequence": []},
            "is not valid under any of the given schemas",
        ),
        (
            "pipeline.schema.json",
            {**STREAM, "pipeline_type": "batch_sql"},
            "is not valid under any of the given schemas",
        ),
        (
            "pipeline.schema.json",
            {**STREAM, "tasks": [{"task_name": "a"}]},
            "is not valid under any of the given schemas",
        ),
    ],
)
def test_an_editor_marks_what_the_readers_would_refuse(name: str, value: Any, message: str) -> None:
    assert any(message in e.message for e in validator(name).iter_errors(value))


def test_the_editor_is_told_which_schema_each_file_has() -> None:
    names_of_files: dict[Path, str] = {}
    for entry in SETTINGS["json.schemas"]:
        names_of_files |= {
            f: Path(entry["url"]).name for glob in entry["fileMatch"] for f in ROOT.glob(glob.lstrip("/"))
        }
    for url, globs in SETTINGS["yaml.schemas"].items():
        names_of_files |= {f: Path(url).name for glob in globs for f in ROOT.glob(glob)}
    assert names_of_files == {file: name for name, file in PAIRS}
    assert {
        Path(u).parent for u in [e["url"] for e in SETTINGS["json.schemas"]] + list(SETTINGS["yaml.schemas"])
    } == {FOLDER}
