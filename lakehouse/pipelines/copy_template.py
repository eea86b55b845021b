"""Copy templates of Azure Data Factory: which source is copied into which table, and which column becomes
which.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lakehouse.environments.names import LAYERS
from lakehouse.reading.check import check
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located, read_json

Kind = Literal["landing", "snowflake", "redshift"]
Format = Literal["rows", "json_lines", "csv"]
# ADF's names of what we can read.
SOURCES: dict[str, tuple[Kind, Format]] = {
    "JsonSource": ("landing", "json_lines"),
    "DelimitedTextSource": ("landing", "csv"),
    "SnowflakeSource": ("snowflake", "rows"),
    "SnowflakeV2Source": ("snowflake", "rows"),
    "AmazonRedshiftSource": ("redshift", "rows"),
    "PostgreSqlSource": ("redshift", "rows"),
    "PostgreSqlV2Source": ("redshift", "rows"),
}


@dataclass(frozen=True)
class CopyTemplate:
    """`object` is a landing prefix or a table of the source; `columns` are (column of the source, column of
    the table).
    """

    kind: Kind
    object: str
    format: Format
    system: str
    table: str
    columns: tuple[tuple[str, str], ...]


class _Part(BaseModel):
    # ADF writes much that only ADF needs.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Store(_Part):
    folder: str | None = Field(
        None, alias="wildcardFolderPath", description="The folder below the landing zone."
    )


class CopySource(_Part):
    type: str = Field(description=f"One of {', '.join(SOURCES)}.")
    store: Store = Field(default_factory=lambda: Store(), alias="storeSettings")


class Source(_Part):
    name: str | None = Field(None, description="Column of the source.")
    path: str | None = Field(None, description="Key of a JSON object, such as $['Amount'].")


class Sink(_Part):
    name: str = Field(description="Column of the table.")


class Pair(_Part):
    source: Source
    sink: Sink


class Translator(_Part):
    type: Literal["TabularTranslator"]
    mappings: list[Pair] = Field(min_length=1)


class Copied(_Part):
    source: CopySource
    sink: dict[str, Any]
    translator: Translator


class Reference(_Part):
    name: str = Field(alias="referenceName", min_length=1)
    parameters: dict[str, Any] = Field(default_factory=dict)


class Activity(_Part):
    name: str
    type: Literal["Copy"] = Field(description="Copy: no other activity is run here.")
    properties: Copied = Field(alias="typeProperties")
    inputs: list[Reference] = Field(min_length=1, max_length=1)
    outputs: list[Reference] = Field(min_length=1, max_length=1)


class Activities(_Part):
    activities: list[Activity] = Field(min_length=1, max_length=1)


class Template(_Part):
    name: str
    properties: Activities


def read_copy_template(file: Path, faults: Collector) -> CopyTemplate | None:
    """The one copy activity of a template; what is wrong with it is noted."""
    located = read_json(file, faults)
    template = check(Template, located, faults) if located else None
    return _copied(template.properties.activities[0], located, faults) if located and template else None


def _copied(activity: Activity, located: Located, faults: Collector) -> CopyTemplate | None:
    at = ("properties", "activities", 0)
    before = len(faults.faults)

    def note(what: str, wanted: str, *loc: str | int, value: str = "", among: tuple[str, ...] = ()) -> None:
        faults.add(
            "LK321",
            what,
            file=located.file,
            at=located.at((*at, *loc)),
            wanted=wanted,
            value=value,
            among=among,
        )

    source, given = activity.properties.source, activity.inputs[0]
    if source.type not in SOURCES:
        note(
            f"copies from '{source.type}', which is not read here",
            "a source of ADF that is",
            "typeProperties",
            "source",
            "type",
            value=source.type,
            among=tuple(SOURCES),
        )
    kind, form = SOURCES.get(source.type, ("landing", "csv"))
    location = source.store.folder if kind == "landing" else given.parameters.get("table")
    if not isinstance(location, str) or not location.strip("/*"):
        expected = "storeSettings.wildcardFolderPath" if kind == "landing" else "inputs[0].parameters.table"
        note("does not say what is copied", expected, "typeProperties", "source")
    layer, _, table = activity.outputs[0].name.partition("_")
    if layer not in LAYERS or not table:
        note(
            f"copies into '{activity.outputs[0].name}'",
            "<layer>_<table>, such as bronze_loan_book",
            "outputs",
            0,
            "referenceName",
        )
    columns = []
    for i, pair in enumerate(activity.properties.translator.mappings):
        name = pair.source.name or (pair.source.path or "").removeprefix("$").strip("[]'\".")
        if not name:
            note(
                "maps a column without a name",
                "source.name, or source.path",
                "typeProperties",
                "translator",
                "mappings",
                i,
                "source",
            )
        columns.append((name, pair.sink.name))
    if len(faults.faults) > before:
        return None
    return CopyTemplate(kind, str(location).strip("/*"), form, given.name, f"{layer}.{table}", tuple(columns))
