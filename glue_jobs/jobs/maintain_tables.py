"""maintain_tables: OPTIMIZE, ZORDER BY and VACUUM of every table of the lake."""

from glue_jobs.kinds import Maintain

JOB = Maintain()
