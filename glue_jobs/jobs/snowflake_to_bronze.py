"""snowflake_to_bronze: orders, customers and products from Snowflake, as the source has them."""

from glue_jobs.kinds import Ingest

JOB = Ingest()
