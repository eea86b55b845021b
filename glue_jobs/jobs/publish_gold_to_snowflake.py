"""publish_gold_to_snowflake: gold into Snowflake by staged merge."""

from glue_jobs.kinds import Publish

JOB = Publish("snowflake")
