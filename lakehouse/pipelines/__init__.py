"""Pipelines: their jobs, parameters and the order that follows from them."""

from lakehouse.pipelines.model import Job, Pipeline
from lakehouse.pipelines.params import Param
from lakehouse.pipelines.reader import jobs_in, load_pipelines

__all__ = ["Job", "Param", "Pipeline", "jobs_in", "load_pipelines"]
