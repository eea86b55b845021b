"""redshift_to_bronze: customer behaviour from Redshift, as the source has it."""

from glue_jobs.kinds import Ingest

JOB = Ingest()
