"""Builds OpenLineage's datasets and facets from what a job knows about its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib import metadata
from typing import TYPE_CHECKING, Any

from glue_jobs.error_text import public_text, public_trace
from glue_jobs.errors import error_code
from glue_jobs.observability.redact import redact
from lakehouse.environments.model import Environment
from lakehouse.environments.names import table_uri

if TYPE_CHECKING:
    from openlineage.client.event_v2 import InputDataset, OutputDataset

_VERSION = metadata.version("lakehouse-platform")
PRODUCER = f"https://pypi.org/project/openlineage-python/#lakehouse-platform-{_VERSION}"


@dataclass(frozen=True)
class Dataset:
    """One table or place that a run reads or writes.

    `table`: `silver.orders`, or a URI: `s3://bucket/prefix`, `kafka://host:port/topic`,
    `postgres://host:port/db.schema.table`. `columns`: name and type, in order. `column_sources`: output
    column → the (table or URI, column) pairs it is made from. `rows`: written or read. `nulls`: nulls counted
    by column, where they were.
    """

    table: str
    columns: Sequence[tuple[str, str]] = ()
    column_sources: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    rows: int | None = None
    nulls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Parent:
    """The pipeline's run that started this one."""

    job: str
    run_id: str


@dataclass(frozen=True)
class Engine:
    """The engine that does the work, such as spark 3.5.6."""

    name: str
    version: str


@dataclass(frozen=True)
class LineageRun:
    """The facts that all events of a run share."""

    run_date: date
    parent: Parent | None = None
    engine: Engine | None = None
    streaming: bool = False


def job_namespace(env: Environment) -> str:
    """OpenLineage's namespace of the environment's jobs."""
    return f"{env.project}/{env.name}"


def dataset_name(env: Environment, table: str) -> tuple[str, str]:
    """(namespace, name) by OpenLineage's rules: for S3 the bucket, and the key without outer slashes."""
    scheme, _, rest = (table if "://" in table else table_uri(env, table)).partition("://")
    authority, _, path = rest.partition("/")
    return f"{scheme}://{authority}", path.strip("/") or "/"


def run_facets(run: LineageRun, namespace: str, error: BaseException | None) -> dict[str, Any]:
    """The facets of a run: its logical day, its parent, its engine and its error."""
    from openlineage.client import facet_v2 as ol

    start, end = run.run_date, run.run_date + timedelta(days=1)
    facets: dict[str, Any] = {
        "nominalTime": ol.nominal_time_run.NominalTimeRunFacet(f"{start}T00:00:00Z", f"{end}T00:00:00Z")
    }
    if run.parent:
        facets["parent"] = ol.parent_run.ParentRunFacet(
            ol.parent_run.Run(run.parent.run_id), ol.parent_run.Job(namespace, run.parent.job)
        )
    if run.engine:
        adapter = metadata.version("openlineage-python")
        facets["processing_engine"] = ol.processing_engine_run.ProcessingEngineRunFacet(
            run.engine.version, run.engine.name, adapter
        )
    if error:
        trace = redact(public_trace(error))
        message = redact(public_text(error)) or error_code(error)
        facets["errorMessage"] = ol.error_message_run.ErrorMessageRunFacet(message, "PYTHON", trace)
    return facets


def job_facets(run: LineageRun) -> dict[str, Any]:
    """The facets of a job: whether it is a batch or a stream."""
    from openlineage.client.facet_v2 import job_type_job

    kind = "STREAMING" if run.streaming else "BATCH"
    return {"jobType": job_type_job.JobTypeJobFacet(processingType=kind, integration="SPARK", jobType="JOB")}


def input_dataset(env: Environment, item: Dataset) -> InputDataset:
    """A table that a run reads, with its rows and nulls where they are known."""
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.facet_v2 import data_quality_metrics_input_dataset as quality

    namespace, name = dataset_name(env, item.table)
    facets: dict[str, Any] = {}
    if item.nulls or item.rows is not None:
        columns = {column: quality.ColumnMetrics(nullCount=nulls) for column, nulls in item.nulls.items()}
        facets["dataQualityMetrics"] = quality.DataQualityMetricsInputDatasetFacet(
            columnMetrics=columns, rowCount=item.rows
        )
    return InputDataset(namespace, name, facets, facets=_facets(env, item))


def output_dataset(env: Environment, item: Dataset) -> OutputDataset:
    """A table that a run writes, with its rows and nulls where they are known."""
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.facet_v2 import data_quality_metrics_dataset as quality
    from openlineage.client.facet_v2 import output_statistics_output_dataset as statistics

    namespace, name = dataset_name(env, item.table)
    about = _facets(env, item)
    if item.nulls:
        columns = {column: quality.ColumnMetrics(nullCount=nulls) for column, nulls in item.nulls.items()}
        about["dataQualityMetrics"] = quality.DataQualityMetricsDatasetFacet(
            columnMetrics=columns, rowCount=item.rows
        )
    facets: dict[str, Any] = {}
    if item.rows is not None:
        facets["outputStatistics"] = statistics.OutputStatisticsOutputDatasetFacet(rowCount=item.rows)
    return OutputDataset(namespace, name, facets, facets=about)


def _facets(env: Environment, item: Dataset) -> dict[str, Any]:
    from openlineage.client.facet_v2 import column_lineage_dataset as lineage
    from openlineage.client.facet_v2 import datasource_dataset, schema_dataset

    namespace, _ = dataset_name(env, item.table)
    facets: dict[str, Any] = {"dataSource": datasource_dataset.DatasourceDatasetFacet(namespace, namespace)}
    if item.columns:
        columns = [
            schema_dataset.SchemaDatasetFacetFields(name, kind, ordinal_position=i)
            for i, (name, kind) in enumerate(item.columns, 1)
        ]
        facets["schema"] = schema_dataset.SchemaDatasetFacet(fields=columns)
    if item.column_sources:
        fields = {
            column: lineage.Fields(
                [lineage.InputField(*dataset_name(env, table), source) for table, source in sources]
            )
            for column, sources in item.column_sources.items()
        }
        facets["columnLineage"] = lineage.ColumnLineageDatasetFacet(fields=fields)
    return facets
