"""The guide to config.json, SQL files and copy templates knows what the readers know.

So do the commands of the guide to a new pipeline.
"""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from lakehouse.pipelines import config_doc
from lakehouse.pipelines.copy_template import SOURCES
from lakehouse.pipelines.sql_catalogs import LAYERS
from lakehouse.project import project_root
from tests.cli.calls import Call
from tests.cli.pipeline.pipeline_tree import KINDS

GUIDES = project_root() / "docs" / "guides"
GUIDE = (GUIDES / "pipelines.md").read_text(encoding="utf-8")
SECTION = GUIDE.split("\n## config.json\n")[1].split("\n## ")[0]
ROWS: dict[str, list[str]] = {
    row[0].strip("`"): row
    for line in SECTION.splitlines()
    if line.startswith("| `")
    for row in [[c.strip() for c in line[1:-1].split("|")]]
}
PARTS: dict[str, type[BaseModel]] = {
    "job_cluster.": config_doc.Cluster,
    "kafka_source.": config_doc.KafkaSource,
    "postgres_connection.": config_doc.PostgresConnection,
}
MODELS = [("", config_doc.Config), ("", config_doc.Task), ("", config_doc.Step), *PARTS.items()]
FIELDS = {f"{at}{name}": field for at, model in MODELS for name, field in model.model_fields.items()}


def test_every_key_is_explained_and_no_other() -> None:
    assert sorted(ROWS) == sorted(FIELDS)


@pytest.mark.parametrize("key", FIELDS)
def test_a_default_is_the_one_that_the_reader_has(key: str) -> None:
    documented, default = ROWS[key][2], FIELDS[key].default
    shown: dict[Any, str] = {"": "empty", (): "empty", False: "`false`"}
    if default is PydanticUndefined:
        assert documented in ("required", "the environment's", "none", "empty")
    elif default is None:
        assert documented in ("", "the environment's", "all of the project", "the project's")
    elif isinstance(default, list):
        assert documented == "empty"
    else:
        assert documented == shown.get(default, f"`{default}`")
    assert (documented == "required") == FIELDS[key].is_required()


def test_every_closed_value_is_listed() -> None:
    for key, field in FIELDS.items():
        for kind in (field.annotation, *get_args(field.annotation)):
            for value in [v for v in get_args(kind) if isinstance(v, str)]:
                assert f"`{value}`" in SECTION, (key, value)


def test_every_name_of_a_layer_and_every_source_is_listed() -> None:
    for name in (*LAYERS, *SOURCES):
        assert f"`{name}`" in GUIDE


def test_every_kind_of_new_pipeline_is_explained() -> None:
    text = (GUIDES / "new-pipeline.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == sorted(KINDS)


def test_the_commands_of_the_guide_are_those_that_there_are(lakehouse: Call) -> None:
    text = (GUIDES / "new-pipeline.md").read_text(encoding="utf-8")
    used = set(re.findall(r"^lakehouse pipeline (\w+)", text, re.MULTILINE))
    assert used == set(re.findall(r"^│ (\w+) ", lakehouse("pipeline", "--help").out, re.MULTILINE))
