"""The models of tags.yml, grants.yml and row_filters.yml, and the policy that they make together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lakehouse.contracts.contract import Contract
from lakehouse.contracts.document import Name, TableName

# Lake Formation stores keys and values in lower case, at most 50 characters.
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
RoleName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
Group = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Layer = Literal["bronze", "silver", "gold"]
Permission = Literal["describe", "select"]
JobPermission = Literal["describe", "select", "insert", "delete", "alter"]


class Stated(BaseModel):
    # Strict: an auditor reads the value as it is written, not as it could be converted.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Tag(Stated):
    """One LF-tag.

    A table gets its value from `tables`, else `owners`, else `layers`, else `default`; a column gets it from
    its contract, else from its table.
    """

    description: str
    values: Annotated[dict[Word, str], Field(min_length=1)] = Field(
        description="Each value that is allowed, and what it means."
    )
    default: Word | None = Field(None, description="The value of every table that nothing below names.")
    layers: dict[Layer, Word] = Field(default_factory=dict, description="The value of a layer's tables.")
    owners: dict[str, Word] = Field(
        default_factory=dict, description="The value of the tables of an owner, as their contracts name it."
    )
    tables: dict[TableName, Word] = Field(default_factory=dict, description="The value of single tables.")


class Tags(Stated):
    """The content of tags.yml."""

    tags: dict[Word, Tag]


class Role(Stated):
    """A group of people, with one IAM role in each environment."""

    description: str
    groups: Annotated[list[Group], Field(min_length=1)] = Field(
        description="Groups of the company's identity provider that may take the role on."
    )
    may: Annotated[list[Literal["query", "watch", "run"]], Field(min_length=1)] = Field(
        description=(
            "query: ask Athena. watch: see jobs, runs, logs and Airflow. run: start runs, by Airflow and by "
            "`lakehouse run`, and stop them, too."
        )
    )


class Grant(Stated):
    """What a role may do, with everything that carries the tags, or with one table, or with some columns of
    one table.
    """

    role: str
    permissions: Annotated[list[Permission], Field(min_length=1)]
    tags: Annotated[dict[str, Annotated[list[str], Field(min_length=1)]], Field(min_length=1)] | None = Field(
        None,
        description=(
            "A resource matches when it carries one of the values of each tag: AND across tags, OR "
            "within one."
        ),
    )
    table: str | None = Field(None, description="<layer>.<table>")
    columns: Annotated[list[str], Field(min_length=1)] | None = Field(
        None, description="Only these columns of `table`."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.tags is None) == (self.table is None) or (self.columns is not None and self.table is None):
            raise ValueError("either tags, or a table with or without columns")
        if self.columns is not None and self.permissions != ["select"]:
            raise ValueError("on columns the one permission is select")
        return self

    @property
    def text(self) -> str:
        """The tags as text for auditors: `layer: gold; pii: none or masked`."""
        if self.tags is not None:
            return "; ".join(f"{key}: {' or '.join(values)}" for key, values in self.tags.items())
        return f"table {self.table}" + (f" ({', '.join(self.columns)})" if self.columns else "")


class JobGrants(Stated):
    """What the role of a job may do with the catalog entries of the tables in its row."""

    reads: Annotated[list[JobPermission], Field(min_length=1)]
    writes: Annotated[list[JobPermission], Field(min_length=1)]
    registers: Annotated[list[JobPermission], Field(min_length=1)] = Field(
        description="With the tables that a job brings up to date in the catalog."
    )


class Grants(Stated):
    """The content of grants.yml."""

    roles: Annotated[dict[RoleName, Role], Field(min_length=1)]
    grants: list[Grant]
    jobs: JobGrants


class RowFilter(Stated):
    """A data cells filter: some rows, and some columns, of one table, for one role."""

    name: Word
    table: str
    role: str
    reason: str = Field(description="Why these rows, for the auditor.")
    rows: str = Field(
        description=(
            "Comparisons of columns with values, joined by and, or, not: is_current = true and "
            "country in ('DE', 'FR')."
        )
    )
    columns: Annotated[list[Name], Field(min_length=1)] | None = Field(
        None, description="Only these columns."
    )
    except_columns: Annotated[list[Name], Field(min_length=1)] | None = Field(
        None, description="All columns but these."
    )

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if self.columns is not None and self.except_columns is not None:
            raise ValueError("columns or except_columns, not both")
        return self

    def shown(self, contract: Contract) -> tuple[str, ...]:
        """The columns of the table that the filter shows."""
        stored = tuple(name for name, _ in contract.stored)
        if self.columns is not None:
            return tuple(c for c in stored if c in self.columns)
        return tuple(c for c in stored if c not in (self.except_columns or ()))


class RowFilters(Stated):
    """The content of row_filters.yml."""

    filters: list[RowFilter]


@dataclass(frozen=True)
class Policy:
    """Who may see what.

    Everything that it names exists, and each table has one value of each tag.
    """

    tags: dict[str, Tag]
    roles: dict[str, Role]
    grants: tuple[Grant, ...]
    jobs: JobGrants
    filters: tuple[RowFilter, ...]

    def grants_of(self, role: str) -> tuple[Grant, ...]:
        return tuple(g for g in self.grants if g.role == role)

    def filters_of(self, role: str) -> tuple[RowFilter, ...]:
        return tuple(f for f in self.filters if f.role == role)
