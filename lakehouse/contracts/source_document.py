"""What a contract of a bronze table says of the origin of its rows: `x-lake.source`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Doc(BaseModel):
    # Strict: "3" is no number and 1 is no truth, in a file that others read as JSON Schema.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class CsvForm(Doc):
    """How the CSV files of a source differ from RFC 4180 in UTF-8 with commas."""

    delimiter: Literal[",", ";", "\t", "|"] = Field(default=",", description="What parts the values.")
    encoding: Literal["utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "windows-1250"] = Field(
        default="utf-8", description="Of files without a byte order mark, which says it itself."
    )
    nulls: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list, description="Texts that mean null, such as NA; the empty text always does."
    )

    @property
    def is_plain(self) -> bool:
        """Whether Spark's own reader of text reads such files."""
        return (self.delimiter, self.encoding) == (",", "utf-8")


class Source(Doc):
    """Where a bronze table's rows come from."""

    kind: Literal["snowflake", "redshift", "landing", "kafka"]
    object: str = Field(description="The table, the landing prefix, or the topic.", min_length=1)
    format: Literal["rows", "json_lines", "json_array", "json_document", "csv", "cdc"] = Field(
        default="rows",
        description=(
            "`rows`: the source has types of its own. `cdc`: envelopes of inserts, updates and deletes. "
            "`json_array`: landing files that are one array of objects each."
        ),
    )
    csv: CsvForm | None = Field(
        default=None, description="Of landing files in CSV: how they differ from RFC 4180 in UTF-8."
    )
    system: str = Field(description="What `_source_system` says.")
    overlap_minutes: Annotated[int, Field(ge=0)] = Field(
        default=0, description="How far back each read reaches for late commits."
    )
    partition_column: str | None = Field(
        default=None, description="The whole-number column that parallel reads are split by."
    )

    @model_validator(mode="after")
    def _only_files_of_csv_have_a_form(self) -> Self:
        if self.csv is not None and (self.kind, self.format) != ("landing", "csv"):
            raise ValueError("`csv` only beside kind: landing and format: csv")
        return self

    @model_validator(mode="after")
    def _only_files_are_arrays(self) -> Self:
        if self.format == "json_array" and self.kind != "landing":
            raise ValueError("`json_array` only beside kind: landing")
        return self

    @property
    def csv_form(self) -> CsvForm:
        """The form of its CSV files, stated or not."""
        return self.csv or CsvForm()
