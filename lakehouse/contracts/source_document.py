"""What a contract of a bronze table says of the origin of its rows: `x-lake.source`."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from lakehouse.contracts.file_forms import CsvForm, Doc, FixedForm, TextForm

FileFormat = Literal[
    "rows", "json_lines", "json_array", "json_document", "csv", "fixed_width", "parquet", "avro", "cdc"
]
# Files whose columns have types of their own.
COLUMNAR = ("parquet", "avro")
# What only files can be.
_OF_FILES = ("json_array", "fixed_width", *COLUMNAR)


class Source(Doc):
    """Where a bronze table's rows come from."""

    kind: Literal["snowflake", "redshift", "landing", "kafka"]
    object: str = Field(description="The table, the landing prefix, or the topic.", min_length=1)
    format: FileFormat = Field(
        default="rows",
        description=(
            "`rows`: the source has types of its own. `cdc`: envelopes of inserts, updates and deletes. "
            "`json_array`: landing files that are one array of objects each. `fixed_width`: lines whose "
            "values stand at the same characters."
        ),
    )
    csv: CsvForm | None = Field(
        default=None, description="Of landing files in CSV: how they differ from RFC 4180 in UTF-8."
    )
    fixed: FixedForm | None = Field(
        default=None, description="Of landing files of fixed width: where the values stand."
    )
    time_zone: str | None = Field(
        default=None,
        description="Where the clocks of landing files stand that state no offset, such as Europe/Berlin.",
    )
    system: str = Field(description="What `_source_system` says.")
    overlap_minutes: Annotated[int, Field(ge=0)] = Field(
        default=0, description="How far back each read reaches for late commits, also when no row is newer."
    )
    partition_column: str | None = Field(
        default=None, description="The whole-number column that parallel reads are split by."
    )

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError(f"'{name}' is no time zone; wanted one such as Europe/Berlin") from None
        return name

    @model_validator(mode="after")
    def _form_is_that_of_its_files(self) -> Self:
        if self.csv is not None and (self.kind, self.format) != ("landing", "csv"):
            raise ValueError("`csv` only beside kind: landing and format: csv")
        if self.fixed is not None and (self.kind, self.format) != ("landing", "fixed_width"):
            raise ValueError("`fixed` only beside kind: landing and format: fixed_width")
        if self.format in _OF_FILES and self.kind != "landing":
            raise ValueError(f"`{self.format}` only beside kind: landing")
        if self.format == "fixed_width" and self.fixed is None:
            raise ValueError("format: fixed_width needs `fixed`, with the fields of a line")
        if self.time_zone is not None and self.kind != "landing":
            raise ValueError("`time_zone` only beside kind: landing")
        return self

    @property
    def csv_form(self) -> CsvForm:
        """The form of its CSV files, stated or not."""
        return self.csv or CsvForm()

    @property
    def text_form(self) -> TextForm:
        """The form of its text files, stated or not."""
        return self.csv or self.fixed or CsvForm()
