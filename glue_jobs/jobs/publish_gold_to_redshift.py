"""publish_gold_to_redshift: gold into Redshift by staged merge."""

from glue_jobs.kinds import Publish

JOB = Publish("redshift")
