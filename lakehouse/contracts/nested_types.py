"""Reads the nested types of a contract: arrays, maps and structs of Spark, as `x-lake.type` writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LEAF = re.compile(
    r"(?:string|boolean|tinyint|smallint|int|bigint|float|double|date|timestamp|binary)\b"
    r"|decimal\((\d{1,2}),(\d{1,2})\)"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BLANKS = re.compile(r" *")


class NestedTypeError(ValueError):
    """Why a text is no nested type; for a person."""


@dataclass(frozen=True)
class Leaf:
    """A type without parts. `str` of each class is Spark's own spelling of the type."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class ArrayOf:
    """A list of values of one type."""

    element: NestedType

    def __str__(self) -> str:
        return f"array<{self.element}>"


@dataclass(frozen=True)
class MapOf:
    """Texts as keys, as an object of JSON has them, and values of one type."""

    value: NestedType

    def __str__(self) -> str:
        return f"map<string,{self.value}>"


@dataclass(frozen=True)
class StructOf:
    """Named fields, no two of which differ by case alone."""

    fields: tuple[tuple[str, NestedType], ...]

    def __str__(self) -> str:
        return f"struct<{','.join(f'{name}:{kind}' for name, kind in self.fields)}>"


NestedType = Leaf | ArrayOf | MapOf | StructOf


def nested_type(text: str) -> NestedType:
    """The type of a text such as `array<struct<sku:string,price:decimal(8,2)>>`. Raises NestedTypeError."""
    reader = _Reader(text)
    kind = reader.kind()
    if reader.rest():
        raise NestedTypeError(f"'{reader.rest()}' follows the type")
    return kind


class _Reader:
    def __init__(self, text: str) -> None:
        self._text, self._at = text.strip(" "), 0

    def rest(self) -> str:
        return self._text[self._at :]

    def kind(self) -> NestedType:
        if self._takes("array<"):
            return self._closed(ArrayOf(self.kind()))
        if self._takes("map<"):
            if not (self._takes("string") and self._takes(",")):
                raise NestedTypeError("the keys of a map are no strings, and those of JSON are")
            return self._closed(MapOf(self.kind()))
        if self._takes("struct<"):
            return self._closed(StructOf(self._fields()))
        leaf = _LEAF.match(self._text, self._at)
        if leaf is None:
            raise NestedTypeError(f"'{self.rest()}' begins with no type")
        if leaf[1] and not int(leaf[2]) <= int(leaf[1]) <= 38:
            raise NestedTypeError(f"{leaf[0]} has more than 38 digits, or more places than digits")
        self._at = leaf.end()
        return Leaf(leaf[0])

    def _fields(self) -> tuple[tuple[str, NestedType], ...]:
        fields: dict[str, tuple[str, NestedType]] = {}
        while True:
            self._takes("")
            name = _NAME.match(self._text, self._at)
            if name is None:
                raise NestedTypeError(f"'{self.rest()}' begins with no name of a field")
            self._at = name.end()
            if not self._takes(":"):
                raise NestedTypeError(f"no colon follows the field '{name[0]}'")
            if name[0].lower() in fields:
                raise NestedTypeError(f"two fields are '{name[0]}', but for their case")
            fields[name[0].lower()] = (name[0], self.kind())
            if not self._takes(","):
                return tuple(fields.values())

    def _closed(self, kind: NestedType) -> NestedType:
        if not self._takes(">"):
            raise NestedTypeError(f"'>' is missing before '{self.rest()}'")
        return kind

    def _takes(self, token: str) -> bool:
        """Whether the token follows, with blanks around it; then it is read."""
        blanks = _BLANKS.match(self._text, self._at)
        at = blanks.end() if blanks else self._at
        if not self._text.startswith(token, at):
            return False
        self._at = at + len(token)
        blanks = _BLANKS.match(self._text, self._at)
        self._at = blanks.end() if blanks else self._at
        return True
