"""The rows of parts of Parquet and Avro files under the contract's names, read on an executor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from glue_jobs.connections.staging import arrow
from glue_jobs.contract.align import RAW
from glue_jobs.sources.columnar.arrow_types import Fit
from glue_jobs.sources.columnar.arrow_values import texts_of, values_of
from glue_jobs.sources.columnar.columnar_objects import ColumnarObjects, Part
from glue_jobs.sources.columns import POSITION
from glue_jobs.sources.file_text import UnreadableFileError

# What the error of a pass says that met bytes which are no rows, behind a sound footer.
BROKEN = "this landing file is put aside: "
# Name → (name in the file, the contract's type, how its values become that).
Columns = dict[str, tuple[str | None, str, Fit]]


@dataclass(frozen=True)
class PartRows:
    """Reads parts on an executor."""

    objects: ColumnarObjects
    columns: Columns

    @property
    def ddl(self) -> str:
        fields = [f"`{POSITION}` string"]
        for name, (_, kind, fit) in self.columns.items():
            fields.append(f"`{name}` {kind if fit == 'same' else 'string'}")
            if fit == "same" and kind in _WITH_RAW:
                fields.append(f"`{RAW}{name}` string")
        return ", ".join(fields)

    @property
    def _names(self) -> list[str]:
        return [name for name, _, _ in self.columns.values() if name is not None]

    def batches(self, listed: Iterable[Any]) -> Iterator[Any]:
        """The rows of the listed parts."""
        names = self._names
        for part in _parts(listed):
            try:
                for number, rows in self.objects.batches(part, names):
                    yield self._batch(part.key, number, rows)
            except UnreadableFileError as fault:
                raise RuntimeError(f"{BROKEN}{part.key} {fault}") from None

    def faults(self, listed: Iterable[Any]) -> Iterator[Any]:
        """key, fault of the parts that cannot be read to their end."""
        pa, names = arrow(), self._names
        for part in _parts(listed):
            try:
                for _ in self.objects.batches(part, names):
                    pass
            except UnreadableFileError as fault:
                yield pa.RecordBatch.from_pydict({"key": [part.key], "fault": [str(fault)]})

    def _batch(self, key: str, number: int, rows: Any) -> Any:
        pa = arrow()
        count = rows.num_rows
        arrays = {POSITION: pa.array([f"{key}:{number + n}" for n in range(1, count + 1)], pa.string())}
        for name, (origin, kind, fit) in self.columns.items():
            array = pa.nulls(count) if origin is None else rows.column(rows.schema.get_field_index(origin))
            if fit == "text":
                arrays[name] = texts_of(array, kind)
                continue
            arrays[name], raw = values_of(array, kind)
            if kind in _WITH_RAW:
                arrays[RAW + name] = raw
        return pa.RecordBatch.from_pydict(arrays)


# Types with values that no column holds; see `values_of`.
_WITH_RAW = ("string", "date", "timestamp")


def _parts(listed: Iterable[Any]) -> Iterator[Part]:
    for batch in listed:
        for row in batch.to_pylist():
            yield Part(**row)
