"""WHAT RUNS: pipelines, their jobs, parameters and the order that follows from them."""

from pipelines.model import Job, Pipeline
from pipelines.params import Param
from pipelines.reader import load_pipelines

__all__ = ["Job", "Param", "Pipeline", "load_pipelines"]
