"""Copy templates of Azure Data Factory: which source is copied into which table, and which column becomes
which.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    """`name` is that of the pipeline in the factory; `object` is a landing prefix or a table of the source;
    `columns` are (column of the source, column of the table).
    """

    kind: Kind
    object: str
    format: Format
    system: str
    table: str
    columns: tuple[tuple[str, str], ...]
    name: str = ""


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
    """The one copy activity of a template. Notes LK321 for each part that this platform cannot copy."""
    located = read_json(file, faults)
    template = check(Template, located, faults) if located else None
    if located is None or template is None:
        return None
    copy = _ActivityReader(template.properties.activities[0], located, faults).read()
    return copy and replace(copy, name=template.name)


@dataclass(frozen=True)
class _ActivityReader:
    activity: Activity
    located: Located
    faults: Collector

    def read(self) -> CopyTemplate | None:
        before = len(self.faults.faults)
        kind, form = self._source()
        location, table, columns = self._location(kind), self._table(), self._columns()
        if len(self.faults.faults) > before:
            return None
        system = self.activity.inputs[0].name
        return CopyTemplate(kind, location.strip("/*"), form, system, table, tuple(columns))

    def _source(self) -> tuple[Kind, Format]:
        source = self.activity.properties.source
        if source.type not in SOURCES:
            message, expected = (
                f"copies from '{source.type}', which is not read here",
                "a source of ADF that is",
            )
            loc = ("typeProperties", "source", "type")
            self._note(message, expected, *loc, value=source.type, among=tuple(SOURCES))
        return SOURCES.get(source.type, ("landing", "csv"))

    def _location(self, kind: Kind) -> str:
        """The folder below the landing zone, or the table of the source."""
        folder = self.activity.properties.source.store.folder
        location = folder if kind == "landing" else self.activity.inputs[0].parameters.get("table")
        if not isinstance(location, str) or not location.strip("/*"):
            expected = (
                "storeSettings.wildcardFolderPath" if kind == "landing" else "inputs[0].parameters.table"
            )
            self._note("does not say what is copied", expected, "typeProperties", "source")
        return str(location)

    def _table(self) -> str:
        name = self.activity.outputs[0].name
        layer, _, table = name.partition("_")
        if layer not in LAYERS or not table:
            expected = "<layer>_<table>, such as bronze_loan_book"
            self._note(f"copies into '{name}'", expected, "outputs", 0, "referenceName")
        return f"{layer}.{table}"

    def _columns(self) -> list[tuple[str, str]]:
        """(column of the source, column of the table) of each mapping."""
        columns = []
        for i, pair in enumerate(self.activity.properties.translator.mappings):
            name = pair.source.name or (pair.source.path or "").removeprefix("$").strip("[]'\".")
            if not name:
                loc = ("typeProperties", "translator", "mappings", i, "source")
                self._note("maps a column without a name", "source.name, or source.path", *loc)
            columns.append((name, pair.sink.name))
        return columns

    def _note(
        self, message: str, wanted: str, *loc: str | int, value: str = "", among: tuple[str, ...] = ()
    ) -> None:
        file, at = self.located.file, self.located.at(("properties", "activities", 0, *loc))
        self.faults.add("LK321", message, file=file, at=at, wanted=wanted, value=value, among=among)
