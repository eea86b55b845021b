"""kafka_csv_to_bronze: order events from Kafka, one CSV record each."""

from glue_jobs.kinds import Ingest

JOB = Ingest()
