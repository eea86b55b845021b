"""What is read of a source that nobody described: its columns, and values as texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


class OnboardError(ValueError):
    """A source that no contract can be made from."""


@dataclass(frozen=True)
class StatedType:
    """What a source itself says of a column. `nullable`: None where only the values tell it."""

    type: str
    nullable: bool | None = None
    doubt: str = ""


@dataclass(frozen=True)
class Sample:
    """Rows of one form.

    `form`: what the contract's source says beside kind and object. `broken`: records that the ingest would
    quarantine. `whole`: no row was left out. `json_types`: of each column of JSON, the types of its values.
    `types` and `key`: what the source states itself. `null_words`: whether it may name words for null.
    """

    form: dict[str, Any]
    columns: tuple[str, ...]
    rows: list[tuple[str | None, ...]]
    broken: int = 0
    whole: bool = True
    json_types: Mapping[str, set[str]] = field(default_factory=dict)
    types: Mapping[str, StatedType] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    null_words: bool = False


@dataclass(frozen=True)
class Origin:
    """Where the rows of a table come from.

    `rows`: how the contract describes a row. `head`: keys of the contract that follow from the origin.
    `columns`: those that no message or file holds, such as a message's offset. `next`: how the rows get into
    the table, a line each.
    """

    kind: Literal["landing", "snowflake", "kafka"]
    object: str
    rows: str
    noun: str = "the files"
    head: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    topic: str = ""
    streams: bool = False
    next: tuple[str, ...] = ()
