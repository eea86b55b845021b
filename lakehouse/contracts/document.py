"""The file format of a contract: JSON Schema 2020-12, and the platform's own keywords under `x-lake`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, ValidatorFunctionWrapHandler, WrapValidator

from lakehouse.contracts.file_forms import Doc
from lakehouse.contracts.row_rule import RowRule
from lakehouse.contracts.source_document import Source

JsonType = Literal["string", "integer", "number", "boolean", "object", "array", "null"]
Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]
TableName = Annotated[str, Field(pattern=r"^(bronze|silver|gold)\.[a-z][a-z0-9_]*$")]


def _exact(value: Any, as_float: ValidatorFunctionWrapHandler) -> float:
    """A whole number stays one where a float would be another number."""
    number: float = as_float(value)
    return value if isinstance(value, int) and int(number) != value else number


Bound = Annotated[float, WrapValidator(_exact)]


def _how_many(value: object) -> str:
    return "several" if isinstance(value, list) else "one"


# Told apart by hand, so that a wrong type gives one complaint and not one for each alternative.
Types = Annotated[
    Annotated[JsonType, Tag("one")] | Annotated[list[JsonType], Field(min_length=1), Tag("several")],
    Discriminator(_how_many),
]


class ColumnLake(Doc):
    """The platform's keywords of a column, beside its JSON Schema."""

    type: str | None = Field(
        default=None, description="Spark type, where JSON's own is too coarse: decimal(18,4), int."
    )
    source: str | None = Field(default=None, description="Its name at the origin, where that differs.")
    date_format: str | None = Field(
        default=None,
        description=(
            "How landing files write a date or a timestamp that is not in ISO 8601: dd.MM.yyyy, "
            "M/d/yyyy h:mm a, yyyyMMdd'T'HHmmssXXX; epoch_seconds, epoch_millis, epoch_micros."
        ),
    )
    tags: dict[str, str] = Field(
        default_factory=dict,
        description="Lake Formation tags; every column states its pii, such as email or none.",
    )
    mask: Literal["hash", "partial", "drop", "clear"] | None = Field(
        default=None,
        description=(
            "What is left of a pii column: of bronze when its rows are read, of any other table when "
            "its rows are written. `clear` leaves it as it is, for those who may see its tag."
        ),
    )
    derived_from: list[str] = Field(
        default_factory=list, description="<layer>.<table>.<column> it is computed from."
    )
    reference: str | None = Field(default=None, description="<layer>.<table>.<column> it points to.")


class Dependency(Doc):
    """A table whose rows this one looks up.

    When they change, the rows of this table that look up something else are derived again.
    """

    table: TableName
    on: dict[Name, Name] = Field(
        default_factory=dict,
        description="Column of the tables of `incremental_from` → the column of `table` that it equals.",
    )
    at: Name | None = Field(
        default=None,
        description=(
            "Column of the tables of `incremental_from`, a day or an instant: it looks up the row with "
            "valid_from <= at < valid_to."
        ),
    )
    valid_from: Name | None = Field(default=None, description="Column of `table`: where a row begins.")
    valid_to: Name | None = Field(
        default=None,
        description="Column of `table`: where it ends; without it a row holds until the next valid_from.",
    )
    per: list[Name] = Field(
        default_factory=list,
        description="Without valid_to: the columns of `table` whose rows follow one another.",
    )


class TableLake(Doc):
    """The platform's keywords of a table, beside its JSON Schema."""

    version: Annotated[int, Field(ge=1)]
    owner: str
    write: Literal["append", "merge", "recompute", "scd2", "replace", "snapshot"] = Field(
        description=(
            "`snapshot`: the rows of the run's date, computed from all of the inputs, in place of "
            "those of that date."
        )
    )
    store: Literal["delta", "postgres"] = Field(
        default="delta", description="`postgres`: a table of the Lakebase, in schema <layer>_db."
    )
    primary_key: Annotated[list[Name], Field(min_length=1)]
    business_key: list[Name] = Field(
        default_factory=list, description="SCD2: the natural key whose versions follow one another."
    )
    sequence: Name | None = Field(
        default=None, description="The newest row of a key is the one with the greatest value here."
    )
    delete_flag: Name | None = Field(default=None, description="A true value marks the key as deleted.")
    partition_by: list[Name] = Field(default_factory=list)
    cluster_by: list[Name] = Field(default_factory=list, description="Columns of OPTIMIZE ZORDER BY.")
    watermark_column: Name | None = None
    watermark_state_key: str | None = None
    incremental_from: list[TableName] = Field(
        default_factory=list, description="Inputs of which only what changed is read."
    )
    depends_on: list[Dependency] = Field(
        default_factory=list,
        description="Tables that the rows look up: where they change, the rows are derived again.",
    )
    recompute_by: Name | None = Field(
        default=None, description="The day column whose days are computed anew when an input changes in them."
    )
    tracked: list[Name] = Field(
        default_factory=list, description="SCD2: a change in one of these makes a version."
    )
    dropped: list[Name] = Field(
        default_factory=list,
        description="Columns that the table had and shall lose: the next run deletes their values.",
    )
    unknown_member: dict[str, Any] = Field(
        default_factory=dict, description="The row that a fact points to when its dimension row is missing."
    )
    source: Source | None = None
    rules: list[RowRule] = Field(
        default_factory=list,
        description="Conditions across the columns of a row: a row that breaks one goes to quarantine.",
    )


class Property(Doc):
    """One column."""

    type: Types
    description: Annotated[str, Field(min_length=1)] = Field(
        description="One line: what it is, its unit, what null means."
    )
    format: Literal["date", "date-time", "email", "uuid"] | None = None
    pattern: str | None = None
    enum: list[Any] | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    exclusive_minimum: Bound | None = Field(default=None, alias="exclusiveMinimum")
    exclusive_maximum: Bound | None = Field(default=None, alias="exclusiveMaximum")
    min_length: Annotated[int, Field(ge=0)] | None = Field(default=None, alias="minLength")
    max_length: Annotated[int, Field(ge=0)] | None = Field(default=None, alias="maxLength")
    examples: list[Any] | None = Field(
        default=None,
        description=(
            "Values that keep every rule of the column. One of them is known as sound before its "
            "pattern is tried."
        ),
    )
    x_lake: ColumnLake = Field(default_factory=lambda: ColumnLake(), alias="x-lake")


class Document(Doc):
    """The content of a `<table>.schema.json`."""

    dialect: Literal["https://json-schema.org/draft/2020-12/schema"] = Field(alias="$schema")
    id: str = Field(alias="$id")
    title: str
    description: str
    type: Literal["object"]
    properties: Annotated[dict[Name, Property], Field(min_length=1)]
    required: list[Name]
    additional_properties: bool = Field(default=True, alias="additionalProperties")
    x_lake: TableLake = Field(alias="x-lake")
