"""How the text files of a source are written: `x-lake.source.csv` and `x-lake.source.fixed`."""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lakehouse.contracts.spelling import folded

Encoding = Literal[
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-5",
    "iso-8859-7",
    "iso-8859-9",
    "iso-8859-15",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1257",
    "cp437",
    "cp850",
    "cp852",
    "koi8-r",
    "macroman",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "big5",
    "gb18030",
]
# What stands for a sign of numbers, as a regex of Java and of Python. A blank of French and Swiss files may
# be one that does not break, wide or narrow.
NUMBER_SIGNS = {" ": "[ \u00a0\u202f]", "'": "['\u2019]", ".": "[.]", ",": "[,]"}
SourceName = Annotated[str, Field(min_length=1, pattern=r"^\S(.*\S)?$")]


class Doc(BaseModel):
    # Strict: "3" is no number and 1 is no truth, in a file that others read as JSON Schema.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class TextForm(Doc):
    """What text files share: characters, words for null, and how numbers are written."""

    encoding: Encoding = Field(
        default="utf-8", description="Of files without a byte order mark, which says it itself."
    )
    nulls: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list, description="Texts that mean null, such as NA; the empty text always does."
    )
    true_values: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list, description="Texts that are true in a column of booleans, beside true."
    )
    false_values: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list, description="Texts that are false in a column of booleans, beside false."
    )
    decimal: Literal[".", ","] = Field(
        default=".", description="What stands before the decimals of a number."
    )
    thousands: Literal[".", ",", " ", "'"] | None = Field(
        default=None,
        description="What parts the whole digits of a number by threes; a number may do without it.",
    )
    skip: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=0,
        description="How many lines of each file stand before its header, or first row.",
    )
    comment: Literal["#", "//", "--", "%", "*", "!", ";"] | None = Field(
        default=None, description="What lines begin with that are no rows, such as #."
    )

    @model_validator(mode="after")
    def _number_has_one_reading(self) -> Self:
        if self.thousands == self.decimal:
            raise ValueError(f"`thousands` and `decimal` are both '{self.decimal}'; wanted two signs")
        return self

    @model_validator(mode="after")
    def _word_has_one_meaning(self) -> Self:
        meanings = {"true_values": [*self.true_values, "true"], "false_values": [*self.false_values, "false"]}
        meanings["nulls"] = self.nulls
        for (first, words), (second, others) in combinations(meanings.items(), 2):
            if twice := set(words) & set(others):
                raise ValueError(f"'{min(twice)}' is in `{first}` and in `{second}`; wanted one of them")
        return self

    @property
    def has_other_lines(self) -> bool:
        """Whether some lines of a file are neither header nor rows."""
        return self.skip > 0 or self.comment is not None

    @property
    def has_own_numbers(self) -> bool:
        """Whether numbers are written otherwise than 1234.5."""
        return self.decimal != "." or self.thousands is not None


class CsvForm(TextForm):
    """How the CSV files of a source differ from RFC 4180 in UTF-8 with commas."""

    delimiter: Literal[",", ";", "\t", "|"] = Field(default=",", description="What parts the values.")
    quote: Literal['"', "'", "none"] = Field(
        default='"',
        description="What stands around values; `none`: quotes are characters like any other.",
    )
    escape: Literal["\\"] | None = Field(
        default=None,
        description="What stands before a quote or itself inside quotes, where a quote may be doubled too.",
    )
    header: bool = Field(default=True, description="Whether the first line of each file names its columns.")
    columns: list[SourceName] = Field(
        default_factory=list,
        description=(
            "The names of the columns by position, whatever a header says. Without it and without a "
            "header: those of the contract, in its order."
        ),
    )

    @model_validator(mode="after")
    def _escape_has_quotes(self) -> Self:
        if self.escape and self.quote == "none":
            raise ValueError("`escape` stands inside of quotes, and `quote` is none")
        return self

    @model_validator(mode="after")
    def _comment_begins_no_row(self) -> Self:
        if self.comment and self.comment[0] in (self.delimiter, self.quote):
            raise ValueError(f"`comment` '{self.comment}' begins as a row may; wanted a sign such as #")
        return self

    @model_validator(mode="after")
    def _names_are_distinct(self) -> Self:
        _refuse_twice(self.columns, "columns")
        return self

    @property
    def is_plain(self) -> bool:
        """Whether Spark's own reader of text reads such files."""
        usual = (self.delimiter, self.encoding) == (",", "utf-8")
        return usual and self.has_rfc_quotes and not self.has_other_lines

    @property
    def has_rfc_quotes(self) -> bool:
        """Whether quotes are written as RFC 4180 says."""
        return self.quote == '"' and self.escape is None

    @property
    def is_positional(self) -> bool:
        """Whether the names of columns come from the contract and not from the file."""
        return bool(self.columns) or not self.header


class FixedForm(TextForm):
    """Where the values of a line of fixed width stand."""

    fields: Annotated[dict[SourceName, list[Annotated[int, Field(ge=1)]]], Field(min_length=1)] = Field(
        description="Column → [first, last] character of a line, counted from 1. Blanks around are no value."
    )
    header: bool = Field(default=False, description="Whether the first line of each file is a header.")
    ragged: bool = Field(
        default=False, description="Whether a line may end early: what it lacks is null. Else it is broken."
    )

    @model_validator(mode="after")
    def _fields_stand_apart(self) -> Self:
        _refuse_twice(list(self.fields), "fields")
        before, end = "", 0
        for name, span in sorted(self.fields.items(), key=lambda item: item[1]):
            if len(span) != 2 or span[1] < span[0]:
                raise ValueError(f"field '{name}' is {span}; wanted [first, last], such as [1, 8]")
            if span[0] <= end:
                raise ValueError(f"field '{name}' begins at {span[0]}, inside of '{before}'")
            before, end = name, span[1]
        return self

    @property
    def is_plain(self) -> bool:
        """Whether Spark's own reader of text reads such files."""
        return self.encoding == "utf-8" and not self.has_other_lines

    @property
    def width(self) -> int:
        """The characters of a whole line."""
        return max(last for _, last in self.fields.values())


def _refuse_twice(names: list[str], key: str) -> None:
    spellings: dict[str, str] = {}
    for name in names:
        if spellings.setdefault(folded(name), name) != name or names.count(name) > 1:
            raise ValueError(f"`{key}` has '{name}' twice, in one spelling or two")
