"""The rows of Parquet and Avro files, each by the columns and types that it states."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from glue_jobs.sources.columnar.arrow_types import Fit, arrow_type
from glue_jobs.sources.columnar.column_faults import column_fault, fit_in
from glue_jobs.sources.columnar.columnar_objects import ColumnarFormat, ColumnarObjects, ColumnarReport
from glue_jobs.sources.columnar.part_rows import BROKEN, Columns, PartRows
from glue_jobs.sources.columns import CORRUPT, ColumnMapping, match_columns
from glue_jobs.sources.landing_position import LandingFile, first_line
from glue_jobs.sources.source import Extract, RejectedFile
from lakehouse.contracts import SourcedContract

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from glue_jobs.aws import Aws

_PART_SCHEMA = "key string, etag string, size bigint, first int, last int, row bigint"
_FAULT_SCHEMA = "key string, fault string"
_READERS = 8
_MAX_TASKS = 1000


@dataclass(frozen=True)
class ColumnarFiles:
    """Files of one landing prefix. `broken`: what an earlier pass found, by the file's key."""

    contract: SourcedContract
    spark: SparkSession
    aws: Aws
    bucket: str
    files: list[LandingFile]
    broken: dict[str, str] = field(default_factory=dict)

    def extract(self) -> Extract:
        """The rows of the files that can be read."""
        groups = self._groups or [([], self._columns(ColumnMapping({}, (), ())))]
        frames = [self._frame(group, columns) for group, columns in groups]
        mappings = [mapping for _, mapping in self._mapped]
        return Extract(
            reduce(DataFrame.unionByName, frames),
            text=True,
            extra_columns=tuple(dict.fromkeys(name for mapping in mappings for name in mapping.extra)),
            missing_columns=tuple(dict.fromkeys(name for mapping in mappings for name in mapping.missing)),
            files=len(self.files),
            rejected=tuple(self._rejection(file) for file in self.files if file.key in self._rejected),
            read_again=self._read_again,
        )

    @cached_property
    def _mapped(self) -> list[tuple[list[LandingFile], ColumnMapping]]:
        """The files that can be read, those of the same columns together."""
        groups: dict[str, list[LandingFile]] = defaultdict(list)
        for file in self.files:
            if file.key not in self._rejected:
                groups[str(self._reports[file.key].schema.remove_metadata())].append(file)
        return [(group, self._mapping(group)) for group in groups.values()]

    @cached_property
    def _groups(self) -> list[tuple[list[LandingFile], Columns]]:
        return [(group, self._columns(mapping)) for group, mapping in self._mapped]

    @cached_property
    def _objects(self) -> ColumnarObjects:
        form: ColumnarFormat = "avro" if self.contract.source.format == "avro" else "parquet"
        return ColumnarObjects(self.bucket, form, self.aws.facts, self.aws.region)

    @cached_property
    def _reports(self) -> dict[str, ColumnarReport]:
        with ThreadPoolExecutor(_READERS) as pool:
            return {report.key: report for report in pool.map(self._objects.report, self.files)}

    @cached_property
    def _rejected(self) -> dict[str, str]:
        faults = dict(self.broken)
        for key, report in self._reports.items():
            fault = report.fault or column_fault(report.schema, self.contract)
            if fault:
                faults.setdefault(key, fault)
        return faults

    def _mapping(self, group: list[LandingFile]) -> ColumnMapping:
        names = self._reports[group[0].key].schema.names
        return match_columns(self.contract, names, first_line(self.bucket, group))

    def _columns(self, mapping: ColumnMapping) -> Columns:
        fits = self._fits
        names = mapping.source_names
        return {c.name: (names.get(c.name), c.type, fits[c.name]) for c in self.contract.columns}

    @cached_property
    def _fits(self) -> dict[str, Fit]:
        """Of each column: `same` where it is so in every file that has it."""
        fits: dict[str, Fit] = {}
        for column in self.contract.columns:
            each = {
                fit_in(self._reports[group[0].key].schema, name, column.type, self.contract)
                for group, mapping in self._mapped
                if (name := mapping.source_names.get(column.name)) is not None
            }
            fits[column.name] = "same" if each == {"same"} and arrow_type(column.type) is not None else "text"
        return fits

    def _listed(self, group: list[LandingFile]) -> DataFrame:
        parts = [part for file in group for part in self._reports[file.key].parts]
        listed = self.spark.createDataFrame([tuple(vars(part).values()) for part in parts], _PART_SCHEMA)
        return listed.repartition(max(1, min(len(parts), _MAX_TASKS)))

    def _frame(self, group: list[LandingFile], columns: Columns) -> DataFrame:
        reader = PartRows(self._objects, columns)
        rows = self._listed(group).mapInArrow(reader.batches, reader.ddl)
        return rows.withColumn(CORRUPT, F.lit(None).cast("string"))

    def _rejection(self, file: LandingFile) -> RejectedFile:
        reason = self._rejected[file.key]
        return RejectedFile(self.bucket, file.key, file.etag, file.size, file.modified, reason)

    def _read_again(self, error: BaseException) -> Extract | None:
        """The same rows without the files whose bytes end a pass; None for another error."""
        if BROKEN not in str(error):
            return None
        frames = [
            self._listed(group).mapInArrow(PartRows(self._objects, columns).faults, _FAULT_SCHEMA)
            for group, columns in self._groups
        ]
        faults = reduce(DataFrame.union, frames).collect() if frames else []
        broken = self.broken | {row.key: row.fault for row in faults}
        return None if broken == self.broken else replace(self, broken=broken).extract()
