"""What a contract of a bronze table says of the origin of its rows: `x-lake.source`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Doc(BaseModel):
    # Strict: "3" is no number and 1 is no truth, in a file that others read as JSON Schema.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Source(Doc):
    """Where a bronze table's rows come from."""

    kind: Literal["snowflake", "redshift", "landing", "kafka"]
    object: str = Field(description="The table, the landing prefix, or the topic.", min_length=1)
    format: Literal["rows", "json_lines", "json_document", "csv", "cdc"] = Field(
        default="rows",
        description=(
            "`rows`: the source has types of its own. `cdc`: envelopes of inserts, updates and deletes."
        ),
    )
    system: str = Field(description="What `_source_system` says.")
    overlap_minutes: Annotated[int, Field(ge=0)] = Field(
        default=0, description="How far back each read reaches for late commits."
    )
    partition_column: str | None = Field(
        default=None, description="The whole-number column that parallel reads are split by."
    )
