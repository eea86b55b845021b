"""What a job can be: ingest, build, gate, register, publish, maintain."""

from glue_jobs.kinds.build import Build
from glue_jobs.kinds.gate import Gate
from glue_jobs.kinds.ingest import Ingest
from glue_jobs.kinds.maintain import Maintain
from glue_jobs.kinds.publish import Publish
from glue_jobs.kinds.register import Register

__all__ = ["Build", "Gate", "Ingest", "Maintain", "Publish", "Register"]
