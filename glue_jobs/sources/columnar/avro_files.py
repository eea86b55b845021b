"""Reads an Avro file as batches of Arrow, with the types that its schema states."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from typing import Any

from glue_jobs.connections.staging import arrow
from glue_jobs.sources.file_text import UnreadableFileError

_PLAIN = {
    "null": "null",
    "boolean": "bool_",
    "int": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
    "bytes": "binary",
    "fixed": "binary",
    "string": "string",
    "enum": "string",
}


class AvroFile:
    """An Avro object container file of records. Raises UnreadableFileError for one of other values."""

    def __init__(self, raw: Any) -> None:
        self._reader = import_module("fastavro").reader(raw)
        schema = self._reader.writer_schema
        if not isinstance(schema, dict) or schema.get("type") != "record":
            raise UnreadableFileError("has values that are no records")
        # By the names that later places of the schema call them; a record inside of itself has no type here.
        self._named: dict[str, Any] = {}
        self.schema = arrow().schema(self._fields(schema))

    def batches(self, rows: int) -> Iterator[Any]:
        """At most so many rows at once."""
        pa = arrow()
        while records := list(islice(self._reader, rows)):
            columns = [pa.array([r[field.name] for r in records], field.type) for field in self.schema]
            yield pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _fields(self, record: Any) -> list[Any]:
        return [arrow().field(field["name"], self._type(field["type"])) for field in record["fields"]]

    def _type(self, kind: Any) -> Any:
        pa = arrow()
        if isinstance(kind, list):
            some = [each for each in kind if each != "null"]
            if len(some) > 1:
                raise UnreadableFileError("has a column of several types")
            return self._type(some[0]) if some else pa.null()
        if isinstance(kind, str):
            return self._named[kind] if kind in self._named else getattr(pa, _PLAIN[kind])()
        built = _logical(kind) or self._built(kind)
        if "name" in kind:
            self._named[kind["name"]] = built
        return built

    def _built(self, kind: Any) -> Any:
        pa = arrow()
        match kind["type"]:
            case "array":
                return pa.list_(self._type(kind["items"]))
            case "map":
                return pa.map_(pa.string(), self._type(kind["values"]))
            case "record":
                return pa.struct(self._fields(kind))
            case plain:
                return self._type(plain)


def _logical(kind: Any) -> Any:
    """The type of a logical type that fastavro gives values of; None for a plain one."""
    pa = arrow()
    match kind.get("logicalType"):
        case "decimal":
            return pa.decimal128(kind["precision"], kind.get("scale", 0))
        case "date":
            return pa.date32()
        case "uuid":
            return pa.string()
        case "time-millis":
            return pa.time32("ms")
        case "time-micros":
            return pa.time64("us")
        case "timestamp-millis" | "timestamp-micros":
            return pa.timestamp("us", tz="UTC")
        case "local-timestamp-millis" | "local-timestamp-micros":
            return pa.timestamp("us")
    return None
