"""The file format of a short contract, `<table>.yml`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from lakehouse.contracts.document import Bound, Dependency, Name, TableName
from lakehouse.contracts.file_forms import CsvForm, Doc, FixedForm
from lakehouse.contracts.row_rule import RowRule
from lakehouse.contracts.source_document import FileFormat, Source


class ShortSource(Doc):
    """Where a bronze table's rows come from; the other keys are those of `x-lake.source`."""

    kind: Literal["snowflake", "redshift", "landing", "kafka"]
    object: str = Field(description="The table, the landing prefix, or the topic.", min_length=1)
    system: str | None = Field(
        default=None,
        description="What `_source_system` says; the first part of `object` where it is missing.",
    )
    format: FileFormat = "rows"
    csv: CsvForm | None = None
    fixed: FixedForm | None = None
    time_zone: str | None = None
    overlap_minutes: Annotated[int, Field(ge=0)] = Source.model_fields["overlap_minutes"].default
    partition_column: str | None = None


class ShortColumn(Doc):
    """A column that a line does not hold. The keys are the words of a line."""

    type: str = Field(description="Spark type, such as decimal(18,4); with ? at its end it may be null.")
    description: Annotated[str, Field(min_length=1)]
    key: bool = Field(default=False, description="Part of the primary key.")
    optional: bool = Field(default=False, description="A source may lack the column.")
    tags: dict[str, str] = Field(default_factory=dict, description="Lake Formation tags, such as pii.")
    min: Bound | None = None
    max: Bound | None = None
    above: Bound | None = None
    below: Bound | None = None
    min_length: Annotated[int, Field(ge=0)] | None = None
    max_length: Annotated[int, Field(ge=0)] | None = None
    pattern: str | None = None
    format: Literal["email", "uuid"] | None = None
    enum: list[Any] | None = None
    examples: list[Any] | None = None
    source: str | None = Field(default=None, description="Its name at the origin, where that differs.")
    date_format: str | None = Field(
        default=None, description="How files write it, such as dd.MM.yyyy, where that is not ISO 8601."
    )
    mask: Literal["hash", "partial", "drop", "clear"] | None = None
    reference: str | None = Field(default=None, description="<layer>.<table>.<column> it points to.")
    derived_from: list[str] = Field(
        default_factory=list, alias="from", description="<layer>.<table>.<column> it is computed from."
    )


def _form(value: object) -> str:
    return "long" if isinstance(value, dict) else "line"


# Told apart by hand, so that a wrong key gives one complaint and not one for each alternative.
ColumnForm = Annotated[
    Annotated[str, Tag("line")] | Annotated[ShortColumn, Tag("long")],
    Discriminator(_form),
]


class ShortTable(Doc):
    """The content of a `<table>.yml`."""

    description: Annotated[str, Field(min_length=1)] = Field(
        description="What a row is, and where it comes from."
    )
    title: str | None = Field(default=None, description="The first sentence of the description by default.")
    owner: str
    version: Annotated[int, Field(ge=1)] = 1
    write: Literal["append", "merge", "recompute", "scd2", "replace", "snapshot"] | None = Field(
        default=None, description="`append` by default in bronze; every other table states it."
    )
    store: Literal["delta", "postgres"] = "delta"
    key: Annotated[list[Name], Field(min_length=1)] | None = Field(
        default=None, description="The primary key, where its columns do not say `key` in their order."
    )
    business_key: list[Name] = Field(default_factory=list)
    sequence: Name | None = None
    delete_flag: Name | None = None
    partition_by: list[Name] = Field(default_factory=list)
    cluster_by: list[Name] = Field(default_factory=list)
    watermark_column: Name | None = Field(
        default=None, description="The sequence by default, where the table has a source that is no topic."
    )
    watermark_state_key: str | None = Field(
        default=None, description="<table>.files, <table>.offsets or <table>.<watermark_column> by default."
    )
    incremental_from: list[TableName] = Field(default_factory=list)
    depends_on: list[Dependency] = Field(default_factory=list)
    recompute_by: Name | None = None
    tracked: list[Name] = Field(default_factory=list)
    dropped: list[Name] = Field(default_factory=list)
    unknown_member: dict[str, Any] = Field(default_factory=dict)
    source: ShortSource | None = None
    rules: list[RowRule] = Field(
        default_factory=list,
        description="Conditions across the columns of a row: a row that breaks one goes to quarantine.",
    )
    additional_properties: bool | None = Field(
        default=None,
        alias="additionalProperties",
        description="Whether a source may send more columns: true by default in bronze and with a source.",
    )
    derive: bool = Field(
        default=False,
        description=(
            "Whether columns that are not stated here, and types that say `derived`, are those of the query "
            "or function that makes the table, as `lakehouse contracts derive` has written them beside it."
        ),
    )
    columns: dict[Name, ColumnForm] = Field(
        default_factory=dict,
        description=(
            "Column → `TYPE[?] [key] [optional] [word=value …] | description`, or the same as keys. Only "
            "with `derive` may it be left out."
        ),
    )
    standard_rules: bool = Field(
        default=True,
        description=(
            "Rules that follow from the contract: its columns and no others, at least one row (warn), "
            "the key complete and, but for appended tables, unique."
        ),
    )
    suite: list[dict[str, Any]] | None = Field(
        default=None,
        description="Further rules: `{not_null: column}`, with severity (critical by default) and why.",
    )
