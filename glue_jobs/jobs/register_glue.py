"""register_glue: every table in the Glue catalog with its real columns, so that Athena can query it."""

from glue_jobs.kinds import Register

JOB = Register()
