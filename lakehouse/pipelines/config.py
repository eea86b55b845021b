"""config.json as jobs: a streaming pipeline is one job with a proc per task, a batch one a job per step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lakehouse.pipelines import cells
from lakehouse.pipelines.cell_error import CellError
from lakehouse.pipelines.config_batch import batch_jobs
from lakehouse.pipelines.config_doc import Config
from lakehouse.pipelines.config_reader import ConfigReader
from lakehouse.pipelines.config_streaming import streaming_job
from lakehouse.pipelines.model import Kind, Pipeline
from lakehouse.pipelines.schedule_cell import schedule
from lakehouse.reading.check import check_readable
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import Located


def read_config(folder: Path, kind: Kind, located: Located, faults: Collector) -> Pipeline:
    """The pipeline of a folder, with every fault noted; without jobs when its config.json cannot be read."""
    doc, _ = check_readable(Config, located, faults)
    if doc is None:
        return Pipeline(folder.name, (), kind)
    reader = ConfigReader(folder, located, faults)
    if doc.pipeline_type.split("_")[0] != kind:
        message = f"pipeline_type is '{doc.pipeline_type}', and the file is of kind {kind}"
        expected = f"{kind}, or a name that begins with {kind}_"
        reader.note("LK320", message, expected, "pipeline_type")
    check_cell(reader, "notification_email", doc.notification_email, cells.notification)
    check_cell(reader, "schedule", doc.schedule, schedule)
    check_cell(reader, "", folder.name, cells.name)
    jobs = [streaming_job(doc, reader)] if kind == "streaming" else batch_jobs(doc, reader)
    return Pipeline(
        folder.name, tuple(jobs), kind, doc.pipeline_name, doc.description, doc.product or "", doc.fuse
    )


def check_cell(reader: ConfigReader, key: str, value: str, read: Callable[[str], object]) -> None:
    """Notes LK303 for a value that `read` does not take."""
    try:
        read(value)
    except CellError as e:
        reader.note(
            "LK303", f"{key or 'the folder'} {e}", e.wanted, *(key.split(".") if key else []), value=value
        )
