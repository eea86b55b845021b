"""settings.yml beside job.csv: what rows cannot say of a whole pipeline."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from lakehouse.pipelines.config_doc import Doc
from lakehouse.reading.check import check
from lakehouse.reading.faults import Collector
from lakehouse.reading.located import read_yaml

FILE = "settings.yml"


class PipelineSettings(Doc):
    """Facts of a pipeline of rows as a whole."""

    fuse: bool = Field(False, description="One Glue run executes all jobs of the pipeline in one session.")


def read_settings(folder: Path, faults: Collector) -> PipelineSettings:
    """The settings of a pipeline's folder; the defaults where it has none or they are faulty."""
    if not (folder / FILE).exists():
        return PipelineSettings()
    located = read_yaml(folder / FILE, faults)
    return (located and check(PipelineSettings, located, faults)) or PipelineSettings()
